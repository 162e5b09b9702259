/** @file Composes batches, epoch by epoch: a pure function of rows, plan and seed. */

import { randomBelow, shuffled, xoshiro128From } from "@tunewise/core/math";
import type { TrainPlan } from "../engine.ts";

/** Settings that the order of batches depends on. */
export type BatchSettings = Pick<TrainPlan, "batching" | "batchSize" | "maxLength" | "seed">;

/** The length of a row, which is all that batching needs. */
export interface SizedRow {
  readonly ids: { readonly length: number };
}

type Below = (limit: number) => number;

/** Batches of similar length are drawn from a window of this many batches: little padding, and still a random order. */
const windowBatches = 50;

/**
 * The batches of an epoch, as indices into `rows`. Every row appears exactly once.
 *
 * @param epoch counts from 0
 */
export function epochBatches(
  rows: readonly SizedRow[],
  settings: BatchSettings,
  epoch: number,
): readonly (readonly number[])[] {
  const random = xoshiro128From(settings.seed, epoch, 0xba7c);
  const below = (limit: number): number => randomBelow(random, limit);
  const order = shuffled([...rows.keys()], below);
  switch (settings.batching) {
    case "ordered":
      return cut([...rows.keys()], settings.batchSize);
    case "shuffle":
      return cut(order, settings.batchSize);
    case "length":
      return byLength(order, rows, settings.batchSize, below);
    case "pack":
      return packed(order, rows, settings, below);
  }
}

function cut<Item>(order: readonly Item[], size: number): Item[][] {
  const batches: Item[][] = [];
  for (let from = 0; from < order.length; from += size) batches.push(order.slice(from, from + size));
  return batches;
}

function byLength(order: number[], rows: readonly SizedRow[], size: number, below: Below): number[][] {
  const length = (index: number): number => rows[index]?.ids.length ?? 0;
  const batches = cut(order, size * windowBatches).flatMap((window) =>
    cut(
      window.sort((a, b) => length(b) - length(a) || a - b),
      size,
    ),
  );
  return shuffled(batches, below);
}

/**
 * Packs of at most `maxLength` tokens, `batchSize` packs per batch. Rows of a pack lie side by side and do not attend
 * to each other, so a pack is a batch limited by tokens instead of rows.
 *
 * @source first-fit decreasing over windows of the shuffled rows (Johnson 1973)
 */
function packed(
  order: number[],
  rows: readonly SizedRow[],
  { maxLength, batchSize }: BatchSettings,
  below: Below,
): number[][] {
  const length = (index: number): number => rows[index]?.ids.length ?? 0;
  const packs: number[][] = [];
  for (const window of cut(order, 1024)) {
    const open: { rows: number[]; free: number }[] = [];
    for (const index of window.sort((a, b) => length(b) - length(a) || a - b)) {
      let pack = open.find(({ free }) => free >= length(index));
      if (!pack) {
        pack = { rows: [], free: maxLength };
        open.push(pack);
      }
      pack.rows.push(index);
      pack.free -= length(index);
    }
    packs.push(...open.map((pack) => pack.rows));
  }
  return cut(shuffled(packs, below), batchSize).map((group) => group.flat());
}
