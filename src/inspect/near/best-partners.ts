/** @file The best partner of each row in each part, so that memory grows with rows and not with pairs. */
import type { PairKind, PairList } from "./pairs.ts";
import { labelsDiffer, type Sides } from "./sides.ts";

/** A consumer of pairs. */
export interface PartnerSink {
  /** Offers a pair in either order; the score is 0 to 1. */
  offer(one: number, two: number, score: number): void;
}

/** Stores, per row and part, the best partner, and the best one with another label if there are labels. */
export class BestPartners implements PartnerSink {
  readonly #sides: Sides;
  readonly #slots: number;
  readonly #others: Int32Array;
  readonly #scores: Float32Array;

  constructor(sides: Sides) {
    this.#sides = sides;
    this.#slots = sides.parts * (sides.labels === null ? 1 : 2);
    this.#others = new Int32Array(sides.count * this.#slots).fill(-1);
    this.#scores = new Float32Array(sides.count * this.#slots);
  }

  /** Records a pair in either order. Ties go to the earlier partner. */
  offer(one: number, two: number, score: number): void {
    const { placeOf, part, labels, parts } = this.#sides;
    const isLater = (placeOf[one] as number) > (placeOf[two] as number);
    const [row, other] = isLater ? [one, two] : [two, one];
    const slot = row * this.#slots + (part[other] as number);
    this.#keep(slot, other, score);
    if (labels !== null && labels[row] !== labels[other]) this.#keep(slot + parts, other, score);
  }

  /** The partner of a row in a part, or -1. */
  partner(row: number, part: number): number {
    return this.#others[row * this.#slots + part] as number;
  }

  /**
   * Adds the stored pairs to a list.
   *
   * @param followers rows of the same part and words that inherit a row's partners in other parts
   */
  addTo(list: PairList, kind: PairKind, followers: (row: number) => Iterable<number>): void {
    for (let row = 0; row < this.#sides.count; row++) {
      for (let slot = 0; slot < this.#slots; slot++) {
        const other = this.#others[row * this.#slots + slot] as number;
        if (other === -1) continue;
        const isSecond = slot >= this.#sides.parts;
        if (isSecond && this.#others[row * this.#slots + slot - this.#sides.parts] === other) continue;
        const score = this.#scores[row * this.#slots + slot] as number;
        list.add(row, other, kind, score, labelsDiffer(this.#sides, row, other));
        if (this.#sides.part[other] === this.#sides.part[row]) continue;
        for (const follower of followers(row)) {
          list.add(follower, other, kind, score, labelsDiffer(this.#sides, follower, other));
        }
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
