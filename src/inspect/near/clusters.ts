/**
 * @file Rows joined by pairs fall into clusters, which a split must not tear.
 */
import type { Pairs } from "./pairs.ts";

/**
 * The cluster of each row, named by its first row; rows without a partner are clusters of their own.
 *
 * Union by smaller name with halved paths (Tarjan and van Leeuwen 1984).
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
