/** @file The exact batches of a run shorter than an epoch, which are known because their order is seeded. */
import type { BatchOrder, PlanInput, RowLength } from "../input.ts";
import { type Batches, usedPrefix } from "./batches.ts";

/** Inputs that determine the batches. */
type FirstBatchesInput = Pick<PlanInput, "recipe" | "order"> & {
  readonly lengths: Pick<PlanInput["lengths"], "train">;
};

/**
 * Returns the micro-batches of a run that ends within its first epoch, in order.
 *
 * @returns `null` if the run sees every row or the order is unknown; the plan then uses the expectation over all rows
 */
export function firstBatches({ recipe, lengths, order }: FirstBatchesInput): RowLength[][] | null {
  const { training, data } = recipe;
  if (!order || training.steps === null || lengths.train.length === 0) return null;
  const rows = lengths.train.map((row) => ({ ...row, tokens: Math.min(row.tokens, data.maxLength) }));
  const batches = firstEpoch(order, rows, recipe);
  const seen = training.steps * training.gradientAccumulationSteps;
  if (seen >= batches.length) return null;
  return batches.slice(0, seen).map((indices) => indices.map((index) => rows[index] as RowLength));
}

function firstEpoch(
  order: BatchOrder,
  rows: readonly RowLength[],
  { training, data }: FirstBatchesInput["recipe"],
): readonly (readonly number[])[] {
  const { batching, batchSize, seed } = training;
  const lengths = rows.map(({ tokens }) => tokens);
  return order(lengths, { batching, batchSize, seed, maxLength: data.maxLength }, 0);
}

/** Computes the work of given batches, like `planBatches` for all rows. */
export function workOf(known: readonly (readonly RowLength[])[], sharedPrefix: number): Batches {
  const sums = { linearTokens: 0, labelledTokens: 0, attentionCells: 0, usefulCells: 0 };
  for (const batch of known) {
    const lengths = batch.map(({ tokens }) => tokens).sort((a, b) => a - b);
    const longest = lengths.at(-1) ?? 0;
    const prefix = batch.length > 1 ? usedPrefix(sharedPrefix, lengths) : 0;
    sums.linearTokens += lengths.reduce((all, length) => all + length - prefix, prefix);
    sums.labelledTokens += batch.reduce((all, row) => all + row.labelledTokens, 0);
    sums.attentionCells += batch.length * longest * (longest - prefix) + prefix * prefix;
    sums.usefulCells += lengths.reduce((all, length) => all + length * length, 0);
  }
  return { count: known.length, ...sums };
}
