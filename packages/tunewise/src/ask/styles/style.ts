/** @file What a style of endpoint has to know. */
import type { Habits } from "../habits.ts";
import type { AskedFinish, AskedQuestion } from "../question.ts";
import type { ReceivedAnswer } from "../received.ts";

/** How questions and answers are written. */
export interface Style {
  /** The request; keys of `habits.without` are not in it. */
  body(question: AskedQuestion, model: string, habits: Habits): Record<string, unknown>;
  /** Names of what a question asks for and this style has no key for. */
  lacking(question: AskedQuestion): string[];
  /** Takes an answer that came in one piece; `false`: it is none. */
  whole(received: ReceivedAnswer, value: unknown): boolean;
  /** Takes an event of a stream. */
  event(received: ReceivedAnswer, value: unknown): void;
}

/** The entries that are asked for and are not among what is left out. */
export function withoutKeys(
  entries: readonly (readonly [key: string, value: unknown])[],
  { without }: Habits,
): Record<string, unknown> {
  return Object.fromEntries(
    entries.filter(
      ([key, value]) =>
        value !== null && value !== undefined && !without.includes(key) && !isEmptyList(value),
    ),
  );
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Why an answer ended; `other` for a word that only one vendor uses, `null` without a word. */
export function finishOf(
  finishes: Readonly<Record<string, AskedFinish>>,
  word: string | null,
): AskedFinish | null {
  if (word === null) return null;
  return Object.hasOwn(finishes, word) ? (finishes[word] ?? "other") : "other";
}
