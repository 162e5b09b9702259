/**
 * @file Whether two similar rows with different answers ask the same.
 *
 * "How many rivers are there in Texas" and "how many rivers are there in Idaho" are one template, and the same task in
 * PHP and in JavaScript is another task: each has an answer of its own, and neither repeats the other. "What is the
 * capital of Iowa" and "what's the capital of Iowa, please" ask the same: with different answers they contradict each
 * other. Two rows ask the same if they have the same content words in the same order.
 */
import type { Words } from "./words.ts";

/** Whether two rows have the same content words in the same order. */
export function asksTheSame({ ids, offsets, meaning }: Words, row: number, other: number): boolean {
  const [endA, endB] = [offsets[row + 1] as number, offsets[other + 1] as number];
  let [a, b] = [offsets[row] as number, offsets[other] as number];
  for (;;) {
    while (a < endA && meaning[ids[a] as number] === 0) a++;
    while (b < endB && meaning[ids[b] as number] === 0) b++;
    if (a === endA || b === endB) return a === endA && b === endB;
    if (meaning[ids[a++] as number] !== meaning[ids[b++] as number]) return false;
  }
}
