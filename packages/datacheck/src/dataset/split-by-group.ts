/** @file Group-wise splits: near-duplicate clusters, customers or documents are never divided between splits. */
import { randomStream, shuffled } from "@tunewise/core/math";

/**
 * Assigns every row to a split so that each group is entirely in one.
 *
 * Groups are assigned by decreasing size, those of equal size in a seeded order. Each goes to a split that can take all
 * of it, drawn with the remaining capacity as weight, so that a small split gets its share of medium groups. If no
 * split can take it, it goes to the one with the most capacity left. Single rows come last and fill the rest, so that
 * shares are exact unless groups are too large.
 *
 * @param groupOf group of each row, as arbitrary numbers
 * @param shares desired share of each split, 0 or more; need not sum to 1
 * @returns index into `shares` per row; deterministic
 * @throws {RangeError} if no share is positive, or `groupOf` does not have `count` values
 */
export function splitByGroup(
  count: number,
  groupOf: ArrayLike<number>,
  shares: readonly number[],
  seed: number,
): Uint8Array {
  const total = shares.reduce((sum, share) => sum + Math.max(0, share), 0);
  if (!(total > 0) || groupOf.length !== count)
    throw new RangeError("Internal: no shares, or not a group per row");
  const { sizes, indexOf } = sizesOf(count, groupOf);
  const random = randomStream(seed);
  const order = bySize(sizes, random.below);
  const room = wantedRows(
    count,
    shares.map((share) => Math.max(0, share) / total),
  );
  const partOf = new Uint8Array(sizes.length);
  for (const group of order) {
    const size = sizes[group] as number;
    const part = choosePart(room, size, random.below);
    partOf[group] = part;
    room[part] = (room[part] as number) - size;
  }
  return Uint8Array.from(indexOf, (group) => partOf[group] as number);
}

function sizesOf(count: number, groupOf: ArrayLike<number>): { sizes: number[]; indexOf: Uint32Array } {
  const known = new Map<number, number>();
  const sizes: number[] = [];
  const indexOf = new Uint32Array(count);
  for (let row = 0; row < count; row++) {
    const group = groupOf[row] as number;
    let index = known.get(group);
    if (index === undefined) {
      index = sizes.length;
      known.set(group, index);
      sizes.push(0);
    }
    sizes[index] = (sizes[index] as number) + 1;
    indexOf[row] = index;
  }
  return { sizes, indexOf };
}

/** Groups by decreasing size, shuffled within a size. */
function bySize(sizes: readonly number[], below: (limit: number) => number): Uint32Array {
  const order = Uint32Array.from(shuffled([...sizes.keys()], below));
  const place = new Uint32Array(order.length);
  for (const [at, group] of order.entries()) place[group] = at;
  return order.sort(
    (a, b) => (sizes[b] as number) - (sizes[a] as number) || (place[a] as number) - (place[b] as number),
  );
}

/** Rows per split that sum to `count`, by the largest remainder method. */
function wantedRows(count: number, shares: readonly number[]): number[] {
  const rows = shares.map((share) => Math.floor(share * count));
  const byRemainder = shares
    .map((share, part) => ({ part, rest: share * count - Math.floor(share * count), share }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.rest - a.rest || b.share - a.share || a.part - b.part);
  let missing = count - rows.reduce((sum, one) => sum + one, 0);
  for (let at = 0; missing > 0; at++, missing--) {
    const { part } = byRemainder[at % byRemainder.length] as { part: number };
    rows[part] = (rows[part] as number) + 1;
  }
  return rows;
}

function choosePart(room: readonly number[], size: number, below: (limit: number) => number): number {
  const weights = room.map((left) => (left >= size ? left : 0));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  if (all === 0) return room.indexOf(Math.max(...room));
  let drawn = below(all);
  for (const [part, weight] of weights.entries()) {
    if (drawn < weight) return part;
    drawn -= weight;
  }
  return 0;
}
