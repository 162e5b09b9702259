/** @file Turns rows with reasons into an observation that names the part, the number and the first location. */
import { type ProblemCode, placeText, type Severity } from "../../problem/index.ts";
import { type Evidence, type Observation, observe, type Remedy } from "../observation.ts";
import type { Part, Row } from "../row.ts";

/** A row with the reason for reporting it. */
export interface Hit {
  readonly row: Row;
  readonly reason: string;
  readonly remedy?: Remedy;
}

/** Creates one observation for all hits, or none without hits. Sentences may use `split`, `first` and `percent`. */
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

/** The rows with a reason. */
export function hitsIn(rows: readonly Row[], judge: (row: Row) => string | null, remedy?: Remedy): Hit[] {
  return rows.flatMap((row): Hit[] => {
    const reason = judge(row);
    if (reason === null) return [];
    return [remedy === undefined ? { row, reason } : { row, reason, remedy }];
  });
}

/** A short single-line quote of a row, for a reason. */
export function quoted(text: string): string {
  const line = text.replace(/\s{1,1000}/g, " ").trim();
  return `"${line.length > 40 ? `${line.slice(0, 40)}...` : line}"`;
}

/** The match of the first pattern that matches. */
export function firstMatch(patterns: readonly RegExp[], text: string): string | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
