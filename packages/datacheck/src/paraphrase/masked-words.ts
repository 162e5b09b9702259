/** @file Texts with masked numbers and names. The rest is the template that twins share. */
import { cosineOf, type SparseVector } from "./sparse-vector.ts";
import { stemHash } from "./stem.ts";
import type { WordIndex } from "./word-index.ts";
import { WordReader, wordMarks } from "./word-reader.ts";
import { lastMasked, WordVectors } from "./word-vectors.ts";

/** Hashes of masked words. Collisions are negligible among four billion hashes. */
const masked = { number: 0, name: lastMasked } as const;

/** Above this share of capitalized words, as in titles, capitals do not indicate names. */
const maxCapitals = 0.4;

/** A text's template and its fillers. */
interface MaskedText {
  readonly template: SparseVector;
  /** Numbers and names by hash, sorted. */
  readonly fillers: Uint32Array;
}

/**
 * For each word: how often it is capitalized within a sentence, minus how often it is lowercase. Positive for names.
 */
export function learnNames(texts: readonly string[]): ReadonlyMap<number, number> {
  const lean = new Map<number, number>();
  const reader = new WordReader();
  for (const text of texts) {
    reader.read(text);
    for (let word = 0; word < reader.count; word++) {
      const mark = reader.marks[word] as number;
      if (mark === (wordMarks.capital | wordMarks.sentenceStart) || (mark & wordMarks.number) !== 0) continue;
      const hash = stemHash(reader, word);
      lean.set(hash, (lean.get(hash) ?? 0) + ((mark & wordMarks.capital) === 0 ? -1 : 1));
    }
  }
  return lean;
}

/** Reads texts with their numbers and names masked. */
export class MaskedWords {
  readonly #vectors: WordVectors;
  readonly #reader = new WordReader();
  #fillers: number[] = [];
  #hasNames = true;

  constructor(index: WordIndex, names: ReadonlyMap<number, number>) {
    this.#vectors = new WordVectors(index, (hash, mark) => {
      const isNumber = (mark & wordMarks.number) !== 0;
      // A capitalized word that never occurs in lowercase counts as a name, even at the start of a sentence.
      const isName = this.#hasNames && (mark & wordMarks.capital) !== 0 && (names.get(hash) ?? 1) > 0;
      if (!isNumber && !isName) return hash;
      this.#fillers.push(hash);
      return isNumber ? masked.number : masked.name;
    });
  }

  /** The template and the fillers of a text. */
  of(text: string): MaskedText {
    this.#fillers = [];
    this.#hasNames = this.#capitalShare(text) <= maxCapitals;
    const template = this.#vectors.of(text);
    return { template, fillers: Uint32Array.from(this.#fillers).sort() };
  }

  #capitalShare(text: string): number {
    this.#reader.read(text);
    let capitals = 0;
    for (let word = 0; word < this.#reader.count; word++) {
      if (((this.#reader.marks[word] as number) & wordMarks.capital) !== 0) capitals++;
    }
    return capitals / Math.max(1, this.#reader.count);
  }
}

/** Cosine of the templates of two texts: 0 to 1. */
export function templateCosine(one: MaskedText, other: MaskedText): number {
  return cosineOf(one.template, other.template);
}

/** Shared names and numbers, as a share of those of the text with more; 1 if there are none. */
export function fillersShared(one: MaskedText, other: MaskedText): number {
  const most = Math.max(one.fillers.length, other.fillers.length);
  if (most === 0) return 1;
  let [shared, first, second] = [0, 0, 0];
  while (first < one.fillers.length && second < other.fillers.length) {
    const [a, b] = [one.fillers[first] as number, other.fillers[second] as number];
    if (a === b) shared++;
    if (a <= b) first++;
    if (b <= a) second++;
  }
  return shared / most;
}
