/**
 * @file Terms of an index by their text, made once for each index.
 */
import type { LexicalIndex } from "./index-of-words.ts";

/** A term of the index, and what it counts in a question. */
export interface WeightedTerm {
  readonly term: number;
  readonly weight: number;
}

const known = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** The number of each term. */
export function termNumbers({ terms }: LexicalIndex): ReadonlyMap<string, number> {
  let numbers = known.get(terms);
  if (numbers === undefined) {
    numbers = new Map(terms.map((term, number) => [term, number]));
    known.set(terms, numbers);
  }
  return numbers;
}
