/**
 * @file The known row most like a row, how alike they are, and how far that stands out from the next.
 */
import type { LetterVectors } from "./letter-vectors.ts";
import { cosineOf, type SparseVector } from "./sparse-vector.ts";
import type { WordQuery } from "./word-query.ts";

/** The best match of one row. */
export interface TopMatch {
  /** The known row; -1 if none was found. */
  readonly other: number;
  /** 0 to 1: geometric mean of the cosine by words and pairs of words and the cosine by letters. */
  readonly score: number;
  /** What the next known row reaches that says something else than the best. */
  readonly next: number;
  /** What is judged: the score less a part of the next one's. */
  readonly standing: number;
  /** The standing without the best match: that of a clean row, whether the row has leaked or not. */
  readonly decoy: number;
  /** Known rows that were compared, in no order. */
  readonly compared: Int32Array;
  /** Their scores. */
  readonly scores: Float64Array;
}

/** Known rows compared by letters too. */
const comparedByLetters = 8;
/** Rows this much alike by words say the same thing twice: no measure of how far a match stands out. */
const sayingTheSame = 0.5;
/**
 * A clean row may be near many rows of its kind, a leaked one is near its source alone. Chosen on rephrased HumanEval,
 * on questions for one database and on planted leaks: 0.3 to 0.8 do about equally well.
 */
const shareOfNext = 0.6;

const none = { other: -1, score: 0, next: 0, standing: 0, decoy: 0 } as const;

/** Finds the best match of any text among known rows. */
export class TopMatches {
  readonly #texts: readonly string[];
  readonly #query: WordQuery;
  readonly #letters: LetterVectors;

  constructor(texts: readonly string[], query: WordQuery, letters: LetterVectors) {
    this.#texts = texts;
    this.#query = query;
    this.#letters = letters;
  }

  /** @param self the row's own number where it is a known row itself; -1 for others */
  of(text: string, self: number): TopMatch {
    this.#query.find(text, self);
    const found = Math.min(this.#query.found, comparedByLetters);
    if (found === 0) return { ...none, compared: new Int32Array(0), scores: new Float64Array(0) };
    const rows = this.#query.rows.slice(0, found);
    const cosines = this.#query.cosines.slice(0, found);
    const mine = this.#letters.of(text, self >= 0 ? 1 : 0);
    const scores = cosines.map((cosine, at) =>
      Math.sqrt(cosine * this.#lettersWith(mine, rows[at] as number)),
    );
    return this.#rank(rows, scores);
  }

  #lettersWith(mine: SparseVector, row: number): number {
    return cosineOf(mine, this.#letters.of(this.#texts[row] ?? "", 0));
  }

  #rank(rows: Int32Array, scores: Float64Array): TopMatch {
    let best = 0;
    for (let at = 1; at < rows.length; at++) if ((scores[at] as number) > (scores[best] as number)) best = at;
    const other = rows[best] as number;
    const score = scores[best] as number;
    let [next, third] = [0, 0];
    for (let at = 0; at < rows.length; at++) {
      const value = scores[at] as number;
      if (at === best || this.#query.between(other, rows[at] as number) >= sayingTheSame) continue;
      if (value > next) [next, third] = [value, next];
      else third = Math.max(third, value);
    }
    const decoy = next - shareOfNext * third;
    return { other, score, next, standing: score - shareOfNext * next, decoy, compared: rows, scores };
  }
}
