/**
 * @file Whether two similar rows with different answers ask the same.
 *
 * "How many rivers are there in Texas" and "how many rivers are there in Idaho" are one template, and the same task in
 * PHP and in JavaScript is another task: each has an answer of its own, and neither repeats the other. "What is the
 * capital of Iowa" and "what's the capital of Iowa, please" ask the same: with different answers they contradict each
 * other. Two rows ask the same if they have the same content words in the same order.
 */
import { hashCodes, stemEnd } from "../paraphrase/stem.ts";
import type { Words } from "./words.ts";

/** English words that change the tone of a question and not what it asks. Prepositions and "not" are none of these. */
const toneWords =
  "a an the this that these those there i me my we us our you your it its is are was were be been am do does did can " +
  "could would will shall may have has had please kindly thanks thank hi hello hey ok okay so then just also really " +
  "very actually s m re ve ll d";

const toneHashes: ReadonlySet<number> = new Set(
  toneWords.split(" ").map((word) => {
    const units = Uint16Array.from(word, (letter) => letter.charCodeAt(0));
    return hashCodes(units, 0, units.length);
  }),
);

/** Hash of the stem of a word at `units[start..end)`; 0 for a word that does not change what is asked. */
export function meaningOf(units: Uint16Array, start: number, end: number): number {
  const whole = hashCodes(units, start, end);
  if (toneHashes.has(whole)) return 0;
  const stem = stemEnd(units, start, end);
  return (stem === end ? whole : hashCodes(units, start, stem)) || 1;
}

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
