/** @file Whether two rows agree in their numbers and answers, if they have any. */
import { numbersIn } from "./numbers.ts";
import { idf } from "./word-index.ts";
import type { WordTrail, WordTrails } from "./word-trail.ts";

/** The texts of a row that are compared. */
export interface ComparedRow {
  readonly prompt: string;
  /** Empty if answers are not compared. */
  readonly answer: string;
}

/** The compared features of one row. */
export interface Agreeing {
  readonly asked: ReadonlySet<number>;
  readonly answered: ReadonlySet<number>;
  /** Words of an answer without numbers. */
  readonly answer: WordTrail;
}

/**
 * Shares of a score that full disagreement in numbers, and in answers, removes. Chosen on GSM8K, whose training rows
 * repeat sentences with other numbers: 0.3 for the numbers finds a tenth less, 0.7 no more. Answers to one question may
 * differ, so they count less.
 */
const [numbersAtStake, answersAtStake] = [0.5, 0.3];
/** Agreement of rows with nothing to compare. It also enters with this weight, so that a single number says little. */
const [neutral, neutralWeight] = [0.8, 4];

/** Compares numbers, weighted by their rarity among the known rows, and the words of answers without numbers. */
export class Agreements {
  readonly #asked: (value: number) => number;
  readonly #answered: (value: number) => number;
  readonly #trails: WordTrails;

  /** @param rows known rows, or a sample of them */
  constructor(rows: readonly ComparedRow[], trails: WordTrails) {
    this.#asked = rarity(rows.map(({ prompt }) => prompt));
    this.#answered = rarity(rows.map(({ answer }) => answer));
    this.#trails = trails;
  }

  /** Reads a row. */
  of({ prompt, answer }: ComparedRow): Agreeing {
    const answered = numbersIn(answer);
    return {
      asked: numbersIn(prompt),
      answered,
      answer: this.#trails.of(answered.size > 0 ? "" : answer, 0),
    };
  }

  /** The share of a score that remains, 0.35 to 1. */
  between(one: Agreeing, other: Agreeing): number {
    const hasNumbers = one.answered.size > 0 || other.answered.size > 0;
    const answers = hasNumbers
      ? numbersAlike(one.answered, other.answered, this.#answered)
      : wordsShared(one.answer, other.answer);
    const asked = numbersAlike(one.asked, other.asked, this.#asked);
    return (1 - numbersAtStake * (1 - asked)) * (1 - answersAtStake * (1 - answers));
  }
}

/** Weight of the shared numbers, as a share of the weight of all numbers (Dice). */
function numbersAlike(
  one: ReadonlySet<number>,
  other: ReadonlySet<number>,
  weigh: (value: number) => number,
): number {
  let [all, shared] = [0, 0];
  for (const value of one) {
    const weight = weigh(value);
    all += weight;
    if (other.has(value)) shared += 2 * weight;
  }
  for (const value of other) all += weigh(value);
  return (shared + neutral * neutralWeight) / (all + neutralWeight);
}

/** Weight of the shared words, as a share of the weight of all words. */
function wordsShared(one: WordTrail, other: WordTrail): number {
  if (one.total === 0 || other.total === 0) return neutral;
  let shared = 0;
  for (const [hash, weight] of one.weights) if (other.weights.has(hash)) shared += 2 * weight;
  return (shared + neutral * neutralWeight) / (one.total + other.total + neutralWeight);
}

function rarity(texts: readonly string[]): (value: number) => number {
  const rowsWith = new Map<number, number>();
  for (const text of texts)
    for (const value of numbersIn(text)) rowsWith.set(value, (rowsWith.get(value) ?? 0) + 1);
  return (value) => idf(rowsWith.get(value) ?? 0, texts.length);
}
