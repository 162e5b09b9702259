/** @file Memorization: how much more the tuned model gained on its training rows than on held-out rows. */

import { bootstrapInterval } from "@tunewise/core/math";
import type { RowLoss } from "@tunewise/core/run";
import type { Interval } from "./score.ts";

/** Losses of both models on the same rows. */
export interface LossPair {
  readonly base: readonly RowLoss[];
  readonly tuned: readonly RowLoss[];
}

/** Mean losses of a group of rows, in nats per token. */
export interface GroupLoss {
  readonly rows: number;
  readonly base: number;
  readonly tuned: number;
}

/** The gap between rows in the training set and rows that were held out. */
export interface MemorizationGap {
  readonly train: GroupLoss;
  readonly heldOut: GroupLoss;
  /**
   * Gain on training rows minus gain on held-out rows, in nats per token. The base model saw neither, so inherently
   * easier rows have no effect.
   */
  readonly gap: number;
  /** 95 % confidence interval; `null` if a group has fewer than two rows. */
  readonly interval: Interval | null;
}

const draws = 2000;

/**
 * Compares the gain on training rows with the gain on held-out rows.
 *
 * @source difference in differences; rows of both groups drawn by the bootstrap: Efron and Tibshirani 1993, section 8.3
 */
export function compareMemorization(
  train: LossPair,
  heldOut: LossPair,
  settings: { readonly seed: number },
): MemorizationGap {
  const all = (pair: LossPair): Int32Array => Int32Array.from(pair.base.keys());
  const gapOf = (trainRows: Int32Array, heldRows: Int32Array): number =>
    gain(train, trainRows) - gain(heldOut, heldRows);
  const isEnough = train.base.length > 1 && heldOut.base.length > 1;
  const drawn = new Int32Array(heldOut.base.length);
  const statistic = (rows: Int32Array, pick: (limit: number) => number): number => {
    for (let at = 0; at < drawn.length; at++) drawn[at] = pick(drawn.length);
    return gapOf(rows, drawn);
  };
  return {
    train: groupOf(train, all(train)),
    heldOut: groupOf(heldOut, all(heldOut)),
    gap: gapOf(all(train), all(heldOut)),
    interval: isEnough ? bootstrapInterval(train.base.length, statistic, { ...settings, draws }) : null,
  };
}

function groupOf({ base, tuned }: LossPair, rows: Int32Array): GroupLoss {
  return { rows: rows.length, base: meanLoss(base, rows), tuned: meanLoss(tuned, rows) };
}

function gain({ base, tuned }: LossPair, rows: Int32Array): number {
  return meanLoss(base, rows) - meanLoss(tuned, rows);
}

function meanLoss(losses: readonly RowLoss[], rows: Int32Array): number {
  let [nll, tokens] = [0, 0];
  for (const row of rows) {
    const loss = losses[row] as RowLoss;
    nll += loss.nll;
    tokens += loss.labelledTokens;
  }
  return nll / tokens;
}
