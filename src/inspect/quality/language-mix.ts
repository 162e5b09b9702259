/** @file Rows in another language than the data set, and answers in another language than their prompt. */
import type { Observation } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { languageOf } from "./language.ts";
import { tell } from "./tell.ts";

/** If more rows than this share are in other languages, the data set is intentionally multilingual. */
const mostStrays = 0.2;

/** Minimum number of rows with a known language to determine the main one. */
const leastKnown = 20;

/** `DATA_LANGUAGE_MIXED`. */
export function languageMix(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const judged = rows.map((row) => ({
    row,
    asked: languageOf(row.prompt),
    answered: areLabels ? null : languageOf(row.answer),
  }));
  const strays = straysFrom(judged.map(({ asked, answered }) => asked ?? answered));
  const pairs = straysFrom(
    judged.map(({ asked, answered }) =>
      asked === null || answered === null ? null : `${asked}>${answered}`,
    ),
  );
  const hits = judged.flatMap(({ row, asked, answered }, index) => {
    if (strays.has(index)) return [{ row, reason: `in ${asked ?? answered}` }];
    if (asked === answered || !pairs.has(index)) return [];
    return [{ row, reason: `asked in ${asked}, answered in ${answered}` }];
  });
  return tell("DATA_LANGUAGE_MIXED", "note", part, hits, rows.length);
}

/** Indices of rows that differ from the most frequent kind; none if many differ. */
function straysFrom(kinds: readonly (string | null)[]): ReadonlySet<number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const known = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [main] = [...counts].sort((a, b) => b[1] - a[1]);
  if (main === undefined || known < leastKnown || known - main[1] > mostStrays * known) return new Set();
  return new Set([...kinds.keys()].filter((index) => kinds[index] !== null && kinds[index] !== main[0]));
}
