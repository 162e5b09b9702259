/** @file The format of a token as data: literals and runs of an alphabet, matched in one pass without going back. */
import { type Alphabet, alphabetBits, bitOf, isAlphanumeric } from "./alphabet.ts";

/** So many characters of an alphabet. */
export interface Run {
  readonly alphabet: Alphabet;
  readonly min: number;
  readonly max: number;
  readonly bit: number;
}

/** Literals and runs in order. A run that the next literal could continue must be of fixed length. */
export type Format = readonly (string | Run)[];

/** A run of `min` to `max` characters. */
export function run(alphabet: Alphabet, min: number, max: number = min): Run {
  return { alphabet, min, max, bit: bitOf(alphabet) };
}

/** Digits. */
export const digits = (min: number, max: number = min): Run => run("digit", min, max);
/** Lower-case hexadecimal digits. */
export const hex = (min: number, max: number = min): Run => run("hex", min, max);
/** Letters and digits. */
export const base62 = (min: number, max: number = min): Run => run("base62", min, max);
/** Letters, digits, `_` and `-`. */
export const base64url = (min: number, max: number = min): Run => run("base64url", min, max);

/** A UUID in lower case or upper. */
export const uuid: Format = [
  ...[run("anyHex", 8), "-", run("anyHex", 4), "-", run("anyHex", 4), "-"],
  ...[run("anyHex", 4), "-", run("anyHex", 12)],
];

/**
 * Where a format that starts at `at` ends, or -1. Greedy, and a run never gives back: the time is the match's length.
 * Nothing of the last run's alphabet, and no letter or digit, may follow.
 */
export function matchFormat(text: string, at: number, format: Format): number {
  let end = at;
  let last = 0;
  for (const piece of format) {
    if (typeof piece === "string") {
      if (!text.startsWith(piece, end)) return -1;
      end += piece.length;
      last = 0;
      continue;
    }
    let length = 0;
    while (length < piece.max && (alphabetBits(text.charCodeAt(end + length)) & piece.bit) !== 0) length++;
    if (length < piece.min) return -1;
    end += length;
    last = piece.bit;
  }
  const next = text.charCodeAt(end);
  if (last === 0) return end;
  return (alphabetBits(next) & last) !== 0 || isAlphanumeric(next) ? -1 : end;
}

/** Letters of `\n`, `\r`, `\t` as JSON and code write them. */
const escapes = "nrt";

/** Start of a run that ends at `end`, at most its longest length before it; longer ones have no start (-1). */
export function startOfRun(text: string, end: number, piece: Run): number {
  let start = end;
  while (end - start <= piece.max && (alphabetBits(text.charCodeAt(start - 1)) & piece.bit) !== 0) start--;
  if (text[start - 1] === "\\" && escapes.includes(text[start] ?? " ")) start++;
  const length = end - start;
  return length < piece.min || length > piece.max ? -1 : start;
}

/**
 * Whether a token may start here: not in the middle of a word. An escape as in `\nkey` and the end of a
 * percent code as in `%3Dkey` are no part of the word.
 */
export function startsWord(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (before === 45 && isAlphanumeric(text.charCodeAt(at - 2))) return false; // `task-sk-...`, but not a list's `-`
  if (!isAlphanumeric(before) && before !== 95) return true;
  if (escapes.includes(text[at - 1] ?? " ") && text[at - 2] === "\\") return true;
  return text[at - 3] === "%" && isAlphanumeric(text.charCodeAt(at - 2));
}
