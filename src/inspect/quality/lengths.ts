/**
 * @file Rows far longer or shorter than the others.
 */
import type { Observation } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { type Hit, tell } from "./tell.ts";

/** Robust z-score of the logarithm of the length beyond which a row is told. */
const outlierScore = 5;

/** The least spread that is assumed, in nats: rows of nearly one length make nobody an outlier below 12 times it. */
const leastSpread = 0.5;

/** In fewer rows no length is usual. */
const leastRows = 30;

/** The median absolute deviation times this is the standard deviation of a normal distribution. */
const normalScale = 1.4826;

/** `DATA_LENGTH_OUTLIER`: prompts and, unless they are labels, answers. */
export function lengthOutliers(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  if (rows.length < leastRows) return [];
  const prompts = outliers(rows, "prompt", ({ prompt }) => prompt.length);
  const answers = areLabels ? [] : outliers(rows, "answer", ({ answer }) => answer.length);
  const seen = new Set(prompts.map(({ row }) => row));
  const hits = [...prompts, ...answers.filter(({ row }) => !seen.has(row))];
  return tell("DATA_LENGTH_OUTLIER", "note", part, hits, rows.length);
}

function outliers(rows: readonly Row[], what: string, lengthOf: (row: Row) => number): Hit[] {
  const logs = Float64Array.from(rows, (row) => Math.log1p(lengthOf(row)));
  const middle = medianOf(logs);
  const deviations = logs.map((log) => Math.abs(log - middle));
  const spread = Math.max(leastSpread, normalScale * medianOf(deviations));
  const usual = Math.round(Math.expm1(middle));
  return rows.flatMap((row, index) =>
    (deviations[index] ?? 0) > outlierScore * spread
      ? [{ row, reason: `${what} of ${lengthOf(row)} characters, the median has ${usual}` }]
      : [],
  );
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
