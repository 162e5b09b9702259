/** @file The format of a token as data: literals and runs of an alphabet, matched in one pass without backtracking. */
import { type Alphabet, alphabetBits, bitOf, isAlphanumeric } from "./alphabet.ts";

/** A run of characters of an alphabet. */
export interface Run {
  readonly alphabet: Alphabet;
  readonly min: number;
  readonly max: number;
  readonly bit: number;
}

/** Literals and runs in order. If the next literal could continue a run, the run must have a fixed length. */
export type Format = readonly (string | Run)[];

const uuid = "<anyHex:8>-<anyHex:4>-<anyHex:4>-<anyHex:4>-<anyHex:12>";

/**
 * Parses a format: `ghp_<base62:36>` is a literal and 36 characters of an alphabet, `<hex:8-16>` is 8 to 16 characters,
 * and `<uuid>` is a UUID in lower or upper case.
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
 * The end of a match of the format at `at`, or -1. Greedy without backtracking, so the time is linear in the match. No
 * character of the last run's alphabet, and no letter or digit, may follow.
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

/** Letters of the escapes `\n`, `\r`, `\t` in JSON and code. */
const escapes = "nrt";

/** The start of a run that ends at `end`; -1 if the run is shorter or longer than allowed. */
export function startOfRun(text: string, end: number, piece: Run): number {
  let start = end;
  while (end - start <= piece.max && (alphabetBits(text.charCodeAt(start - 1)) & piece.bit) !== 0) start--;
  if (text[start - 1] === "\\" && escapes.includes(text[start] ?? " ")) start++;
  const length = end - start;
  return length < piece.min || length > piece.max ? -1 : start;
}

/**
 * Whether a token may start here rather than within a word. An escape as in `\nkey` and the end of a percent code as in
 * `%3Dkey` do not belong to the word.
 */
export function startsWord(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (before === 45 && isAlphanumeric(text.charCodeAt(at - 2))) return false; // `task-sk-...`, not a list's `-`
  if (!isAlphanumeric(before) && before !== 95) return true;
  if (escapes.includes(text[at - 1] ?? " ") && text[at - 2] === "\\") return true;
  return text[at - 3] === "%" && isAlphanumeric(text.charCodeAt(at - 2));
}

const blobBits = bitOf("base64") | bitOf("base64url");

/** Min length of a base64 run around a match for the match to be a piece of it. */
const blobLength = 40;

/** Whether a part of the text belongs to a longer run of base64, as in data URIs. */
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

/** Max distance between a context word and a value. */
const contextLength = 60;

/** Whether a context word occurs shortly before an offset. The pattern is matched against lower-case text. */
export function followsWord(
  text: string,
  at: number,
  pattern: RegExp,
  length: number = contextLength,
): boolean {
  return pattern.test(text.slice(Math.max(0, at - length), at).toLowerCase());
}
