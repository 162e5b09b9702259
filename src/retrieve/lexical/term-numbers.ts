/** @file Term numbers of an index by text, computed once per index. */
import type { LexicalIndex } from "./index-of-words.ts";

/** A term of the index, and its weight in a query. */
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
