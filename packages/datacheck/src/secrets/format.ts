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

const uuid = "<anyHex:8>-<anyHex:4>-<anyHex:4>-<anyHex:4>-<anyHex:12>";

/**
 * Reads a format: `ghp_<base62:36>` is a literal and 36 characters of an alphabet, `<hex:8-16>` 8 to 16 of them,
 * `<uuid>` a UUID in lower case or upper.
 */
export function readFormat(text: string): Format {
  const pieces = text.replaceAll("<uuid>", uuid).split(/(<\w+:[\d-]+>)/);
  return pieces.filter(Boolean).map((piece) => {
    const [, alphabet, min, max = min] = /^<(\w+):(\d+)(?:-(\d+))?>$/.exec(piece) ?? [];
    if (alphabet === undefined) return piece;
    return {
      alphabet: alphabet as Alphabet,
      min: Number(min),
      max: Number(max),
      bit: bitOf(alphabet as Alphabet),
    };
  });
}

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

const blobBits = bitOf("base64") | bitOf("base64url");

/** A run of base64 this long beside a token shows that the token is a piece of it. */
const blobLength = 40;

/** Whether a part of the text is a piece of a longer run of base64, as in data URIs. */
export function isInsideBlob(text: string, start: number, end: number): boolean {
  let before = 0;
  while (before < blobLength && isBlob(text.charCodeAt(start - 1 - before))) before++;
  if (before === blobLength) return true;
  let after = 0;
  while (after < blobLength && isBlob(text.charCodeAt(end + after))) after++;
  return after === blobLength;
}

function isBlob(code: number): boolean {
  return (alphabetBits(code) & blobBits) !== 0;
}

/** Characters before a value in which a word of context counts. */
const contextLength = 60;

/** Whether a word of context stands shortly before a place; the pattern sees lower case. */
export function followsWord(
  text: string,
  at: number,
  pattern: RegExp,
  length: number = contextLength,
): boolean {
  return pattern.test(text.slice(Math.max(0, at - length), at).toLowerCase());
}
