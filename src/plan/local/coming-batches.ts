/**
 * @file The batches that a run of less than an epoch will see: their order is seeded, so they are known beforehand.
 */
import type { BatchOrder, PlanInput, RowLength } from "../input.ts";
import { type Batches, usedPrefix } from "./batches.ts";

/** What the batches follow from. */
export type ComingInput = Pick<PlanInput, "recipe" | "order"> & {
  readonly lengths: Pick<PlanInput["lengths"], "train">;
};

/**
 * The micro-batches of a run that ends within its first epoch, in order.
 *
 * @returns `null` where the run sees every row, or the order is not known: a plan then takes all rows as they are laid
 *   in expectation
 */
export function comingBatches({ recipe, lengths, order }: ComingInput): RowLength[][] | null {
  const { training, data } = recipe;
  if (!order || training.steps === null || lengths.train.length === 0) return null;
  const rows = lengths.train.map((row) => ({ ...row, tokens: Math.min(row.tokens, data.maxLength) }));
  const batches = firstEpoch(order, rows, recipe);
  const seen = training.steps * training.accumulation;
  if (seen >= batches.length) return null;
  return batches.slice(0, seen).map((indices) => indices.map((index) => rows[index] as RowLength));
}

function firstEpoch(
  order: BatchOrder,
  rows: readonly RowLength[],
  { training, data }: ComingInput["recipe"],
): readonly (readonly number[])[] {
  const { batching, batchSize, seed } = training;
  const lengths = rows.map(({ tokens }) => tokens);
  return order(lengths, { batching, batchSize, seed, maxLength: data.maxLength }, 0);
}

/** Batches as far as arithmetic sees them. */
export type Work = Omit<Batches, "worst">;

/** Work of given batches, as `layBatches` has it for all rows. */
export function workOf(coming: readonly (readonly RowLength[])[], sharedPrefix: number): Work {
  const sums = { linearTokens: 0, labelledTokens: 0, attentionCells: 0, usefulCells: 0 };
  for (const batch of coming) {
    const lengths = batch.map(({ tokens }) => tokens).sort((a, b) => a - b);
    const longest = lengths.at(-1) ?? 0;
    const prefix = batch.length > 1 ? usedPrefix(sharedPrefix, lengths) : 0;
    sums.linearTokens += lengths.reduce((all, length) => all + length - prefix, prefix);
    sums.labelledTokens += batch.reduce((all, row) => all + row.labelledTokens, 0);
    sums.attentionCells += batch.length * longest * (longest - prefix) + prefix * prefix;
    sums.usefulCells += lengths.reduce((all, length) => all + length * length, 0);
  }
  return { count: coming.length, ...sums };
}
