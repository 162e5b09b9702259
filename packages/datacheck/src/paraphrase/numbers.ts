/** @file Numbers of a text by value, in digits or in words. A paraphrase changes words but keeps numbers. */
import { maxCharacters } from "./word-reader.ts";

/** Number words, except those that usually are not numbers: "one", "first", "second", "half", "quarter". */
export const numberWords: ReadonlyMap<string, number> = new Map(
  Object.entries({
    zero: 0,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
    thirteen: 13,
    fourteen: 14,
    fifteen: 15,
    sixteen: 16,
    seventeen: 17,
    eighteen: 18,
    nineteen: 19,
    twenty: 20,
    thirty: 30,
    forty: 40,
    fifty: 50,
    sixty: 60,
    seventy: 70,
    eighty: 80,
    ninety: 90,
    hundred: 100,
    thousand: 1_000,
    million: 1_000_000,
    billion: 1_000_000_000,
  }),
);

/** Longer digit strings are codes or keys, which are compared as words. */
const maxDigits = 15;
const [shortestWord, longestWord] = [3, 9];

/** Distinct numbers of a text; reads the first 16,384 characters. */
export function numbersIn(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  const end = Math.min(text.length, maxCharacters);
  for (let at = 0; at < end; ) {
    const from = at;
    const code = text.charCodeAt(at++);
    if (isDigit(code)) {
      at = endOfNumber(text, at, end);
      if (at - from <= maxDigits) found.add(Number(text.slice(from, at).replaceAll(",", "")));
    } else if (isLetter(code)) {
      while (at < end && isLetter(text.charCodeAt(at))) at++;
      if (at - from < shortestWord || at - from > longestWord) continue;
      if (joinsWords(text, from - 1) || joinsWords(text, at)) continue;
      const value = numberWords.get(text.slice(from, at).toLowerCase());
      if (value !== undefined) found.add(value);
    }
  }
  return found;
}

/** The end of a number: digits with commas, and a fraction. */
function endOfNumber(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && (isDigit(text.charCodeAt(at)) || text[at] === ",")) at++;
  if (at + 1 >= end || text[at] !== "." || !isDigit(text.charCodeAt(at + 1))) return at;
  at++;
  while (at < end && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

/** Whether the character is a digit or underscore, so that adjacent letters do not form a number word. */
function joinsWords(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return isDigit(code) || code === 95;
}

/** Shared numbers, as a share of those of the text with more; 1 if either has none. */
export function numbersShared(one: string, other: string): number {
  const [first, second] = [numbersIn(one), numbersIn(other)];
  if (first.size === 0 || second.size === 0) return 1;
  let shared = 0;
  for (const value of first) if (second.has(value)) shared++;
  return shared / Math.max(first.size, second.size);
}
