/** @file Batches and steps from row lengths: number, tokens, attention work, and the largest batch. */

import { sum } from "@tunewise/core/math";
import { tokens } from "@tunewise/core/quantity";
import type { TrainingSection } from "../../recipe/index.ts";
import { workConstants } from "../constants.ts";
import type { RowLength } from "../input.ts";
import type { Schedule } from "../plan.ts";
import { packRows, type Unit } from "./packs.ts";

/** Batches of one epoch. */
export interface Batches {
  readonly count: number;
  /** Tokens in the linear layers: no padding, a shared prefix once per batch. */
  readonly linearTokens: number;
  readonly labelledTokens: number;
  /** Cells of the attention grids: each row is padded to the batch's longest. */
  readonly attentionCells: number;
  /** The same without padding. */
  readonly usefulCells: number;
}

type Batching = Pick<TrainingSection, "batchSize" | "batching">;

/**
 * Groups training rows into batches like the engine, in expectation if it shuffles.
 *
 * Rows of a pack do not attend to each other, so a pack is a unit with the grid of its longest row.
 *
 * @param maxLength max. tokens of a row, and of a pack
 * @param sharedPrefix length of the shared prefix, or 0
 */
export function planBatches(
  rows: readonly RowLength[],
  { batchSize, batching }: Batching,
  maxLength: number,
  sharedPrefix: number,
): Batches {
  const lengths = sortedLengths(rows, maxLength);
  const singles = lengths.map((tokens): Unit => ({ rows: 1, tokens, longest: tokens }));
  const units = batching === "pack" ? packRows(lengths, maxLength) : singles;
  const together = Math.min(batchSize, units.length);
  const isShuffled = batching !== "length";
  const count = Math.ceil(units.length / batchSize);
  const prefix = count < rows.length ? usedPrefix(sharedPrefix, lengths) : 0;
  const cells = isShuffled ? shuffledCells(units, together, prefix) : sortedCells(lengths, batchSize, prefix);
  return {
    count,
    linearTokens: sum(lengths) - prefix * (lengths.length - count),
    labelledTokens: sum(rows.map(({ labelledTokens }) => labelledTokens)),
    attentionCells: cells + count * prefix * prefix,
    usefulCells: sum(lengths.map((length) => length * length)),
  };
}

/**
 * Groups rows into batches for computing losses: by length, limited by rows x longest.
 *
 * @param places max. rows x longest of a batch
 */
export function planLossBatches(
  rows: readonly RowLength[],
  places: number,
  maxLength: number,
  sharedPrefix: number,
): Batches {
  const lengths = sortedLengths(rows, maxLength);
  const prefix = usedPrefix(sharedPrefix, lengths);
  const groups = lossGroups(lengths, (length) => length, places);
  const cells = groups.map((group) => {
    const longest = group.at(-1) ?? 0;
    return group.length * longest * (longest - prefix);
  });
  return {
    count: groups.length,
    linearTokens: sum(lengths) - prefix * (lengths.length - groups.length),
    labelledTokens: sum(rows.map(({ labelledTokens }) => labelledTokens)),
    attentionCells: sum(cells) + groups.length * prefix * prefix,
    usefulCells: sum(lengths.map((length) => length * length)),
  };
}

/** Truncated lengths in ascending order. */
function sortedLengths(rows: readonly RowLength[], maxLength: number): number[] {
  return rows.map(({ tokens }) => Math.min(tokens, maxLength)).sort((a, b) => a - b);
}

/**
 * Length of the prefix that is computed once; the engine ignores a short one, and each row keeps at least one token.
 * `sorted` is ascending.
 */
export function usedPrefix(sharedPrefix: number, sorted: readonly number[]): number {
  const prefix = Math.min(sharedPrefix, (sorted[0] ?? 0) - 1);
  return prefix >= workConstants.shortestSharedPrefix ? prefix : 0;
}

/**
 * Expected attention cells of shuffled batches: the longest of the B - 1 other units, drawn from n, is the i-th with
 * probability (i / n)^(B-1) - ((i - 1) / n)^(B-1); a unit is padded to the longer of itself and that one.
 *
 * @source David and Nagaraja 2003, Order Statistics, section 2.1
 */
function shuffledCells(units: readonly Unit[], together: number, prefix: number): number {
  const rising = [...units].sort((a, b) => a.longest - b.longest);
  const share = (index: number): number => ((index + 1) / rising.length) ** (together - 1);
  let cells = 0;
  let wider = 0; // expected area due to longer units, weighted by probability
  for (let index = rising.length - 1; index >= 0; index--) {
    const { rows, longest } = rising[index] as Unit;
    const area = longest * (longest - prefix);
    cells += rows * (share(index) * area + wider);
    wider += (share(index) - (index === 0 ? 0 : share(index - 1))) * area;
  }
  return cells;
}

/** Attention cells of rows grouped by length, each batch padded to its longest. */
function sortedCells(sorted: readonly number[], batchSize: number, prefix: number): number {
  let cells = 0;
  for (let end = sorted.length; end > 0; end -= batchSize) {
    const longest = sorted[end - 1] ?? 0;
    cells += Math.min(batchSize, end) * longest * (longest - prefix);
  }
  return cells;
}

/** Groups rows in ascending order of length, each group limited by rows x longest. A longer row forms its own group. */
export function lossGroups<Row>(
  rising: readonly Row[],
  lengthOf: (row: Row) => number,
  places: number,
): Row[][] {
  const groups: Row[][] = [];
  for (const row of rising) {
    const group = groups.at(-1);
    if (group !== undefined && (group.length + 1) * lengthOf(row) <= places) group.push(row);
    else groups.push([row]);
  }
  return groups;
}

/**
 * Computes the schedule from batches and settings.
 *
 * @param rowTokens tokens of one epoch, with a shared prefix counted in every row
 */
export function planSchedule(
  training: TrainingSection,
  batches: Batches,
  rowTokens: number,
  hasValidation: boolean,
  { recompute, base }: Pick<Schedule, "recompute" | "base">,
): Schedule {
  const stepsPerEpoch = Math.ceil(batches.count / training.gradientAccumulationSteps);
  const steps =
    stepsPerEpoch === 0 ? 0 : (training.steps ?? Math.max(1, Math.round(training.epochs * stepsPerEpoch)));
  const epochs = stepsPerEpoch === 0 ? 0 : steps / stepsPerEpoch;
  const timesEvery = (every: number | null): number =>
    Math.ceil(steps / (every ?? Math.max(1, stepsPerEpoch)));
  const evaluations = hasValidation ? timesEvery(training.evaluateEvery) : 0;
  return {
    steps,
    stepsPerEpoch,
    microBatchesPerEpoch: batches.count,
    epochs,
    tokens: tokens(rowTokens * epochs),
    evaluations,
    checkpoints: timesEvery(training.checkpointEvery ?? training.evaluateEvery),
    recompute,
    base,
  };
}
