/** @file Finds national numbers of persons in a text, by the rows of `national-rows.ts`. */

import { isAlphanumeric } from "../alphabet.ts";
import { followsWord } from "../format.ts";
import type { Span } from "../rule.ts";
import { isMadeUp } from "./check-digits.ts";
import { nationalRows } from "./national-rows.ts";

/** One country's number. */
interface NationalId {
  readonly id: string;
  readonly title: string;
  /** Letters before the first digit. */
  readonly lead: number;
  /** Lengths the first run of digits may have. */
  readonly firstRun: readonly number[];
  /** The number, from its first letter or digit on. */
  readonly shape: RegExp;
  /** A word that must stand before, in lower case; `null` where shape and check digits say enough. */
  readonly context: RegExp | null;
  /** Judges the letters and digits alone. */
  readonly accepts: (compact: string) => boolean;
}

/** Numbers of persons, by country. */
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

/** A number and its kind. */
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

/** Whether a character before makes it the middle of something: a letter, a digit, `_`, `-`, `.`, `/`. */
function isJoined(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || (code >= 45 && code <= 47) || (code >= 0xc0 && code < 0x24f);
}
