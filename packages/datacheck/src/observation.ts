/** @file The result of an inspection: a finding with all rows it is based on. */
import {
  type Finding,
  findingOf,
  type Place,
  type ProblemCode,
  placeText,
  type Severity,
} from "./problem/index.ts";
import type { Row } from "./row.ts";

/**
 * How to fix a row: drop it, drop the other row (a training row, if a held-out row stays as published), or redact it.
 */
export type Remedy = "drop" | "drop-other" | "redact";

/** One row that a finding is based on. */
export interface Evidence {
  readonly place: Place;
  /** A few words that follow "data.jsonl:7: ". Never a secret. */
  readonly reason: string;
  /** The row it repeats or contradicts. */
  readonly other?: Place;
  /** Line number in its answer, from 1. */
  readonly answerLine?: number;
  /** Scanners of code that found it. */
  readonly sources?: readonly string[];
  /** Absent if there is no automatic fix. */
  readonly remedy?: Remedy;
}

/** A finding with all its rows. The finding itself shows only a few. */
export interface Observation {
  readonly finding: Finding;
  /** Parameters of the finding's text: the part, the part it was compared with, the weakness. */
  readonly about: Readonly<Record<string, string | number>>;
  readonly evidence: readonly Evidence[];
}

/**
 * Creates an observation with the text of the problem catalog.
 *
 * @param about parameters of the text; `count` is the number of rows
 */
export function observe(
  code: ProblemCode,
  severity: Severity,
  about: Readonly<Record<string, string | number>>,
  evidence: readonly Evidence[],
): Observation {
  const where = evidence.map(({ place }) => place);
  const told = { count: evidence.length, ...about };
  return { finding: findingOf(code, severity, told, where, evidence.length), about: told, evidence };
}

/** A row with the reason for reporting it. */
export interface Hit {
  readonly row: Pick<Row, "place">;
  readonly reason: string;
  /** The row it repeats or contradicts. */
  readonly other?: Pick<Row, "place">;
  readonly remedy?: Remedy | null;
}

/** The rows with a reason. */
export function hitsIn(rows: readonly Row[], reasonFor: (row: Row) => string | null): Hit[] {
  return rows.flatMap((row) => {
    const reason = reasonFor(row);
    return reason === null ? [] : [{ row, reason }];
  });
}

/**
 * Creates one observation for all hits, or none without hits. Its text may use `split`, `first`, `percent` and `more`;
 * the last overrides the others.
 *
 * @param total number of rows that `hits` are a share of
 */
export function observeHits(
  code: ProblemCode,
  severity: Severity,
  split: string,
  hits: readonly Hit[],
  total: number,
  more: Readonly<Record<string, string | number>> = {},
): Observation[] {
  const [shown] = hits;
  if (shown === undefined) return [];
  const evidence = hits.map(({ row, reason, other, remedy }): Evidence => {
    return { place: row.place, reason, ...(other && { other: other.place }), ...(remedy && { remedy }) };
  });
  const place = placeText(shown.row.place);
  const first = shown.other ? `${place} as ${placeText(shown.other.place)}` : `${place}, ${shown.reason}`;
  const percent = ((100 * hits.length) / total).toFixed(1);
  return [observe(code, severity, { split, first, percent, ...more }, evidence)];
}
