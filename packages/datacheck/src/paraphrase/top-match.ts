/** @file The known row most similar to a row, and how far it stands out from the next one. */
import { sum } from "@tunewise/core/math";
import type { Agreeing, Agreements, ComparedRow } from "./agreement.ts";
import type { LetterVectors } from "./letter-vectors.ts";
import { cosineOf, type SparseVector } from "./sparse-vector.ts";
import type { WordQuery } from "./word-query.ts";
import { areNear, evidenceOf, spreadOf, type WordTrail, type WordTrails } from "./word-trail.ts";

/** The best match of one row, among known rows that were compared in full. */
export interface TopMatch {
  /** Known rows that were compared, unordered. */
  readonly compared: Int32Array;
  /**
   * Their similarity: geometric mean of the cosine over words and word bigrams and the cosine over character n-grams.
   */
  readonly scores: Float64Array;
  /** Evidence that each is a paraphrase of the row, 0 to 1, see {@link TopMatches}. */
  readonly weights: Float64Array;
  /** Index of the row with the largest weight, or -1. */
  readonly best: number;
  /** Largest weight of a row that differs from the best one. */
  readonly next: number;
  /** The fourth largest weight, or 0: the local density of known rows, which one or two leaks do not affect. */
  readonly around: number;
  /** Whether a known row has nearly the same words. Other stages find such rows. */
  readonly isNear: boolean;
}

/** Number of known rows that are compared in full. */
const comparedInFull = 8;
/** Known rows with this word similarity are duplicates, so they do not count as the next match. */
const sayingTheSame = 0.5;

const none = { best: -1, next: 0, around: 0, isNear: false } as const;
/** Index of the weight that is {@link TopMatch.around}. */
const aroundAt = 3;

/** Parsed known rows are cached, at about 15 bytes per character, up to this total length. */
const keptCharacters = 4 << 20;

/** The similarity measures. */
interface Measures {
  readonly query: WordQuery;
  readonly letters: LetterVectors;
  readonly trails: WordTrails;
  readonly agreements: Agreements;
  /** `null` if there are no vectors. */
  readonly near: NearTexts | null;
}

/** Finds known rows by the embedding vectors of their texts. */
export interface NearTexts {
  /** Numbers of the known rows nearest to a text, best first. */
  nearest(text: string, most: number): readonly number[];
  /** Cosine of the vectors of a text and of a known row, -1 to 1. */
  between(text: string, known: number): number;
}

/** A row with all compared features. */
interface Read {
  readonly letters: SparseVector;
  readonly trail: WordTrail;
  readonly agreeing: Agreeing;
}

/**
 * Finds the best match of any row among known rows.
 *
 * The best match has the largest weight. The weight is the geometric mean of three values: the cosine over words and
 * bigrams, the cosine over character n-grams, and the span of the shared words, in which numbers and names count more.
 * It is multiplied by the information of the shared words and by the agreement of numbers and answers.
 *
 * With vectors, the weight is the geometric mean of that product and the cosine of the vectors, and the nearest rows by
 * vectors are compared along with rows that share words. (The arithmetic mean, which also counts rows without common
 * words, finds no more at the same false positive rate, since clean rows score higher too.)
 */
export class TopMatches {
  readonly #rows: readonly ComparedRow[];
  readonly #measures: Measures;
  readonly #known: Map<number, Read> | null;

  constructor(rows: readonly ComparedRow[], measures: Measures) {
    this.#rows = rows;
    this.#measures = measures;
    const characters = sum(rows.map(({ prompt, answer }) => prompt.length + answer.length));
    this.#known = characters > keptCharacters ? null : new Map();
  }

  /** @param self the row's own number if it is a known row; -1 for others */
  of(row: ComparedRow, self: number): TopMatch {
    const { query, near } = this.#measures;
    const nearest = near?.nearest(row.prompt, comparedInFull + 1).filter((one) => one !== self) ?? [];
    query.find(row.prompt, self, nearest.slice(0, comparedInFull));
    const byWords = Math.min(query.found, comparedInFull);
    const found = new Map<number, number>();
    for (let at = 0; at < byWords; at++) found.set(query.rows[at] as number, query.cosines[at] as number);
    for (const { row: known, cosine } of query.others) found.set(known, cosine);
    const compared = Int32Array.from(found.keys());
    const [scores, weights] = [new Float64Array(found.size), new Float64Array(found.size)];
    if (found.size === 0) return { ...none, compared, scores, weights };
    const mine = this.#read(row, self >= 0 ? 1 : 0);
    let isNear = false;
    for (const [at, known] of compared.entries()) {
      const theirs = this.#readKnown(known);
      const squared = (found.get(known) as number) * cosineOf(mine.letters, theirs.letters);
      scores[at] = Math.sqrt(squared);
      const weight = this.#weigh(mine, theirs, squared);
      weights[at] = near ? Math.sqrt(weight * Math.max(0, near.between(row.prompt, known))) : weight;
      isNear ||= areNear(mine.trail, theirs.trail);
    }
    return { compared, scores, weights, isNear, ...this.#rank(compared, weights) };
  }

  #readKnown(known: number): Read {
    const kept = this.#known?.get(known);
    if (kept !== undefined) return kept;
    const read = this.#read(this.#rows[known] ?? { prompt: "", answer: "" }, 0);
    this.#known?.set(known, read);
    return read;
  }

  #read(row: ComparedRow, own: 0 | 1): Read {
    const { letters, trails, agreements } = this.#measures;
    return {
      letters: letters.of(row.prompt, own),
      trail: trails.of(row.prompt, own),
      agreeing: agreements.of(row),
    };
  }

  #weigh(mine: Read, theirs: Read, squared: number): number {
    const { trails, agreements } = this.#measures;
    const [one, other] = [mine.trail, theirs.trail];
    const alike = Math.cbrt(squared * spreadOf(one, other));
    const evidence = evidenceOf(one, other, trails.rarest);
    return alike * evidence * agreements.between(mine.agreeing, theirs.agreeing);
  }

  #rank(rows: Int32Array, weights: Float64Array): Pick<TopMatch, "best" | "next" | "around"> {
    let best = 0;
    for (let at = 1; at < rows.length; at++) {
      if ((weights[at] as number) > (weights[best] as number)) best = at;
    }
    let next = 0;
    for (let at = 0; at < rows.length; at++) {
      if (at === best || (weights[at] as number) <= next) continue;
      const alike = this.#measures.query.between(rows[best] as number, rows[at] as number);
      if (alike < sayingTheSame) next = weights[at] as number;
    }
    return {
      best,
      next,
      around:
        Float64Array.from(weights)
          .sort()
          .at(-1 - aroundAt) ?? 0,
    };
  }
}
