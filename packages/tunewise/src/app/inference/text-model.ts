/**
 * @file Text model for `tunewise model chat`, `tunewise model serve` and `tunewise model generate`, with its base if it
 * is a run's result.
 */

import type { Adapter, AnswerPool, Conversation, LanguageModel } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type FoundTextModel,
  findTextModel,
  type ModelVariant,
  type TextModelOptions,
} from "./find-text-model.ts";
import { type AnswerContext, generateAnswer, type OpenVariant } from "./generate-answer.ts";
import type { AnswerEvent, Decoding, Question } from "./question.ts";
import { createVariants } from "./tokenizer-variants.ts";

/** Maximum number of waiting questions. */
const maxWaiting = 32;

/** Default token limit of an answer. */
const defaultMaxTokens = 1024;

const defaultSeed = 17;

/** A model that answers one question at a time, or several together. Other questions wait in a queue. */
export interface TextModel {
  /** The default variant comes first. A run's result is followed by its base. */
  readonly variants: readonly [ModelVariant, ...ModelVariant[]];
  readonly contextLength: number;
  /** Number of waiting questions. */
  readonly waiting: number;
  /**
   * Answers a question. The first event follows when the question's turn comes, if its prompt fits the context. On
   * abort the answer ends as `interrupted`.
   *
   * @throws {TunewiseError} `QUEUE_FULL`, `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `SCHEMA_UNSUPPORTED`,
   *   `CONSTRAINT_TOKENIZER`, `CONSTRAINT_DEAD_END`; the signal's reason if it aborts the wait
   */
  answer(question: Question): AsyncGenerator<AnswerEvent, void>;
  /** Aborts running answers and frees the model. */
  close(): Promise<void>;
}

/**
 * Opens the text model named by `source`.
 *
 * @param source a run (id, id prefix, `latest`), a recipe (`.yaml`), or a model (hub id, folder, `.gguf` file);
 *   `null` for the recipe `tunewise.yaml` of this folder
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `RECIPE_NOT_FOUND`, `MODEL_NOT_FOUND`
 */
export async function openTextModel(
  source: string | null,
  runtime: Runtime,
  options: TextModelOptions = {},
): Promise<TextModel> {
  return openFound(await findTextModel(source, runtime, options), runtime);
}

/**
 * Opens a text model that was found.
 *
 * @param slots number of questions that are answered together
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER`, and those of opening a model
 */
export async function openFound(found: FoundTextModel, runtime: Runtime, slots = 1): Promise<TextModel> {
  const tokenizer = createVariants(createTokenizer(found.files.tokenizer));
  const { model, variants, settled } = await openVariants(found, slots);
  const { contextLength } = model;
  const seconds = runtime.elapsedSeconds;
  const context: AnswerContext = { tokenizer, contextLength, seconds };
  const queue = createRequestQueue(maxWaiting, slots);
  const closing = new AbortController();

  async function* answer(question: Question): AsyncGenerator<AnswerEvent, void> {
    const variant = variants.find(({ name }) => name === question.variant.name);
    if (!variant) throw new Error(`Internal: nobody here is called ${question.variant.name}`);
    const either = anySignal(question.signal, closing.signal);
    try {
      const end = await queue.take(either.signal);
      try {
        yield* generateAnswer(variant, context, question, either.signal);
      } finally {
        end();
      }
    } finally {
      either.release();
    }
  }

  return {
    variants: variants.map(publicPart) as [ModelVariant, ...ModelVariant[]],
    contextLength,
    get waiting(): number {
      return queue.waiting;
    },
    answer,
    close: async () => {
      closing.abort();
      // a running answer stops at the next layer, or pass of several, which frees the model
      const never = new AbortController().signal;
      for (let slot = 0; slot < slots; slot++) await queue.take(never);
      await settled();
      await model.close();
    },
  };
}

function publicPart({ name, kind, aliases, decoding, continuesText }: ModelVariant): ModelVariant {
  return { name, kind, aliases, decoding, continuesText };
}

/** The recipe's evaluation settings for decoding, with overrides. */
export function decodingOf({ decoding }: Pick<ModelVariant, "decoding">, given: Partial<Decoding>): Decoding {
  const { temperature, topP } = decoding;
  return { maxTokens: defaultMaxTokens, temperature, topP, seed: defaultSeed, ...given };
}

/** A signal that aborts when either of two does. `release` removes its listeners. */
function anySignal(a: AbortSignal, b: AbortSignal): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = ({ target }: Event): void => controller.abort((target as AbortSignal).reason);
  for (const one of [a, b]) {
    if (one.aborted) controller.abort(one.reason);
    one.addEventListener("abort", abort);
  }
  return {
    signal: controller.signal,
    release: () => {
      for (const one of [a, b]) one.removeEventListener("abort", abort);
    },
  };
}

/**
 * Opens the model and its variants, with a conversation for each. Closes everything if one cannot be opened.
 *
 * @param slots number of answers that are computed together, of all variants
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER`, and those of opening a model
 */
export async function openVariants(
  { open, variants }: FoundTextModel,
  slots: number,
): Promise<{
  readonly model: LanguageModel;
  readonly variants: readonly OpenVariant[];
  /** Resolves when no answer is being computed. */
  readonly settled: () => Promise<void>;
}> {
  let model: LanguageModel | null = null;
  try {
    const opened = await open();
    model = opened;
    const adapters: (Adapter | null)[] = [];
    for (const { load } of variants) adapters.push(load && (await load(opened)));
    const { conversations, settled } =
      slots > 1 ? opened.createPool(adapters, slots) : oneAtATime(opened, adapters);
    const ready = variants.map(({ load: _, ...variant }, at): OpenVariant => {
      return { ...variant, conversation: conversations[at] as Conversation };
    });
    return { model, variants: ready, settled };
  } catch (error) {
    await model?.close();
    throw error;
  }
}

/** Conversations that must not answer at the same time. */
function oneAtATime(model: LanguageModel, adapters: readonly (Adapter | null)[]): AnswerPool {
  const conversations = adapters.map((adapter) => model.createConversation(adapter));
  return { conversations, settled: async () => undefined };
}

/** A queue of requests. */
export interface RequestQueue {
  /** Number of waiting requests, excluding the active ones. */
  readonly waiting: number;
  /**
   * Waits for a request's turn. The caller must call the returned function to end the turn.
   *
   * @throws {TunewiseError} `QUEUE_FULL` at once; the signal's reason if it aborts the wait
   */
  take(signal: AbortSignal): Promise<() => void>;
}

/**
 * Creates a queue of at most `maxWaiting` requests in addition to the active ones.
 *
 * @param places number of requests that are active at the same time
 * @throws {TunewiseError} by `take` `QUEUE_FULL`
 */
export function createRequestQueue(maxWaiting: number, places = 1): RequestQueue {
  const line: (() => void)[] = [];
  let taken = 0;

  const end = (): void => {
    const next = line.shift();
    if (next) next();
    else taken--;
  };

  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        line.splice(line.indexOf(go), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      line.push(go);
    });

  return {
    get waiting(): number {
      return line.length;
    },
    async take(signal): Promise<() => void> {
      signal.throwIfAborted();
      if (taken < places) {
        taken++;
        return end;
      }
      if (line.length >= maxWaiting) throw problem("QUEUE_FULL", { waiting: line.length });
      await wait(signal);
      return end;
    },
  };
}
