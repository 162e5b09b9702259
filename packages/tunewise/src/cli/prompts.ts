/** @file Asks questions in a terminal. The only file that imports `@clack/prompts`. */
import { confirm, intro, isCancel, outro, password, select, text } from "@clack/prompts";
import { problem } from "../problem/index.ts";

/** A question for one line of text. */
export interface TextQuestion {
  readonly message: string;
  /** Default answer. */
  readonly fallback: string;
  /** Returns what is wrong with an answer, or `null`. */
  readonly objection?: (answer: string) => string | null;
}

/** A question with a few answers. */
export interface ChoiceQuestion<Value extends string> {
  readonly message: string;
  readonly fallback: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly hint: string }[];
}

/** Prints a line before a series of questions, and another one when it is closed. */
export function openQuestions(title: string): { close(line: string): void } {
  intro(title);
  return { close: (line) => outro(line) };
}

/**
 * Asks for a line of text.
 *
 * @throws {TunewiseError} `USAGE_INTERRUPTED` when the question is cancelled
 */
export async function askText(question: TextQuestion, command: string): Promise<string> {
  const { message, fallback, objection } = question;
  const answer = await text({
    message,
    placeholder: fallback,
    defaultValue: fallback,
    validate: (value) => objection?.(value?.trim() || fallback) ?? undefined,
  });
  if (isCancel(answer)) throw problem("USAGE_INTERRUPTED", { command });
  return answer.trim() || fallback;
}

/**
 * Asks for one of several answers.
 *
 * @throws {TunewiseError} `USAGE_INTERRUPTED` when the question is cancelled
 */
export async function askChoice<Value extends string>(
  question: ChoiceQuestion<Value>,
  command: string,
): Promise<Value> {
  const { message, fallback, choices } = question;
  const answer = await select<string>({
    message,
    initialValue: fallback,
    options: choices.map((choice) => ({ ...choice })),
  });
  if (isCancel(answer)) throw problem("USAGE_INTERRUPTED", { command });
  return choices.find(({ value }) => value === answer)?.value ?? fallback;
}

/**
 * Asks yes or no; no is the default.
 *
 * @throws {TunewiseError} `USAGE_INTERRUPTED` when the question is cancelled
 */
export async function askYes(message: string, command: string): Promise<boolean> {
  const answer = await confirm({ message, initialValue: false });
  if (isCancel(answer)) throw problem("USAGE_INTERRUPTED", { command });
  return answer;
}

/**
 * Asks for a password, which is not shown.
 *
 * @throws {TunewiseError} `USAGE_INTERRUPTED` when the question is cancelled
 */
export async function askPassword(message: string, command: string): Promise<string> {
  const answer = await password({ message });
  if (isCancel(answer)) throw problem("USAGE_INTERRUPTED", { command });
  return answer;
}
