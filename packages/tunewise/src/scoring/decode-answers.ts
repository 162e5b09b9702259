/** @file Decodes answers of a local model for evaluation: free, or constrained to labels, a JSON Schema or offered tools. */

import { answerText, type JsonObject, type Message, splitReasoning } from "@tunewise/core/rows";
import type { DecodedAnswer } from "@tunewise/core/run";
import type { TokenConstraint } from "@tunewise/engine";
import { learnToolCallSyntax, readAnswer, type Tokenizer } from "@tunewise/engine/tokenize";
import type { Recipe } from "../recipe/index.ts";
import { offeredCalls } from "./call-constraint.ts";
import { jsonConstraint } from "./json-constraint.ts";
import { type Decoding, type PromptWithChoices, withChoices } from "./label-set.ts";
import type { MeasuredModel } from "./measured-model.ts";

/** A model with its decoding settings. */
export interface DecodingModel {
  readonly model: Pick<MeasuredModel, "generate" | "choose">;
  readonly tokenizer: Tokenizer;
  readonly recipe: Recipe;
  readonly decoding: Decoding;
  readonly signal: AbortSignal;
  /** Called with each finished answer. */
  readonly onAnswer?: () => void;
}

/** A prompt as tokens and as messages. */
export interface DecodingPrompt {
  readonly ids: Int32Array;
  readonly messages: readonly Message[];
  /** Tools that the model is offered; absent: none. */
  readonly tools?: readonly JsonObject[];
}

/**
 * Decodes one answer per prompt.
 *
 * @throws {TunewiseError} `CONSTRAINT_TOKENIZER`, `CONSTRAINT_DEAD_END` for answers constrained to schemas
 */
export async function decodeAnswers(
  by: DecodingModel,
  prompts: readonly DecodingPrompt[],
): Promise<DecodedAnswer[]> {
  if (by.decoding.kind !== "constrained") return decodeByToken(by, prompts);
  const { labels } = by.decoding;
  const asked = withChoices(prompts, labels, by.tokenizer);
  if (asked === null) return decodeByToken(by, prompts);
  const answers: DecodedAnswer[] = [];
  for (const [choices, places] of byChoices(asked)) {
    const found = await by.model.choose(
      places.map((place) => asked[place]?.prompt as Int32Array),
      choices,
      {
        batchSize: by.recipe.evaluation.batchSize,
        endIds: by.tokenizer.endIds,
        signal: by.signal,
        onAnswer: () => by.onAnswer?.(),
      },
    );
    for (const [at, place] of places.entries()) {
      const { choice, logProbability } = found[at] as (typeof found)[number];
      const answerTokens = choices[choice]?.length ?? 0;
      answers[place] = {
        text: labels[choice] ?? "",
        answerTokens,
        probability: probabilityOf(logProbability),
      };
    }
  }
  return answers;
}

/** Groups indices of prompts by the tokens of their labels. */
function byChoices(asked: readonly PromptWithChoices[]): Map<PromptWithChoices["choices"], number[]> {
  const groups = new Map<PromptWithChoices["choices"], number[]>();
  for (const [place, { choices }] of asked.entries()) {
    groups.set(choices, [...(groups.get(choices) ?? []), place]);
  }
  return groups;
}

async function decodeByToken(
  { model, tokenizer, recipe, decoding, signal, onAnswer }: DecodingModel,
  prompts: readonly DecodingPrompt[],
): Promise<DecodedAnswer[]> {
  const { maxNewTokens, temperature, topP, batchSize } = recipe.evaluation;
  const answers = await model.generate(
    prompts.map(({ ids }) => ids),
    {
      maxNewTokens,
      temperature,
      topP,
      batchSize,
      signal,
      ...(decoding.kind === "json" ? { constraint: jsonConstraint(tokenizer, decoding.schema) } : {}),
      ...(decoding.kind === "calls"
        ? { constraintOf: (at: number) => callsOf(tokenizer, prompts[at]?.tools ?? []) }
        : {}),
      seed: recipe.training.seed,
      endIds: tokenizer.endIds,
      onAnswer: () => onAnswer?.(),
    },
  );
  const isCalling = recipe.task.metrics.includes("tool_calls");
  return answers.map((ids, at) => ({
    text: textOf(ids, tokenizer, prompts[at]?.tools ?? (isCalling ? [] : null)),
    answerTokens: ids.length,
    probability: null,
  }));
}

function callsOf(tokenizer: Tokenizer, tools: readonly JsonObject[]): TokenConstraint | null {
  const syntax = learnToolCallSyntax(tokenizer);
  return syntax && offeredCalls(tokenizer, syntax, tools);
}

/**
 * The text form of an answer, without its reasoning.
 *
 * @param tools that its calls may use; `null`: it is not searched for calls
 */
function textOf(ids: ArrayLike<number>, tokenizer: Tokenizer, tools: readonly JsonObject[] | null): string {
  const contentOf = (text: string): string => splitReasoning(text, true).content.trim();
  if (tools === null) return contentOf(tokenizer.decode(ids, { skipSpecialTokens: true }));
  const { content, toolCalls } = readAnswer(tokenizer, ids, tools);
  return answerText({ content: contentOf(content), toolCalls });
}

/** Batch size of greedy answers. */
const greedyBatch = 8;

/**
 * Answers prompts greedily, so that answers of different models are comparable.
 */
export async function answerGreedily(
  by: {
    readonly model: Pick<MeasuredModel, "generate">;
    readonly tokenizer: Tokenizer;
    readonly signal?: AbortSignal;
  },
  prompts: readonly { readonly ids: Int32Array }[],
  maxNewTokens: number,
  onAnswer: () => void,
): Promise<string[]> {
  if (prompts.length === 0) return [];
  const { model, tokenizer, signal } = by;
  const answers = await model.generate(
    prompts.map(({ ids }) => ids),
    {
      maxNewTokens,
      temperature: 0,
      topP: 1,
      seed: 0,
      endIds: tokenizer.endIds,
      batchSize: greedyBatch,
      onAnswer,
      ...(signal ? { signal } : {}),
    },
  );
  return answers.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true }).trim());
}

/** @source a probability is e to its natural logarithm: Goodfellow et al. 2016, section 3.13 */
function probabilityOf(logProbability: number): number {
  return Math.exp(logProbability);
}
