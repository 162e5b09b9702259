/** @file The best partner of each row in each part, so that memory grows with rows and not with pairs. */
import type { PairKind, PairList } from "./pairs.ts";
import { asksTheSame } from "./same-question.ts";
import { answersDiffer, labelsDiffer, type Sides } from "./sides.ts";
import type { Words } from "./words.ts";

/** A consumer of pairs. */
export interface PartnerSink {
  /** Offers a pair in either order; the score is 0 to 1. */
  offer(one: number, two: number, score: number): void;
}

/**
 * Stores, per row and part, the best partner with the same answer and the best one with another answer.
 *
 * Rows with different answers are partners only if they ask the same, see `same-question.ts`.
 */
export class BestPartners implements PartnerSink {
  readonly #sides: Sides;
  readonly #words: Words | null;
  readonly #differ: typeof answersDiffer;
  readonly #slots: number;
  readonly #others: Int32Array;
  readonly #scores: Float32Array;

  /**
   * @param words words of the rows; `null` if rows may contain each other whatever they ask, so that only different
   * labels count as different answers
   */
  constructor(sides: Sides, words: Words | null) {
    this.#sides = sides;
    this.#words = words;
    this.#differ = words === null ? labelsDiffer : answersDiffer;
    this.#slots = sides.parts * (sides.answers === null ? 1 : 2);
    this.#others = new Int32Array(sides.count * this.#slots).fill(-1);
    this.#scores = new Float32Array(sides.count * this.#slots);
  }

  /** Records a pair in either order. Ties go to the earlier partner. */
  offer(one: number, two: number, score: number): void {
    const { placeOf, part, parts } = this.#sides;
    const differ = this.#differ(this.#sides, one, two);
    if (differ && this.#words !== null && !asksTheSame(this.#words, one, two)) return;
    const isLater = (placeOf[one] as number) > (placeOf[two] as number);
    const [row, other] = isLater ? [one, two] : [two, one];
    this.#keep(row * this.#slots + (part[other] as number) + (differ ? parts : 0), other, score);
  }

  /**
   * Adds the stored pairs to a list, those with the same answer first.
   *
   * @param followers rows of the same part and words that inherit a row's partners in other parts
   */
  addTo(list: PairList, kind: PairKind, followers: (row: number) => Iterable<number>): void {
    const add = (row: number, other: number, score: number): void =>
      list.add(row, other, kind, score, this.#differ(this.#sides, row, other));
    for (let row = 0; row < this.#sides.count; row++) {
      for (let slot = 0; slot < this.#slots; slot++) {
        const other = this.#others[row * this.#slots + slot] as number;
        if (other === -1) continue;
        const score = this.#scores[row * this.#slots + slot] as number;
        add(row, other, score);
        if (this.#sides.part[other] === this.#sides.part[row]) continue;
        for (const follower of followers(row)) add(follower, other, score);
      }
    }
  }

  #keep(slot: number, other: number, score: number): void {
    const held = this.#others[slot] as number;
    if (held !== -1) {
      const before = this.#scores[slot] as number;
      const kept = Math.fround(score);
      if (kept < before) return;
      const places = this.#sides.placeOf;
      if (kept === before && (places[other] as number) >= (places[held] as number)) return;
    }
    this.#others[slot] = other;
    this.#scores[slot] = score;
  }
}
