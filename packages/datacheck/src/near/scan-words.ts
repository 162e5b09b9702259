/**
 * @file Word tokenizer: a short loop for ASCII, an exact one for every script.
 *
 * A word is a run of letters and digits of any script, with their combining marks, in lowercase and in normal form NFKC
 * (Unicode Standard Annex 15). A mark without a letter, such as an emoji's variation selector, is not a word. In
 * scripts without spaces each character is a word, so word n-grams equal the usual character n-grams.
 */
import type { NumberList } from "./number-list.ts";
import { hashFactor, hashStart, type Vocabulary } from "./vocabulary.ts";

/** What a character does to the current word. */
const kinds = { unknown: 0, between: 1, letter: 2, mark: 3, alone: 4 } as const;
const unspaced = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]/u;

/** Lowercase letter or digit of each ASCII character, 0 for separators. */
const asciiLetter: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(letter) ? letter.charCodeAt(0) : 0;
});

/** Appends the words of texts to a list, as numbers of a vocabulary. */
export class WordScanner {
  readonly #vocabulary: Vocabulary;
  readonly #words: NumberList;
  /** Kinds of all characters, computed when first needed. */
  #kinds: Uint8Array | null = null;

  constructor(vocabulary: Vocabulary, words: NumberList) {
    this.#vocabulary = vocabulary;
    this.#words = words;
  }

  /** Appends the words of one text. */
  add(text: string): void {
    const before = this.#words.length;
    if (this.#addAscii(text)) return;
    this.#words.truncate(before);
    this.addExact(text);
  }

  #addAscii(text: string): boolean {
    const units = this.#vocabulary.reserve(text.length);
    let [end, length, hash] = [this.#vocabulary.end, 0, hashStart];
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) return false;
      const letter = asciiLetter[code] as number;
      if (letter !== 0) {
        units[end + length++] = letter;
        hash = Math.imul(hash ^ letter, hashFactor);
      } else if (length > 0) {
        this.#words.push(this.#vocabulary.numberOf(length, hash));
        [end, length, hash] = [this.#vocabulary.end, 0, hashStart];
      }
    }
    if (length > 0) this.#words.push(this.#vocabulary.numberOf(length, hash));
    return true;
  }

  /** Appends the words of a text in any script. For ASCII it yields the same words as `add`. */
  addExact(text: string): void {
    const plain = text.normalize("NFKC").toLowerCase();
    const units = this.#vocabulary.reserve(plain.length);
    let [length, hash, isAlone] = [0, hashStart, false];
    const close = (): void => {
      if (length > 0) this.#words.push(this.#vocabulary.numberOf(length, hash));
      [length, hash] = [0, hashStart];
    };
    for (let at = 0; at < plain.length; at++) {
      const code = plain.codePointAt(at) as number;
      const kind = this.#kindOf(code);
      const isMark = kind === kinds.mark;
      if (kind === kinds.between || (isMark && length === 0)) {
        close();
        if (code > 0xffff) at++;
        continue;
      }
      if (!isMark && (isAlone || kind === kinds.alone)) close();
      if (!isMark) isAlone = kind === kinds.alone;
      for (let last = code > 0xffff ? 1 : 0; last >= 0; last--) {
        const unit = plain.charCodeAt(at);
        units[this.#vocabulary.end + length++] = unit;
        hash = Math.imul(hash ^ unit, hashFactor);
        if (last > 0) at++;
      }
    }
    close();
  }

  #kindOf(code: number): number {
    this.#kinds ??= new Uint8Array(0x110000);
    const known = this.#kinds[code] as number;
    if (known !== kinds.unknown) return known;
    const kind = kindOf(String.fromCodePoint(code));
    this.#kinds[code] = kind;
    return kind;
  }
}

function kindOf(character: string): number {
  if (/\p{M}/u.test(character)) return kinds.mark;
  if (!/[\p{L}\p{N}]/u.test(character)) return kinds.between;
  return unspaced.test(character) ? kinds.alone : kinds.letter;
}
