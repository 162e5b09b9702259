/** @file Compares two rows word by word, over their sorted words. */
import type { Words } from "./words.ts";

/** Words that two rows share, and words that only one has. */
interface WordDifference {
  /** Number of shared words, counting repeats that both have. */
  readonly shared: number;
  readonly aloneA: number;
  readonly aloneB: number;
  /** Sum of `information` over the shared words, nats. */
  readonly sharedInformation: number;
  /** The larger sum of `information` over the words that only one row has, nats. */
  readonly aloneInformation: number;
  /** Whether each row has words of its own, and all of these contain digits. */
  readonly areNumbers: boolean;
}

/** Compares two rows as multisets; returns `null` as soon as one has more than `most` words of its own. */
export function compareWords(words: Words, a: number, b: number, most: number): WordDifference | null {
  const { sorted, offsets, information, hasDigit } = words;
  let [i, j] = [offsets[a] as number, offsets[b] as number];
  const [endA, endB] = [offsets[a + 1] as number, offsets[b + 1] as number];
  let [shared, aloneA, aloneB, sharedInformation, informationA, informationB] = [0, 0, 0, 0, 0, 0];
  let [numbersA, numbersB] = [0, 0];
  while (i < endA || j < endB) {
    const one = i < endA ? (sorted[i] as number) : Infinity;
    const two = j < endB ? (sorted[j] as number) : Infinity;
    if (one === two) {
      shared++;
      sharedInformation += information[one] as number;
      i++;
      j++;
    } else if (one < two) {
      if (++aloneA > most) return null;
      informationA += information[one] as number;
      numbersA += hasDigit[one] as number;
      i++;
    } else {
      if (++aloneB > most) return null;
      informationB += information[two] as number;
      numbersB += hasDigit[two] as number;
      j++;
    }
  }
  const aloneInformation = Math.max(informationA, informationB);
  const areNumbers = aloneA > 0 && aloneB > 0 && numbersA === aloneA && numbersB === aloneB;
  return { shared, aloneA, aloneB, sharedInformation, aloneInformation, areNumbers };
}

/** Jaccard index of two rows' sets of words; 0 for two empty ones. */
export function wordJaccard({ sorted, offsets }: Words, a: number, b: number): number {
  let [i, j] = [offsets[a] as number, offsets[b] as number];
  const [endA, endB] = [offsets[a + 1] as number, offsets[b + 1] as number];
  let [shared, all] = [0, 0];
  while (i < endA && j < endB) {
    const [one, two] = [sorted[i] as number, sorted[j] as number];
    const word = Math.min(one, two);
    all++;
    if (one === two) shared++;
    while (i < endA && sorted[i] === word) i++;
    while (j < endB && sorted[j] === word) j++;
  }
  all += differentWords(sorted, i, endA) + differentWords(sorted, j, endB);
  return all === 0 ? 0 : shared / all;
}

/** Number of distinct words in a sorted range. */
export function differentWords(sorted: Uint32Array, from: number, to: number): number {
  let different = 0;
  for (let at = from; at < to; at++) if (at === from || sorted[at] !== sorted[at - 1]) different++;
  return different;
}

/** Minimum share of a pair's information that the shared words must carry. */
const minShared = 0.35;

/**
 * Whether two similar rows share more than a prompt's fixed words. Words of all rows carry no information, so rows of
 * one prompt with different questions have most of their information in the differences.
 */
export function carriesEnough(words: Words, a: number, b: number): boolean {
  const found = compareWords(words, a, b, Number.POSITIVE_INFINITY);
  if (found === null) return true;
  const { sharedInformation, aloneInformation } = found;
  return sharedInformation >= minShared * (sharedInformation + aloneInformation);
}

/** Whether two rows have the same words in the same order. */
export function haveSameOrder({ ids, offsets }: Words, a: number, b: number): boolean {
  const [fromA, fromB] = [offsets[a] as number, offsets[b] as number];
  const length = (offsets[a + 1] as number) - fromA;
  if ((offsets[b + 1] as number) - fromB !== length) return false;
  for (let at = 0; at < length; at++) if (ids[fromA + at] !== ids[fromB + at]) return false;
  return true;
}
