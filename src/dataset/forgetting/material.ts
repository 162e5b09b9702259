/**
 * @file What a model is asked again after training: documents, questions with choices, prompts.
 */
import type { Finding } from "../../problem/index.ts";

/** A text with its place in the file, from 1. */
export interface PlacedText {
  readonly text: string;
  readonly line: number;
}

/** A question with choices of which one is right. */
export interface ChoiceItem {
  readonly question: string;
  /** At least two, all different. */
  readonly choices: readonly string[];
  /** Index of the right one. */
  readonly answer: number;
  readonly line: number;
}

/** A prompt of the user's that must still work. */
export interface MustPrompt {
  readonly prompt: string;
  /** System message; `null`: that of the recipe. */
  readonly system: string | null;
  readonly expected: Expected;
  readonly line: number;
}

/** A request that a model should decline, or one that sounds alike and is harmless. */
export interface ProbeRequest extends PlacedText {
  readonly refuse: boolean;
}

/** What an answer must hold: every condition that is given. Case counts, but in `icontains`. */
export interface Expected {
  /** The whole answer, white space at both ends apart. */
  readonly equals?: string;
  readonly contains?: string;
  /** In any case. */
  readonly icontains?: string;
  readonly containsAll?: readonly string[];
  readonly containsAny?: readonly string[];
  /** Must not occur. */
  readonly excludes?: string;
  /** Source of a regular expression that must be found in the answer. */
  readonly regex?: string;
  /** The whole answer is, or is not, a JSON value. */
  readonly isJson?: boolean;
}

/** Items of a file, and what is to be said about its other rows. */
export interface ReadMaterial<Item> {
  readonly items: readonly Item[];
  readonly findings: readonly Finding[];
}

/** So many of the items, evenly spread, in order; all where `count` is `null` or larger than their number. */
export function spread<Item>(items: readonly Item[], count: number | null): readonly Item[] {
  if (count === null || count >= items.length) return items;
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)] as Item);
}
