/** @file A run's model, or any other, that answers lists of prompts: for programs that use the library. */
import type { Message } from "@tunewise/core/rows";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { ModelVariant, TextModelOptions } from "./find-text-model.ts";
import type { AnswerEnd, Question } from "./question.ts";
import { decodingOf, openTextModel, type TextModel } from "./text-model.ts";

/**
 * Decoding settings of `generate`.
 *
 * @example
 * import type { GenerateOptions } from "tunewise/train";
 *
 * const answer = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
 * const options: GenerateOptions = { maxNewTokens: 64, temperature: 0.7, seed: 1, json: answer };
 * console.log(options.maxNewTokens); // 64
 */
export interface GenerateOptions {
  /** System message. Default: that of the training rows. */
  readonly system?: string;
  /** Maximum tokens of an answer. Default: as in the recipe's evaluation. */
  readonly maxNewTokens?: number;
  /** 0 always takes the likeliest token. Default: as in the recipe's evaluation. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  /** Texts that end an answer. */
  readonly stop?: readonly string[];
  /** JSON Schema that every answer satisfies; `true` allows any JSON object. Default: answers are not restricted. */
  readonly json?: true | object;
}

/** An answer, and why it ended. */
export interface GeneratedAnswer {
  readonly text: string;
  readonly tokens: number;
  /** `stop`: at its end token or a stop text; `length`: at the token limit. */
  readonly end: Exclude<AnswerEnd, "interrupted">;
}

/** An open model. Close it to free its memory. */
export interface RunModel {
  /** Run id, or name of the base model. */
  readonly name: string;
  /** Longest prompt with its answer, in tokens. */
  readonly contextLength: number;
  /**
   * Answers prompts, in order. They are rendered with the model's chat template, in the format of the training rows.
   *
   * @param prompts texts of a user, or conversations
   * @throws {TunewiseError} `PROMPT_TOO_LONG`, `PROMPT_EMPTY`, `QUEUE_FULL`, `SCHEMA_UNSUPPORTED`,
   *   `CONSTRAINT_TOKENIZER`, `CONSTRAINT_DEAD_END`, `USAGE_INTERRUPTED`
   */
  generate(
    prompts: readonly (string | readonly Message[])[],
    options?: GenerateOptions,
  ): Promise<GeneratedAnswer[]>;
  close(): Promise<void>;
}

/**
 * Opens a model for prompts.
 *
 * @param source a run (id, id prefix, `latest`), a recipe (`.yaml`), or a model (hub id, folder, `.gguf` file)
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `MODEL_NOT_FOUND`, `RUN_MODEL_UNSUPPORTED`
 */
export async function openModel(
  source: string,
  runtime: Runtime,
  options: TextModelOptions = {},
): Promise<RunModel> {
  const model = await openTextModel(source, runtime, options);
  const [variant] = model.variants;
  return {
    name: variant.name,
    contextLength: model.contextLength,
    generate: async (prompts, settings = {}) => {
      const answers: GeneratedAnswer[] = [];
      for (const prompt of prompts) {
        const messages = messagesOf(prompt, settings.system);
        answers.push(await answerOf(model, questionOf(variant, messages, settings, runtime.signal)));
      }
      return answers;
    },
    close: () => model.close(),
  };
}

function messagesOf(prompt: string | readonly Message[], system: string | undefined): readonly Message[] {
  const messages = typeof prompt === "string" ? [{ role: "user" as const, content: prompt }] : prompt;
  return system === undefined ? messages : [{ role: "system", content: system }, ...messages];
}

function questionOf(
  variant: ModelVariant,
  messages: readonly Message[],
  { maxNewTokens, temperature, topP, seed, stop, json }: GenerateOptions,
  signal: AbortSignal,
): Question {
  return {
    ...decodingOf(variant, {
      maxTokens: maxNewTokens ?? variant.decoding.maxNewTokens,
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
      ...(seed !== undefined && { seed }),
    }),
    variant,
    prompt: { kind: "chat", messages },
    ...(stop && { stop }),
    ...(json && { json: { schema: json === true ? null : json } }),
    signal,
  };
}

/**
 * Collects the answer to a question.
 *
 * @throws {TunewiseError} `USAGE_INTERRUPTED` if the question's signal aborts, and the errors of the answer
 */
export async function answerOf(model: TextModel, question: Question): Promise<GeneratedAnswer> {
  let text = "";
  try {
    for await (const event of model.answer(question)) {
      if (event.kind === "text-added") text += event.text;
      if (event.kind === "answer-end" && event.reason !== "interrupted")
        return { text, tokens: event.answerTokens, end: event.reason };
    }
  } catch (error) {
    throw question.signal.aborted ? problem("USAGE_INTERRUPTED", { command: "model generate" }) : error;
  }
  throw problem("USAGE_INTERRUPTED", { command: "model generate" });
}
