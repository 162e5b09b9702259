/** @file A word's contribution to what a question asks: the hash of its stem, or nothing. */
import { hashCodes, stemEnd } from "../paraphrase/stem.ts";

/** English words that change the tone of a question but not what it asks. Excludes prepositions and "not". */
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
