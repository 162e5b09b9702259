/** @file Labels for constrained decoding, and their tokens after a prompt. */

import { countOf } from "@tunewise/core/quantity";
import type { Example, JsonObject, Message } from "@tunewise/core/rows";
import { answerOf, type JsonSchema } from "@tunewise/datacheck/dataset";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { type EncodedCompletion, encodeCompletion } from "../encode/index.ts";
import { labelsOf, type ScoringData } from "../evaluate/index.ts";
import { TunewiseError } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import { callObstacle } from "./call-constraint.ts";
import { jsonConstraint } from "./json-constraint.ts";

/** How answers of a recipe are decoded. */
export type Decoding =
  | { readonly kind: "constrained"; readonly labels: readonly string[] }
  /** `null`: any JSON object. */
  | { readonly kind: "json"; readonly schema: JsonSchema | null }
  /** Free until a call begins; calls keep to the tools of their row. */
  | { readonly kind: "calls" }
  /** `reason`: why decoding is free although the recipe asks for constrained; `null` if it does not. */
  | { readonly kind: "free"; readonly reason: string | null };

/**
 * Maximum number of labels, characters of one, and characters of all. Beyond them, constrained decoding is not worth
 * its cost.
 */
const limits = { labels: 4096, lettersOfOne: 1000, letters: 400_000 } as const;

/**
 * Uses the labels of the recipe or, if it lists none, of the training rows, but never labels that only occur in test
 * rows. Answers of kind `json` are constrained to the recipe's schema, and calls to the tools of their rows, if
 * schemas and tokenizer allow it.
 *
 * @param offered the tools of each row that is answered
 */
export function decodingOf(
  { task, evaluation }: Recipe,
  knownLabels: readonly string[],
  schema: JsonSchema | null,
  tokenizer: Tokenizer,
  offered: readonly (readonly JsonObject[])[],
): Decoding {
  if (evaluation.decoding === "free") return { kind: "free", reason: null };
  if (task.kind === "json") {
    const reason = constraintObstacle(schema, tokenizer);
    return reason === null ? { kind: "json", schema } : { kind: "free", reason };
  }
  if (task.kind === "tools") {
    const reason = callObstacle(tokenizer, offered);
    return reason === null ? { kind: "calls" } : { kind: "free", reason };
  }
  const labels = labelsOf(task.labels.length > 0 ? task.labels : knownLabels, []).filter(
    (label) => label !== "",
  );
  const letters = labels.reduce((sum, { length }) => sum + length, 0);
  const longest = labels.reduce((longest, { length }) => Math.max(longest, length), 0);
  const reason =
    labels.length < 2
      ? "there are fewer than two labels"
      : labels.length > limits.labels
        ? `${countOf(labels.length, "label")} are more than ${limits.labels}`
        : longest > limits.lettersOfOne || letters > limits.letters
          ? `labels of up to ${longest} letters are too long`
          : null;
  return reason === null ? { kind: "constrained", labels } : { kind: "free", reason };
}

/** Why answers cannot be restricted to a schema; `null` if they can. */
function constraintObstacle(schema: JsonSchema | null, tokenizer: Tokenizer): string | null {
  try {
    jsonConstraint(tokenizer, schema);
    return null;
  } catch (error) {
    if (!TunewiseError.is(error)) throw error;
    const obstacle = error.message.replace(/\.$/, "");
    if (error.code === "SCHEMA_UNSUPPORTED") return `the schema's ${obstacle}`;
    if (error.code === "CONSTRAINT_TOKENIZER") return obstacle;
    throw error;
  }
}

/** Decoding with the answers of the training rows as known labels. */
export function decodingFor({ recipe, examples, scoring, tokenizer }: DecodedData): Decoding {
  const offered = offeredBy(examples.test);
  return decodingOf(recipe, knownLabelsOf(examples.train), scoring.schema, tokenizer, offered);
}

/** The tools of each row that offers some. */
export function offeredBy(rows: readonly Example[]): (readonly JsonObject[])[] {
  return rows.flatMap(({ tools }) => (tools ? [tools] : []));
}

/** Whether answers are restricted token by token, which only the engine does. */
export function isStructured({ kind }: Decoding): boolean {
  return kind === "json" || kind === "calls";
}

/** Inputs that determine how answers are decoded. */
export interface DecodedData {
  readonly recipe: Recipe;
  readonly examples: { readonly [Part in "train" | "test"]: readonly Example[] };
  readonly scoring: Pick<ScoringData, "schema">;
  readonly tokenizer: Tokenizer;
}

/** Distinct answers of the training rows. */
export function knownLabelsOf(train: readonly Example[]): string[] {
  return [...new Set(train.map(answerOf))];
}

/** A prompt with the tokens of each label after it. */
export interface PromptWithChoices {
  readonly prompt: Int32Array;
  /** Tokens per label, none empty. Prompts with the same label tokens share one list. */
  readonly choices: readonly (readonly number[])[];
}

/**
 * Tokenizes the labels after each prompt. The tokens depend on the end of the prompt, which is the same in most
 * templates, so labels are usually encoded once.
 *
 * @returns `null` if the template does not accept a label as an answer
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

/** If prompt and answer share a token, the prompt ends before it. A prompt truncated at its start is unchanged. */
function promptOf(ids: Int32Array, { prompt }: EncodedCompletion): Int32Array {
  const isStart = prompt.length < ids.length && prompt.every((id, at) => id === ids[at]);
  return isStart ? Int32Array.from(prompt) : ids;
}
