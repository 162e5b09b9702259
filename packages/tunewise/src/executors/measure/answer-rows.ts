/** @file Answers of the tuned or the base model to test rows, and losses of the expected answers, as the metrics need. */
import type { EncodedRow, Example } from "@tunewise/core/rows";
import type { DecodedAnswer, RowAnswer, RowLoss } from "@tunewise/core/run";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { metricKinds } from "../../evaluate/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { type Decoding, decodeAnswers, type ModelPair } from "../../scoring/index.ts";
import type { AnswerCache } from "./answer-cache.ts";
import { askInParts, type Parts } from "./ask-in-parts.ts";

/** Which model answers. */
export type ModelVariant = "tuned" | "base";

/** Inputs of an evaluation. */
export interface AnswerContext {
  readonly models: Pick<ModelPair, "base" | "tuned">;
  readonly tokenizer: Tokenizer;
  readonly recipe: Recipe;
  readonly decoding: Decoding;
  /** Examples that the rows came from. */
  readonly examples: readonly Example[];
  readonly rows: readonly EncodedRow[];
  /** Aborts between batches: the user, or a cap. */
  readonly signal: AbortSignal;
  /** Whether a cap may end it, so that rows are answered in small parts of which each counts. */
  readonly isCapped: boolean;
  /** Answers of earlier sessions, and the identity of each model's weights; `null` to keep none. */
  readonly earlier: {
    readonly cache: AnswerCache;
    readonly base: string;
    readonly tuned: string | null;
  } | null;
  readonly onProgress: (name: string, done: number, total: number) => void;
}

/** Rows that are evaluated: the first ones of the test rows. */
export function rowsToEvaluate(rows: readonly EncodedRow[], { evaluation }: Recipe): readonly EncodedRow[] {
  return evaluation.rows === null ? rows : rows.slice(0, evaluation.rows);
}

/**
 * Answers of both models. The tuned model comes first, so that a cap that acts in the middle leaves what matters most;
 * what it leaves are the first rows. The base model answers as many.
 *
 * @returns `null` if no row was answered
 */
export async function answerRows(
  context: AnswerContext,
): Promise<{ readonly tuned: readonly RowAnswer[]; readonly base: readonly RowAnswer[] } | null> {
  const tuned = await answersOf(context, "tuned");
  if (tuned.length === 0) return null;
  if (!context.recipe.evaluation.base) return { tuned, base: [] };
  const same = { ...context, rows: context.rows.slice(0, tuned.length) };
  return { tuned, base: await answersOf(same, "base") };
}

/** What the metrics need of each row, part after part, so that each part is complete. */
function answersOf(context: AnswerContext, variant: ModelVariant): Promise<RowAnswer[]> {
  const { rows, recipe, decoding } = context;
  const kinds = recipe.task.metrics.map((metric) => metricKinds[metric]);
  const needs = (what: string): boolean => kinds.some((kind) => kind.needs === what);
  const [answers, losses] = [needs("answers"), needs("loss")];
  if (!answers && !losses) return Promise.resolve(rows.map(() => ({ answer: null, loss: null })));
  const { maxNewTokens, temperature, topP } = recipe.evaluation;
  // random numbers depend on a row's index among those that are answered together
  const isRandom = answers && temperature > 0;
  const how = { answers, losses, decoding, maxNewTokens, temperature, topP, seed: recipe.training.seed };
  const asked = {
    asked: cacheKey(context, variant, isRandom ? null : how),
    // which tokens count is part of the question
    ids: rows.map(({ ids, labelled, promptLength }) => Int32Array.from([promptLength, ...ids, ...labelled])),
  };
  return askInParts(partsOf(context, isRandom), asked, async (places) => {
    const part = { ...context, rows: places.map((place) => rows[place] as EncodedRow) };
    const progress: Progress = { first: places[0] ?? 0, total: rows.length };
    const decoded = answers ? await decode(part, variant, progress) : [];
    const found = losses ? await rowLosses(part, variant, progress) : [];
    return places.map((_, at) => ({ answer: decoded[at] ?? null, loss: found[at] ?? null }));
  });
}

/** Rows before a part, and rows in all. */
interface Progress {
  readonly first: number;
  readonly total: number;
}

function decode(
  context: AnswerContext,
  variant: ModelVariant,
  { first, total }: Progress,
): Promise<DecodedAnswer[]> {
  const { rows, examples } = context;
  let done = first;
  const onAnswer = (): void =>
    context.onProgress(`test rows answered by the ${variant} model`, ++done, total);
  const prompts = rows.map(({ ids, promptLength, example }) => ({
    ids: ids.subarray(0, promptLength),
    messages: (examples[example] as Example).messages.slice(0, -1),
  }));
  return decodeAnswers({ ...context, model: context.models[variant], onAnswer }, prompts);
}

function rowLosses(
  { models, rows, signal, onProgress }: AnswerContext,
  variant: ModelVariant,
  { first, total }: Progress,
): Promise<RowLoss[]> {
  const onRows = (done: number): void =>
    onProgress(`test rows read by the ${variant} model`, first + done, total);
  return models[variant].losses(rows, { signal, onRows });
}

/** Rows that are answered together where a cap may end it, and where none does: more gain little. */
const [batchesCapped, rowsFree] = [2, 128];

function partsOf({ recipe, rows, isCapped, earlier, signal }: AnswerContext, isWhole: boolean): Parts {
  const { batchSize } = recipe.evaluation;
  const some = isCapped ? batchesCapped * batchSize : Math.max(rowsFree, batchSize);
  return { rowsAtOnce: isWhole ? Math.max(1, rows.length) : some, cache: earlier?.cache ?? null, signal };
}

function cacheKey({ earlier }: AnswerContext, variant: ModelVariant, how: object | null): unknown {
  const who = earlier?.[variant] ?? null;
  return who === null || how === null ? null : { who, ...how };
}
