/** @file The known row most similar to a row, and how far it stands out from the next. */
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
  /** Their similarity: geometric mean of the cosine over words and word bigrams and that over character n-grams. */
  readonly scores: Float64Array;
  /** What speaks for each being the same row in other words, 0 to 1, see {@link TopMatches}. */
  readonly weights: Float64Array;
  /** Place of the one with the largest weight; -1 without any. */
  readonly best: number;
  /** Largest weight of one that differs from the best. */
  readonly next: number;
  /** The fourth largest weight, 0 without: how dense the known rows lie there, whatever has leaked once or twice. */
  readonly around: number;
  /** Whether one has nearly the same words, which other stages find. */
  readonly isNear: boolean;
}

/** Number of known rows that are compared in full. */
const comparedInFull = 8;
/** Known rows this similar by words are duplicates, and no measure of how far a match stands out. */
const sayingTheSame = 0.5;

const none = { best: -1, next: 0, around: 0, isNear: false } as const;
/** Which weight is {@link TopMatch.around}, from 0 on. */
const aroundAt = 3;

/** Known rows are kept as read, some 15 bytes a character, unless they are longer than this together. */
const keptCharacters = 4 << 20;

/** The similarity measures. */
interface Measures {
  readonly query: WordQuery;
  readonly letters: LetterVectors;
  readonly trails: WordTrails;
  readonly agreements: Agreements;
  /** `null` where rows have no vectors. */
  readonly near: NearTexts | null;
}

/** Known rows by the meaning of their texts, as an embedding model has it. */
export interface NearTexts {
  /** Numbers of the known rows nearest to a text, best first. */
  nearest(text: string, most: number): readonly number[];
  /** Cosine of the vectors of a text and of a known row, -1 to 1. */
  between(text: string, known: number): number;
}

/** A row with all that is compared. */
interface Read {
  readonly letters: SparseVector;
  readonly trail: WordTrail;
  readonly agreeing: Agreeing;
}

/**
 * Finds the best match of any row among known rows.
 *
 * The best has the largest weight: the geometric mean of the cosine over words and bigrams, the cosine over character
 * n-grams and the span of the shared words, in which numbers and names count more; times the information of the shared
 * words; times the agreement of numbers and answers. Where rows have vectors, it is the geometric mean of that and the
 * cosine of the vectors, and the rows nearest by vectors are compared beside those that share words. (The mean, which
 * counts rows without a word in common too, finds no more at as many false alarms: clean rows come nearer by it.)
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
