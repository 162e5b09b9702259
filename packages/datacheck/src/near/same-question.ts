/**
 * @file Whether two similar rows with different answers ask the same.
 *
 * "How many rivers are there in Texas" and "how many rivers are there in Idaho" share a template, and a task in PHP
 * differs from the same task in JavaScript: each has its own answer, and neither repeats the other. "What is the
 * capital of Iowa" and "what's the capital of Iowa, please" ask the same, so different answers contradict each other.
 * Two rows ask the same if they have the same content words in the same order.
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
