/** @file The known row most similar to a row, its similarity, and how far it stands out from the next. */
import type { LetterVectors } from "./letter-vectors.ts";
import { cosineOf } from "./sparse-vector.ts";
import type { WordQuery } from "./word-query.ts";
import { evidenceOf, spreadOf, type WordTrails } from "./word-trail.ts";

/** The best match of one row. */
export interface TopMatch {
  /** The known row, or -1. */
  readonly other: number;
  /** 0 to 1: geometric mean of the cosine over words and word bigrams and the cosine over character n-grams. */
  readonly score: number;
  /** The score of the next known row that differs from the best. */
  readonly next: number;
  /** The test statistic: the weight of the match minus a part of the next one's, see {@link TopMatches}. */
  readonly standing: number;
  /** The standing without the best match: that of a clean row, whether the row has leaked or not. */
  readonly decoy: number;
  /** Known rows that were compared, unordered. */
  readonly compared: Int32Array;
  /** Their scores. */
  readonly scores: Float64Array;
}

/** Number of known rows that are also compared by character n-grams. */
const comparedByLetters = 8;
/** Known rows this similar by words are duplicates, and no measure of how far a match stands out. */
const sayingTheSame = 0.5;
/**
 * A clean row may be similar to many rows of its kind, a leaked one only to its source. Chosen on rephrased
 * HumanEval, on questions for one database and on planted leaks: 0.3 to 0.8 do about equally well.
 */
const shareOfNext = 0.6;

const none = { other: -1, score: 0, next: 0, standing: 0, decoy: 0 } as const;

/** The similarity measures. */
interface Measures {
  readonly query: WordQuery;
  readonly letters: LetterVectors;
  readonly trails: WordTrails;
}

/**
 * Finds the best match of any text among known rows.
 *
 * The best has the largest weight: the geometric mean of the cosine over words, the cosine over character n-grams
 * and the span of the shared words, times their information.
 */
export class TopMatches {
  readonly #texts: readonly string[];
  readonly #measures: Measures;

  constructor(texts: readonly string[], measures: Measures) {
    this.#texts = texts;
    this.#measures = measures;
  }

  /** @param self the row's own number if it is a known row; -1 for others */
  of(text: string, self: number): TopMatch {
    const { query, letters, trails } = this.#measures;
    query.find(text, self);
    const found = Math.min(query.found, comparedByLetters);
    const [rows, scores] = [query.rows.slice(0, found), new Float64Array(found)];
    if (found === 0) return { ...none, compared: rows, scores };
    const weights = new Float64Array(found);
    const own = self >= 0 ? 1 : 0;
    const [mine, trail] = [letters.of(text, own), trails.of(text, own)];
    for (const [at, row] of rows.entries()) {
      const theirs = this.#texts[row] ?? "";
      const squared = (query.cosines[at] as number) * cosineOf(mine, letters.of(theirs, 0));
      const other = trails.of(theirs, 0);
      scores[at] = Math.sqrt(squared);
      weights[at] = Math.cbrt(squared * spreadOf(trail, other)) * evidenceOf(trail, other, trails.rarest);
    }
    return this.#rank(rows, scores, weights);
  }

  #rank(rows: Int32Array, scores: Float64Array, weights: Float64Array): TopMatch {
    let best = 0;
    for (let at = 1; at < rows.length; at++) {
      if ((weights[at] as number) > (weights[best] as number)) best = at;
    }
    const other = rows[best] as number;
    let [next, second, third] = [0, 0, 0];
    for (let at = 0; at < rows.length; at++) {
      if (at === best || this.#measures.query.between(other, rows[at] as number) >= sayingTheSame) continue;
      const weight = weights[at] as number;
      next = Math.max(next, scores[at] as number);
      if (weight > second) [second, third] = [weight, second];
      else third = Math.max(third, weight);
    }
    const standing = (weights[best] as number) - shareOfNext * second;
    const decoy = second - shareOfNext * third;
    return { other, score: scores[best] as number, next, standing, decoy, compared: rows, scores };
  }
}
