/** @file Finds national identification numbers in a text, by the rows of `national-rows.ts`. */

import { isAlphanumeric } from "../alphabet.ts";
import { followsWord } from "../format.ts";
import type { Span } from "../rule.ts";
import { isMadeUp } from "./check-digits.ts";
import { nationalRows } from "./national-rows.ts";

/** The identification number of one country. */
interface NationalId {
  readonly id: string;
  readonly title: string;
  /** Number of letters before the first digit. */
  readonly lead: number;
  /** Allowed lengths of the first run of digits. */
  readonly firstRun: readonly number[];
  /** The number's shape, from its first letter or digit on. */
  readonly shape: RegExp;
  /** Context word that must precede it, in lower case; `null` if shape and check digits suffice. */
  readonly context: RegExp | null;
  /** Validates the number's letters and digits without separators. */
  readonly accepts: (compact: string) => boolean;
}

/** Identification numbers by country. */
const nationalIds: readonly NationalId[] = nationalRows.map(
  ([[id, title, lead, firstRun], [shape, context, accepts]]) => ({
    id,
    title,
    lead,
    firstRun,
    shape,
    context,
    accepts,
  }),
);

/** A number and its country. */
interface NationalMatch extends Span {
  readonly of: NationalId;
}

const longest = 26;
const byRun = new Map<number, NationalId[]>();
for (const one of nationalIds) {
  for (const length of one.firstRun) byRun.set(length, [...(byRun.get(length) ?? []), one]);
}

/** The number whose first run of digits is from `first` to `runEnd`. */
export function readNationalId(text: string, first: number, runEnd: number): NationalMatch | null {
  for (const one of byRun.get(runEnd - first) ?? []) {
    const start = first - one.lead;
    if (start < 0 || isJoined(text.charCodeAt(start - 1))) continue;
    const found = one.shape.exec(text.slice(start, start + longest));
    if (
      found === null ||
      /^(?:[\p{L}\d_]|-\d|\.\d)/u.test(text.slice(start + found[0].length, start + longest))
    )
      continue;
    const compact = found[0].replace(/[\s./-]/g, "");
    if (isMadeUp(compact.replace(/\D/g, "")) || !one.accepts(compact)) continue;
    if (one.context !== null && !followsWord(text, start, one.context)) continue;
    return { start, end: start + found[0].length, of: one };
  }
  return null;
}

/** Whether the preceding character makes it part of something longer: a letter, a digit, `_`, `-`, `.`, `/`. */
function isJoined(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || (code >= 45 && code <= 47) || (code >= 0xc0 && code < 0x24f);
}
