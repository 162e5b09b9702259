/**
 * @file Parts of a data set that no group is torn between: near-duplicate clusters, customers, documents.
 */
import { shuffled } from "../math/index.ts";
import { randomStream } from "./shuffle.ts";

/**
 * Gives every row a part so that each group falls wholly into one.
 *
 * Groups are placed by size, the largest first, those of one size in a seeded order. Each goes to one of the parts that
 * still have room for all of it, drawn with the room that is left as weight, so that a small part gets its share of
 * middling groups too; where none has room, to the part with the most room left. Single rows come last and fill what is
 * left, so that shares are met to the row unless groups are too large for that.
 *
 * @param groupOf group of each row, any numbers
 * @param shares wanted share of each part, 0 or more; they need not sum to 1
 * @returns index into `shares` per row; the same for the same arguments
 * @throws {RangeError} if no share is above 0, or `groupOf` has not `count` values
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

/** Groups, largest first, equal ones shuffled. */
function bySize(sizes: readonly number[], below: (limit: number) => number): Uint32Array {
  const order = Uint32Array.from(shuffled([...sizes.keys()], below));
  const place = new Uint32Array(order.length);
  for (const [at, group] of order.entries()) place[group] = at;
  return order.sort(
    (a, b) => (sizes[b] as number) - (sizes[a] as number) || (place[a] as number) - (place[b] as number),
  );
}

/** Whole rows per part that sum to `count`, by largest remainder. */
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
