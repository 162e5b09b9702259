/** @file Characters that look drawn by lot, for cases written by hand: always the same, and of no known secret. */
import { type Alphabet, charactersOf } from "../alphabet.ts";

/** So many characters of an alphabet, without a pattern that a filter would take for a placeholder. */
export function lot(length: number, alphabet: Alphabet = "base62", start = 0): string {
  const characters = charactersOf(alphabet);
  return Array.from({ length }, (_, index) => {
    const i = index + start;
    return characters[(i * i * 7 + i * 13 + Math.floor(i / 61) * 31) % characters.length];
  }).join("");
}
