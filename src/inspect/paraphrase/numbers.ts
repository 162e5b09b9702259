/** @file Numbers of a text by value, in digits or in words: a paraphrase changes words and keeps what is counted. */
import { maxCharacters } from "./word-reader.ts";

/** Number words, without those that mostly are no numbers: "one", "first", "second", "half", "quarter". */
export const numberWords: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ zero: 0, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10 },
    ...{ eleven: 11, twelve: 12, thirteen: 13, fourteen: 14, fifteen: 15, sixteen: 16, seventeen: 17 },
    ...{ eighteen: 18, nineteen: 19, twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60, seventy: 70 },
    ...{ eighty: 80, ninety: 90, hundred: 100, thousand: 1_000, million: 1_000_000, billion: 1_000_000_000 },
  }),
);

/** Digits with commas and a fraction, and words as long as those above. */
const numbersAndWords = /\d[\d,]*(?:\.\d+)?|\b[A-Za-z]{3,9}\b/g;

/** More digits are a code or a key, which words compare. */
const mostDigits = 15;

/** Distinct numbers of a text; reads the first 16,384 characters. */
export function numbersIn(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [match] of text.slice(0, maxCharacters).matchAll(numbersAndWords)) {
    const value = numberWords.get(match.toLowerCase()) ?? Number(match.replaceAll(",", ""));
    if (match.length <= mostDigits && !Number.isNaN(value)) found.add(value);
  }
  return found;
}

/** Shared numbers, as a share of those of the text with more; 1 if either has none. */
export function numbersShared(one: string, other: string): number {
  const [first, second] = [numbersIn(one), numbersIn(other)];
  if (first.size === 0 || second.size === 0) return 1;
  let shared = 0;
  for (const value of first) if (second.has(value)) shared++;
  return shared / Math.max(first.size, second.size);
}
