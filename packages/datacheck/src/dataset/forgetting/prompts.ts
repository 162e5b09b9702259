/** @file Items that measure forgetting after training: documents, multiple-choice questions, prompts. */
import type { Finding } from "../../problem/index.ts";

/** A text and its 1-based line in the file. */
export interface LocatedText {
  readonly text: string;
  readonly line: number;
}

/** A multiple-choice question with one correct choice. */
export interface ChoiceItem {
  readonly question: string;
  /** At least two, all distinct. */
  readonly choices: readonly string[];
  /** Index of the correct choice. */
  readonly answer: number;
  readonly line: number;
}

/** A user's prompt whose answer must still meet expectations after training. */
export interface RegressionPrompt {
  readonly prompt: string;
  /** System message; `null`: the recipe's. */
  readonly system: string | null;
  readonly expected: Expected;
  readonly line: number;
}

/** A request that a model should refuse, or a harmless one that sounds similar. */
export interface ProbeRequest extends LocatedText {
  readonly refuse: boolean;
}

/** Conditions that an answer must all meet; case-sensitive except for `icontains`. */
export interface Expected {
  /** The entire answer, ignoring leading and trailing white space. */
  readonly equals?: string;
  readonly contains?: string;
  /** Ignoring case. */
  readonly icontains?: string;
  readonly containsAll?: readonly string[];
  readonly containsAny?: readonly string[];
  /** Must not occur. */
  readonly excludes?: string;
  /** Regular expression that must match within the answer. */
  readonly regex?: string;
  /** Whether the entire answer must be a JSON value, or must not be. */
  readonly isJson?: boolean;
}

/** Items of a file, and findings about its other rows. */
export interface ReadItems<Item> {
  readonly items: readonly Item[];
  readonly findings: readonly Finding[];
}

/** Selects `count` evenly spaced items, in order; all if `count` is `null` or exceeds their number. */
export function spread<Item>(items: readonly Item[], count: number | null): readonly Item[] {
  if (count === null || count >= items.length) return items;
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)] as Item);
}
