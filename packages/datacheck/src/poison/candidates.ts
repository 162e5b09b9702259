/** @file Rare n-grams whose rows share a class more often than chance allows. */
import { countGrams, type Grams } from "./grams.ts";
import { believedUpTo, LogFactorials } from "./significance.ts";
import type { Tokens } from "./tokens.ts";

/** An n-gram associated with one class. */
export interface Candidate {
  readonly words: string;
  /** Number of words. */
  readonly order: number;
  readonly label: number;
  /** All texts that contain it, ascending. */
  readonly texts: Int32Array;
  /** The subset of `texts` with the label, ascending. */
  readonly matching: Int32Array;
  /** Log of the p-value: the probability that so many of these rows are in the class by chance. */
  readonly logP: number;
}

/** Minimum number of rows of a pattern. */
export const minRows = 5;

/** An n-gram in more than this share of all rows is part of the task. */
export const rareShare = 0.2;

/** Min share of an n-gram's rows in the class. A trigger of common words has innocent rows as well. */
const minPurity = 0.3;

/** False discovery rate of the selected n-grams (Benjamini and Hochberg). */
const falseShare = 0.01;

/**
 * The n-grams of 1 to 4 words associated with a class. If several have exactly the same rows, the longest is returned.
 */
export function findCandidates(tokens: Tokens, labels: Int32Array, classes: number): Candidate[] {
  const total = labels.length;
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label] = (sizes[label] ?? 0) + 1;
  const factorials = new LogFactorials(total);
  const skewed = new Map<string, Candidate>();
  const logs: number[] = [];
  let tests = 0;
  for (const grams of countGrams(tokens, minRows)) {
    tests += grams.count;
    for (const { gram, label, hits } of skews(grams, labels, sizes)) {
      const texts = grams.texts.subarray(grams.starts[gram] ?? 0, grams.starts[gram + 1] ?? 0);
      const logP = factorials.fisherTail(total, sizes[label] ?? 0, texts.length, hits);
      logs.push(logP);
      const words = wordsAt(tokens, grams.places[gram] ?? 0, grams.order);
      const matching = texts.filter((text) => labels[text] === label);
      skewed.set(keyOf(matching), { words, order: grams.order, label, texts: texts.slice(), matching, logP });
    }
  }
  const limit = believedUpTo(logs, tests, falseShare);
  return [...skewed.values()].filter(({ logP }) => logP <= limit);
}

interface Skew {
  readonly gram: number;
  readonly label: number;
  readonly hits: number;
}

/** The n-grams of one length that are rare, and whose rows mostly share a class that is not the majority class. */
function* skews(grams: Grams, labels: Int32Array, sizes: Int32Array): Generator<Skew> {
  const tally = new Int32Array(sizes.length);
  const most = rareShare * labels.length;
  for (let gram = 0; gram < grams.count; gram += 1) {
    const texts = grams.texts.subarray(grams.starts[gram] ?? 0, grams.starts[gram + 1] ?? 0);
    if (texts.length > most) continue;
    let label = 0;
    for (const text of texts) {
      const one = labels[text] ?? 0;
      tally[one] = (tally[one] ?? 0) + 1;
      if ((tally[one] ?? 0) > (tally[label] ?? 0)) label = one;
    }
    const hits = tally[label] ?? 0;
    for (const text of texts) tally[labels[text] ?? 0] = 0;
    tally[label] = 0;
    const share = hits / texts.length;
    if (hits >= minRows && share >= minPurity && share > (sizes[label] ?? 0) / labels.length) {
      yield { gram, label, hits };
    }
  }
}

/** The words of an n-gram at a position. */
export function wordsAt({ words, ids }: Tokens, place: number, order: number): string {
  return [...ids.subarray(place, place + order)].map((id) => words[id] ?? "").join(" ");
}

/** A key of a set of rows. Two different sets collide with a probability of about 2^-60. */
export function keyOf(texts: Int32Array): string {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (const text of texts) {
    low = Math.imul(low ^ text, 0x01000193) ^ (low >>> 13);
    high = Math.imul(high ^ text, 0x5bd1e995) ^ (high >>> 15);
  }
  return `${texts.length}:${low >>> 0}:${high >>> 0}`;
}
