/**
 * @file Labels that answers are chosen from, and their tokens behind a prompt.
 */

import { type EncodedCompletion, encodeCompletion, type Message, type Tokenizer } from "../dataset/index.ts";
import { labelsOf } from "../evaluate/index.ts";
import { countOf } from "../quantity/index.ts";
import type { Recipe } from "../recipe/index.ts";

/** How answers of a recipe are decoded. */
export type Decoding =
  | { readonly kind: "constrained"; readonly labels: readonly string[] }
  /** `reason`: why labels are not chosen from although the recipe asks for it; `null`: it does not. */
  | { readonly kind: "free"; readonly reason: string | null };

/** Most labels, letters of one, and letters of all; what has more is no classification that a search pays for. */
const most = { labels: 4096, lettersOfOne: 1000, letters: 400_000 } as const;

/** The labels of the recipe or, where it lists none, of the training rows. Labels of the test rows are not among them. */
export function decodingOf({ task, evaluation }: Recipe, knownLabels: readonly string[]): Decoding {
  if (evaluation.decoding === "free") return { kind: "free", reason: null };
  const labels = labelsOf(task.labels.length > 0 ? task.labels : knownLabels, []).filter(
    (label) => label !== "",
  );
  const letters = labels.reduce((sum, { length }) => sum + length, 0);
  const longest = labels.reduce((longest, { length }) => Math.max(longest, length), 0);
  const reason =
    labels.length < 2
      ? "there are fewer than two labels"
      : labels.length > most.labels
        ? `${countOf(labels.length, "label")} are more than ${most.labels}`
        : longest > most.lettersOfOne || letters > most.letters
          ? `labels of up to ${longest} letters are too long`
          : null;
  return reason === null ? { kind: "constrained", labels } : { kind: "free", reason };
}

/** A prompt with the tokens that each label would be behind it. */
export interface PromptWithChoices {
  readonly prompt: Int32Array;
  /** One per label, none empty. The same list for prompts after which labels have the same tokens. */
  readonly choices: readonly (readonly number[])[];
}

/**
 * Tokens of the labels behind each prompt. They depend on where the prompt ends, which for most templates is the same
 * token everywhere: then they are encoded once.
 *
 * @returns `null` where the template does not take a label as an answer
 */
export function withChoices(
  rows: readonly { readonly ids: Int32Array; readonly messages: readonly Message[] }[],
  labels: readonly string[],
  tokenizer: Tokenizer,
): readonly PromptWithChoices[] | null {
  const known = new Map<string, readonly (readonly number[])[]>();
  const prompts: PromptWithChoices[] = [];
  for (const { ids, messages } of rows) {
    const first = encodeCompletion(messages, labels[0] ?? "", tokenizer);
    if ("code" in first) return null;
    const key = `${first.prompt.at(-1)} ${first.answer.join(" ")}`;
    const choices = known.get(key) ?? choicesAfter(messages, labels, tokenizer);
    if (choices === null) return null;
    known.set(key, choices);
    prompts.push({ prompt: promptOf(ids, first), choices });
  }
  return prompts;
}

function choicesAfter(
  messages: readonly Message[],
  labels: readonly string[],
  tokenizer: Tokenizer,
): readonly (readonly number[])[] | null {
  const choices: (readonly number[])[] = [];
  for (const label of labels) {
    const encoded = encodeCompletion(messages, label, tokenizer);
    if ("code" in encoded || encoded.answer.length === 0) return null;
    choices.push(encoded.answer);
  }
  return choices;
}

/** Where prompt and answer share a token, the prompt ends before it. One that was cut at its start stays as it is. */
function promptOf(ids: Int32Array, { prompt }: EncodedCompletion): Int32Array {
  const isStart = prompt.length < ids.length && prompt.every((id, at) => id === ids[at]);
  return isStart ? Int32Array.from(prompt) : ids;
}
