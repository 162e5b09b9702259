/** @file Maps words to numbered terms: stop words dropped, English words stemmed, numbers in the order of first use. */
import { stem } from "@tunewise/datacheck/dataset";
import { MAX_WORD_LENGTH } from "../limits.ts";
import { Spellings, wordCodes } from "./spellings.ts";
import { wordsOf } from "./words.ts";

/** `english`: stemming and stop words; `any`: lowercase words without changes. */
export type Language = "english" | "any";

/** A word that is not a term. */
const none = -1;

/** Maximum number of words cached besides those of `Spellings`. */
const maxOthers = 1_000_000;

/** Spaces, dashes and quotes common in English texts: they end a word without requiring the slow path. */
function isMark(code: number): boolean {
  return code === 0xa0 || (code >= 0x2000 && code <= 0x2027 && code !== 0x2017);
}

/** A growing list of terms. */
export class Lexicon {
  readonly terms: string[] = [];
  readonly #language: Language;
  readonly #ids = new Map<string, number>();
  readonly #spellings = new Spellings((word) => this.#resolve(word));

  /** Terms of words in texts that are not pure ASCII. */
  readonly #others = new Map<string, number>();

  constructor(language: Language) {
    this.#language = language;
  }

  /** Returns the number of a term, assigning one if needed. */
  add(term: string): number {
    let id = this.#ids.get(term);
    if (id === undefined) {
      id = this.terms.length;
      this.#ids.set(term, id);
      this.terms.push(term);
    }
    return id;
  }

  /** Term numbers of a text, in order: the words of `wordsOf` as terms. */
  read(text: string): number[] {
    const found: number[] = [];
    const { length } = text;
    for (let at = 0; at < length; at++) {
      const start = at;
      let hash = 0;
      let code = text.charCodeAt(at);
      for (; code < 128 && wordCodes[code] !== 0; code = text.charCodeAt(++at)) {
        hash = Math.imul(hash ^ (wordCodes[code] as number), 0x5bd1e995);
      }
      // other scripts need Unicode tables; past the end, code is NaN
      if (code >= 128 && !isMark(code)) return this.#readAny(text);
      if (at === start || at - start > MAX_WORD_LENGTH) continue;
      const id = this.#spellings.look(text, start, at, hash ^ (hash >>> 15));
      if (id !== none) found.push(id);
    }
    return found;
  }

  #readAny(text: string): number[] {
    const found: number[] = [];
    for (const word of wordsOf(text)) {
      let id = this.#others.get(word);
      if (id === undefined) {
        id = this.#resolve(word);
        if (this.#others.size >= maxOthers) this.#others.clear();
        this.#others.set(word, id);
      }
      if (id !== none) found.push(id);
    }
    return found;
  }

  #resolve(word: string): number {
    const term = termOf(word, this.#language);
    return term === null ? none : this.add(term);
  }
}

/** Terms of a text, as an index in that language has them. */
export function termsOf(text: string, language: Language): string[] {
  return wordsOf(text).flatMap((word) => termOf(word, language) ?? []);
}

/** The term of a word, or `null` for a stop word. */
function termOf(word: string, language: Language): string | null {
  if (word.length > MAX_WORD_LENGTH) return null;
  if (language === "any") return word;
  if (stopWords.has(word)) return null;
  return /^[a-z0-9]+$/.test(word) ? stem(word) : word;
}

/**
 * The 33 stop words of Lucene's English analyzer.
 *
 * @source apache/lucene lucene/analysis/common/src/java/org/apache/lucene/analysis/en/EnglishAnalyzer.java,
 *   `ENGLISH_STOP_WORDS_SET`, version 9
 */
const stopWords: ReadonlySet<string> = new Set(
  (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they " +
    "this to was will with"
  ).split(" "),
);
