/** @file Interface of an endpoint style: how it writes requests and reads answers. */
import type { Habits } from "../habits.ts";
import type { CompletionRequest, FinishReason } from "../question.ts";
import type { ReceivedAnswer } from "../received.ts";

/** Request and response format of an endpoint. */
export interface Style {
  /** Body of the request, without the keys of `habits.without`. */
  body(question: CompletionRequest, model: string, habits: Habits): Record<string, unknown>;
  /** Settings of a question for which this style has no key. */
  lacking(question: CompletionRequest): string[];
  /** Reads an answer that came in one piece; `false` if it is invalid. */
  whole(received: ReceivedAnswer, value: unknown): boolean;
  /** Reads an event of a stream. */
  event(received: ReceivedAnswer, value: unknown): void;
}

/** The entries that are set and not omitted by the habits. */
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

/** Why an answer ended; `other` for a reason that only one vendor uses, `null` without a reason. */
export function finishOf(
  finishes: Readonly<Record<string, FinishReason>>,
  word: string | null,
): FinishReason | null {
  if (word === null) return null;
  return Object.hasOwn(finishes, word) ? (finishes[word] ?? "other") : "other";
}
