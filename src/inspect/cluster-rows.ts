/**
 * @file Rows that nearly repeat each other, put together so that a split does not tear them apart.
 */
import type { Example } from "../dataset/index.ts";
import { clustersOf } from "./near/clusters.ts";
import { findNearPairs } from "./near/find-near-pairs.ts";
import { promptOf } from "./row.ts";

/** A number per row, the same for rows that nearly repeat each other, over any number of steps. */
export function clusterRows(rows: readonly Example[]): Uint32Array {
  const { pairs } = findNearPairs(rows.map(promptOf), new Uint8Array(rows.length));
  const [row, other] = [pairs.row.subarray(0, pairs.count), pairs.other.subarray(0, pairs.count)];
  return clustersOf(rows.length, { row, other });
}
