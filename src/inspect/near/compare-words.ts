/**
 * @file Two rows compared word by word, over their sorted words.
 */
import type { Words } from "./words.ts";

/** What two rows share and what each has alone. */
export interface WordDifference {
  /** Words that both have, as often as both have them. */
  readonly shared: number;
  readonly aloneA: number;
  readonly aloneB: number;
  /** Sum of `information` of the shared words, nats. */
  readonly sharedInformation: number;
  /** The larger of the sums of what each has alone, nats. */
  readonly aloneInformation: number;
  /** Whether each has words alone, and all of these hold digits. */
  readonly areNumbers: boolean;
}

/** Compares two rows as multisets; `null` as soon as one has more than `most` words alone. */
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

/** Jaccard index of two rows' sets of words: shared different words over all different words; 0 for two empty ones. */
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

/** How many different words lie in a sorted stretch. */
export function differentWords(sorted: Uint32Array, from: number, to: number): number {
  let different = 0;
  for (let at = from; at < to; at++) if (at === from || sorted[at] !== sorted[at - 1]) different++;
  return different;
}

/** Least share of what a pair's words carry that has to lie in the words that both have. */
const leastShared = 0.35;

/**
 * Whether two rows that are alike are so by more than a prompt's fixed words: words that all rows have carry nothing,
 * so that rows of one prompt around different questions carry more in what differs.
 */
export function carriesEnough(words: Words, a: number, b: number): boolean {
  const found = compareWords(words, a, b, Number.POSITIVE_INFINITY);
  if (found === null) return true;
  const { sharedInformation, aloneInformation } = found;
  return sharedInformation >= leastShared * (sharedInformation + aloneInformation);
}

/** Whether two rows have the same words in the same order. */
export function haveSameOrder({ ids, offsets }: Words, a: number, b: number): boolean {
  const [fromA, fromB] = [offsets[a] as number, offsets[b] as number];
  const length = (offsets[a + 1] as number) - fromA;
  if ((offsets[b + 1] as number) - fromB !== length) return false;
  for (let at = 0; at < length; at++) if (ids[fromA + at] !== ids[fromB + at]) return false;
  return true;
}
