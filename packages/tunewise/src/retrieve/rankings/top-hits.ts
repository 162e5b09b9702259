/** @file Top-k selection without sorting everything. */

/** A passage and its score; higher is better. */
export interface Hit {
  /** Index of the passage, from 0. */
  readonly passage: number;
  readonly score: number;
}

/**
 * Retains the k best scores in a min-heap. Ties go to the lower passage number, so that the order never depends on
 * the order of insertion.
 */
export class TopHits {
  readonly #passages: Uint32Array;
  readonly #scores: Float64Array;
  #size = 0;

  constructor(most: number) {
    this.#passages = new Uint32Array(most);
    this.#scores = new Float64Array(most);
  }

  /** Minimum score to be retained; minus infinity while fewer than k are retained. */
  get threshold(): number {
    if (this.#scores.length === 0) return Number.POSITIVE_INFINITY;
    return this.#size < this.#scores.length ? Number.NEGATIVE_INFINITY : (this.#scores[0] as number);
  }

  offer(passage: number, score: number): void {
    if (this.#size < this.#scores.length) {
      this.#rise(this.#size++, passage, score);
    } else if (this.#size > 0 && this.#isWorse(0, passage, score)) {
      this.#sink(passage, score);
    }
  }

  /** The retained hits, best first. */
  hits(): Hit[] {
    const hits = Array.from({ length: this.#size }, (_, at) => ({
      passage: this.#passages[at] as number,
      score: this.#scores[at] as number,
    }));
    return hits.sort(byScore);
  }

  /** Whether the hit at a heap position is worse than this one. */
  #isWorse(at: number, passage: number, score: number): boolean {
    const kept = this.#scores[at] as number;
    return kept < score || (kept === score && (this.#passages[at] as number) > passage);
  }

  #put(at: number, passage: number, score: number): void {
    this.#passages[at] = passage;
    this.#scores[at] = score;
  }

  #rise(from: number, passage: number, score: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#isWorse(above, passage, score)) break;
      this.#put(at, this.#passages[above] as number, this.#scores[above] as number);
      at = above;
    }
    this.#put(at, passage, score);
  }

  #sink(passage: number, score: number): void {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#size) break;
      const other = below + 1;
      if (
        other < this.#size &&
        this.#isWorse(other, this.#passages[below] as number, this.#scores[below] as number)
      ) {
        below = other;
      }
      if (!this.#isWorse(below, passage, score)) break;
      this.#put(at, this.#passages[below] as number, this.#scores[below] as number);
      at = below;
    }
    this.#put(at, passage, score);
  }
}

/** Best first; ties go to the lower number. */
export function byScore(a: Hit, b: Hit): number {
  return b.score - a.score || a.passage - b.passage;
}
