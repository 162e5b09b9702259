/**
 * @file From rows with a reason each to an observation that names a part, the number and the first place.
 */
import { type ProblemCode, placeText, type Severity } from "../../problem/index.ts";
import { type Evidence, type Observation, observe, type Remedy } from "../observation.ts";
import type { Part, Row } from "../row.ts";

/** A row with what is wrong about it. */
export interface Hit {
  readonly row: Row;
  readonly reason: string;
  readonly remedy?: Remedy;
}

/** One observation about all hits; none where there are none. Sentences may name `split`, `first` and `percent`. */
export function tell(
  code: ProblemCode,
  severity: Severity,
  part: Part,
  hits: readonly Hit[],
  total: number,
  more: Readonly<Record<string, string | number>> = {},
): Observation[] {
  const [shown] = hits;
  if (shown === undefined) return [];
  const evidence = hits.map(({ row, reason, remedy }): Evidence => {
    return remedy === undefined ? { place: row.place, reason } : { place: row.place, reason, remedy };
  });
  const percent = ((100 * hits.length) / Math.max(1, total)).toFixed(1);
  const about = { split: part, first: `${placeText(shown.row.place)}, ${shown.reason}`, percent, ...more };
  return [observe(code, severity, about, evidence)];
}

/** The rows for which there is a reason. */
export function hitsIn(rows: readonly Row[], judge: (row: Row) => string | null, remedy?: Remedy): Hit[] {
  return rows.flatMap((row): Hit[] => {
    const reason = judge(row);
    if (reason === null) return [];
    return [remedy === undefined ? { row, reason } : { row, reason, remedy }];
  });
}

/** A piece of a row, short and on one line, for a reason. */
export function quoted(text: string): string {
  const line = text.replace(/\s{1,1000}/g, " ").trim();
  return `"${line.length > 40 ? `${line.slice(0, 40)}...` : line}"`;
}

/** What the first of the patterns that fits finds. */
export function firstMatch(patterns: readonly RegExp[], text: string): string | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
