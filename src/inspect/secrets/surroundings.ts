/** @file What stands around a value: long runs of base64 (images, source maps, hashes) and words of context. */
import { alphabetBits, bitOf } from "./alphabet.ts";

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
