/**
 * @file Rows with the same words in another order, and rows that differ by one word.
 *
 * The hash of a row's words as a multiset is a sum over the words, so the hash without one of them is a subtraction.
 * Two rows differ by one word exactly if such a hash of one equals such a hash (or the whole hash) of the other
 * (deletion neighbourhood: Mor and Fraenkel 1982, for letters of a word). Only the first row of a part is stored per
 * hash, and each match is verified word by word.
 *
 * **What counts.** In short rows another word often means another question ("what is my balance", "what is my
 * address"), so a pair is reported only if chance and templates do not explain it:
 *
 * 1. Both rows have 5 words or more.
 * 2. The shared words carry enough information. With n rows, a word in df of them carries ln((n + 1) / df) nats, and
 *    about n e^-I rows would share words of I nats by chance if words were independent. They are not, so the threshold
 *    is `surprise` times ln(n + 1). A prompt's boilerplate, which all rows have, carries nothing.
 * 3. The position of the changed word is not a template slot: at most `maxInSlot` rows have the same remaining words.
 * 4. The differing words carry at most the share `change` of the pair's total information, unless one row consists
 *    only of the other's words.
 * 5. The differing words are not both numbers, since that is the same question about something else.
 *
 * Reordered rows need rule 2 with ln(n + 1) once, and 3 words.
 */

import { mix32 } from "@tunewise/core/math";
import { BestPartners } from "./best-partners.ts";
import { compareWords, haveSameOrder } from "./compare-words.ts";
import { KeyTable } from "./hash.ts";
import type { Sides } from "./sides.ts";
import type { Words } from "./words.ts";

/** Min words of a row for a one-word difference, and max words, since longer rows are near duplicates anyway. */
const [minWords, maxWords] = [5, 40];
const minReordered = 3;

/** Thresholds of the rules above. */
interface OneWordLimits {
  readonly surprise: number;
  readonly change: number;
  readonly maxInSlot: number;
}

/** Chosen on pairs planted among the training questions of BANKING77; see `bench/inspect/near.mjs`. */
const oneWordLimits: OneWordLimits = { surprise: 2, change: 0.35, maxInSlot: 8 };

/** Maximum number of keys held at a time; more are processed in rounds over disjoint hash ranges. */
const keysAtOnce = 1 << 24;

/** Partners found. */
export interface OneWordResult {
  readonly reordered: BestPartners;
  readonly oneWord: BestPartners;
}

/** Finds both kinds of pairs among rows given in the order of comparison. */
export function findOneWord(
  words: Words,
  sides: Sides,
  rows: Uint32Array,
  limits: OneWordLimits = oneWordLimits,
): OneWordResult {
  const result = { reordered: new BestPartners(sides, words), oneWord: new BestPartners(sides, words) };
  let keys = 0;
  for (const row of rows) keys += keysOf(words, row);
  const rounds = Math.max(1, Math.ceil(keys / keysAtOnce));
  const least = limits.surprise * Math.log(words.count + 1);
  for (let round = 0; round < rounds; round++) {
    const index = new RemainderIndex(Math.ceil((keys / rounds) * 1.1) + 64);
    const inRound = (high: number): boolean => rounds === 1 || (mix32(high) >>> 0) % rounds === round;
    for (const row of rows) {
      remainderKeys(words, row, least, (low, high) => {
        if (inRound(high)) index.add(low, high, sides.part[row] as number, row);
      });
    }
    const placeOf = (row: number): number => sides.placeOf[row] as number;
    for (const row of rows) {
      remainderKeys(words, row, least, (low, high) => {
        if (!inRound(high)) return;
        for (let part = 0; part <= (sides.part[row] as number); part++) {
          const { other, inSlot } = index.find(low, high, part);
          if (other === -1 || placeOf(other) >= placeOf(row)) continue;
          judgeOneWord(words, { row, other, inSlot }, result, limits);
        }
      });
    }
  }
  return result;
}

/** Two rows with a common remainder, and the number of rows with it. */
export interface SharedRemainder {
  readonly row: number;
  readonly other: number;
  readonly inSlot: number;
}

/** Records a pair under its kind, if it qualifies. */
export function judgeOneWord(
  words: Words,
  { row, other, inSlot }: SharedRemainder,
  result: OneWordResult,
  limits: OneWordLimits = oneWordLimits,
): void {
  const found = compareWords(words, row, other, 1);
  if (found === null) return;
  const { shared, aloneA, aloneB, sharedInformation, aloneInformation } = found;
  const least = Math.log(words.count + 1);
  if (aloneA + aloneB === 0) {
    const isReordered = !haveSameOrder(words, row, other);
    if (isReordered && shared >= minReordered && sharedInformation >= least) {
      result.reordered.offer(row, other, 1);
    }
    return;
  }
  if (shared + Math.min(aloneA, aloneB) < minWords || inSlot > limits.maxInSlot) return;
  if (found.areNumbers || sharedInformation < limits.surprise * least) return;
  const change = aloneInformation / (sharedInformation + aloneInformation);
  if (aloneA + aloneB === 2 && change > limits.change) return;
  result.oneWord.offer(row, other, shared / (shared + aloneA + aloneB));
}

/** Number of hashes of a row: its own, and one per word left out. */
function keysOf({ offsets }: Words, row: number): number {
  const length = (offsets[row + 1] as number) - (offsets[row] as number);
  if (length < minReordered) return 0;
  return length >= minWords - 1 && length <= maxWords ? length + 1 : 1;
}

/** The contribution of one word to each of the two hash sums. */
function lowOf(word: number): number {
  return mix32(word + 0x51ed270b);
}
function highOf(word: number): number {
  return mix32(Math.imul(word, 0x9e3779b1) + 0x2545f491);
}

/** For each remainder, the first row of each part and the number of rows with it. */
export class RemainderIndex {
  readonly #table: KeyTable;
  readonly #inSlot: Uint8Array;

  /** @param keys maximum number of keys */
  constructor(keys: number) {
    this.#table = new KeyTable(keys);
    this.#inSlot = new Uint8Array(this.#table.values.length);
  }

  /** Adds a row, in the order of comparison. */
  add(low: number, high: number, part: number, row: number): void {
    const place = this.#placeOf(low, high, part);
    if (this.#table.values[place] === -1) this.#table.set(place, checkOf(high, part), row);
    this.#inSlot[place] = Math.min(255, (this.#inSlot[place] as number) + 1);
  }

  /** The first row of a part with a remainder, or -1, and the number of rows of the part with it, up to 255. */
  find(low: number, high: number, part: number): { readonly other: number; readonly inSlot: number } {
    const place = this.#placeOf(low, high, part);
    return { other: this.#table.values[place] as number, inSlot: this.#inSlot[place] as number };
  }

  #placeOf(low: number, high: number, part: number): number {
    return this.#table.placeOf(low + Math.imul(part, 0x632be5ab), checkOf(high, part));
  }
}

/** The min information of the shared words for which `remainderKeys` returns a key, nats. */
export function minInformation(texts: number): number {
  return oneWordLimits.surprise * Math.log(texts + 1);
}

/** The keys of a row: the hash of its words, and the hashes without one word that could qualify. */
export function remainderKeys(
  words: Words,
  row: number,
  least: number,
  use: (low: number, high: number) => void,
): void {
  const { sorted, offsets, information } = words;
  const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
  const keys = keysOf(words, row);
  if (keys === 0) return;
  let [low, high, carried] = [0, 0, 0];
  for (let at = from; at < to; at++) {
    low = (low + lowOf(sorted[at] as number)) | 0;
    high = (high + highOf(sorted[at] as number)) | 0;
    carried += information[sorted[at] as number] as number;
  }
  use(low, high);
  if (keys === 1) return;
  for (let at = from; at < to; at++) {
    const word = sorted[at] as number;
    if (at > from && word === sorted[at - 1]) continue;
    if (carried - (information[word] as number) < least - 1e-3) continue; // without this word the rest cannot qualify
    use((low - lowOf(word)) | 0, (high - highOf(word)) | 0);
  }
}

function checkOf(high: number, part: number): number {
  return high ^ Math.imul(part, 0x27d4eb2f);
}
