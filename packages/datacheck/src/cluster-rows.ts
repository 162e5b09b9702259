/** @file Clusters of near duplicates, which a split must not separate. */
import type { Example } from "@tunewise/core/rows";
import { promptOf } from "./dataset/index.ts";
import { findNearPairs } from "./near/find-near-pairs.ts";
import type { Pairs } from "./near/pairs.ts";

/** Returns a cluster number per row. Near duplicates share a number, transitively. */
export function clusterRows(rows: readonly Example[]): Uint32Array {
  const { pairs } = findNearPairs(rows.map(promptOf), new Uint8Array(rows.length));
  const [row, other] = [pairs.row.subarray(0, pairs.count), pairs.other.subarray(0, pairs.count)];
  return clustersOf(rows.length, { row, other });
}

/**
 * Connected components: each row gets its cluster, named by the cluster's first row. A row without a partner is its own
 * cluster.
 *
 * Union-find with union by smaller name and path halving (Tarjan and van Leeuwen 1984).
 */
export function clustersOf(count: number, { row, other }: Pick<Pairs, "row" | "other">): Uint32Array {
  const parent = Uint32Array.from({ length: count }, (_, at) => at);
  const rootOf = (start: number): number => {
    let at = start;
    while (parent[at] !== at) {
      const above = parent[parent[at] as number] as number;
      parent[at] = above;
      at = above;
    }
    return at;
  };
  for (let at = 0; at < row.length; at++) {
    const [one, two] = [rootOf(row[at] as number), rootOf(other[at] as number)];
    if (one < two) parent[two] = one;
    else parent[one] = two;
  }
  return parent.map((_, at) => rootOf(at));
}
