/**
 * @file `tunewise model chat`, `model serve` and `model generate`: a model that answers, and beside it, where it is the
 * result of a run, its base.
 */
import { createTokenizer } from "../../dataset/index.ts";
import type { Host } from "../../runtime/index.ts";
import { type Manner, speakAnswer } from "./answer.ts";
import { findTextModel, type ModelVariant, type TextModelOptions } from "./find-text-model.ts";
import { openVariants } from "./open-variants.ts";
import type { AnswerEvent, Decoding, Question } from "./question.ts";
import { createTurns } from "./request-queue.ts";

/** Answers that may wait for their turn. */
const waitingMost = 32;

/** Longest answer where nobody says how long, in tokens. */
const defaultMaxTokens = 1024;

const defaultSeed = 17;

/** A model that answers, one question at a time; further questions wait. */
export interface TextModel {
  /** The one asked for first; beside the result of a run its base. */
  readonly voices: readonly [ModelVariant, ...ModelVariant[]];
  readonly contextLength: number;
  /** How the recipe decodes when it judges. */
  readonly decoding: { readonly maxNewTokens: number; readonly temperature: number; readonly topP: number };
  /** Questions that wait for their turn. */
  readonly waiting: number;
  /**
   * Answers a question. The first event comes when it is the question's turn and its prompt is known to fit. An
   * answer that is aborted ends as `interrupted`.
   *
   * @throws {TunewiseError} `QUEUE_FULL`, `PROMPT_EMPTY`, `PROMPT_TOO_LONG`; what the signal carries, where that
   * aborts the waiting
   */
  answer(question: Question): AsyncGenerator<AnswerEvent, void>;
  /** Ends what is being answered and frees the model. */
  close(): Promise<void>;
}

/**
 * Opens who is named by `source`.
 *
 * @param source a run (id, start of one, `latest`), a recipe (`.yaml`), or a model (hub id, folder, `.gguf` file);
 * `null`: the recipe `tunewise.yaml` of this folder
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `RECIPE_NOT_FOUND`, `MODEL_NOT_FOUND`
 */
export async function openTextModel(
  source: string | null,
  host: Host,
  options: TextModelOptions = {},
): Promise<TextModel> {
  const found = await findTextModel(source, host, options);
  const { files, system, promptTemplate, decoding } = found;
  const tokenizer = createTokenizer(files.tokenizer);
  const { model, voices } = await openVariants(found);
  const manner: Manner = { tokenizer, contextLength: model.contextLength, system, promptTemplate };
  const turns = createTurns(waitingMost);
  const closing = new AbortController();

  async function* answer(question: Question): AsyncGenerator<AnswerEvent, void> {
    const voice = voices.find(({ name }) => name === question.voice.name);
    if (!voice) throw new Error(`Internal: nobody here is called ${question.voice.name}`);
    const either = firstOf(question.signal, closing.signal);
    try {
      const end = await turns.take(either.signal);
      try {
        yield* speakAnswer(voice, manner, question, either.signal);
      } finally {
        end();
      }
    } finally {
      either.release();
    }
  }

  return {
    voices: voices.map(({ name, kind }): ModelVariant => ({ name, kind })) as [
      ModelVariant,
      ...ModelVariant[],
    ],
    contextLength: model.contextLength,
    decoding,
    get waiting(): number {
      return turns.waiting;
    },
    answer,
    close: async () => {
      closing.abort();
      // whoever is at work ends at the next layer, and then the model is free
      (await turns.take(new AbortController().signal))();
      await model.close();
      await files.weights.close();
    },
  };
}

/** How a speaker decodes: as its recipe judges, unless something else is asked for. */
export function decodingOf({ decoding }: TextModel, given: Partial<Decoding>): Decoding {
  const { temperature, topP } = decoding;
  return { maxTokens: defaultMaxTokens, temperature, topP, seed: defaultSeed, ...given };
}

/** A signal that aborts with the first of two, and lets go of both when it is released. */
function firstOf(a: AbortSignal, b: AbortSignal): { readonly signal: AbortSignal; release(): void } {
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
