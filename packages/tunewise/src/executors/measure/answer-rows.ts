/** @file Answers of both models to test rows, and losses of the expected answers, as far as metrics need them. */
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
  /** Aborted by the user or by a cap; takes effect between batches. */
  readonly signal: AbortSignal;
  /** Whether a cap may interrupt, so that rows are answered in small parts that count individually. */
  readonly isCapped: boolean;
  /** Cache with answers of earlier sessions, and the identity of each model's weights; `null` to cache none. */
  readonly earlier: {
    readonly cache: AnswerCache;
    readonly base: string;
    readonly tuned: string | null;
  } | null;
  readonly onProgress: (name: string, done: number, total: number) => void;
}

/** Rows to evaluate: the first of the test rows, or all blocks of the first documents. */
export function rowsToEvaluate(rows: readonly EncodedRow[], { evaluation }: Recipe): readonly EncodedRow[] {
  const { rows: most } = evaluation;
  if (most === null) return rows;
  let taken = 0;
  const end = rows.findIndex(({ example }, at) => {
    if (example !== rows[at - 1]?.example) taken++;
    return taken > most;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

/** What a model returned for one test row. */
export interface AnsweredExample extends RowAnswer {
  /** Index of the example. */
  readonly example: number;
}

/**
 * What a model returned for each test row. The losses of a document's blocks are added up; a last document of which not
 * all blocks were read is left out.
 *
 * @param rows the evaluated rows; those of one document follow each other
 * @param answers of the first rows
 */
export function answersByExample(
  rows: readonly EncodedRow[],
  answers: readonly RowAnswer[],
): AnsweredExample[] {
  const found: AnsweredExample[] = [];
  for (const [at, { answer, loss }] of answers.entries()) {
    const { example } = rows[at] as EncodedRow;
    const last = found.at(-1);
    if (last?.example !== example) found.push({ example, answer, loss });
    else found[found.length - 1] = { example, answer: last.answer, loss: sumOf(last.loss, loss) };
  }
  const isCut = answers.length > 0 && rows[answers.length]?.example === found.at(-1)?.example;
  return isCut ? found.slice(0, -1) : found;
}

function sumOf(one: RowLoss | null, other: RowLoss | null): RowLoss | null {
  if (one === null || other === null) return null;
  return { nll: one.nll + other.nll, labelledTokens: one.labelledTokens + other.labelledTokens };
}

/**
 * Collects the answers of both models. The tuned model comes first, since its answers matter most if a cap interrupts;
 * then only the first rows are answered. The base model answers as many rows.
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

/** Answers and losses that the metrics need, part by part, so that each part is complete. */
function answersOf(context: AnswerContext, variant: ModelVariant): Promise<RowAnswer[]> {
  const { rows, recipe, decoding } = context;
  const kinds = recipe.task.metrics.map((metric) => metricKinds[metric]);
  const needs = (what: string): boolean => kinds.some((kind) => kind.needs === what);
  const [answers, losses] = [needs("answers"), needs("loss")];
  if (!answers && !losses) return Promise.resolve(rows.map(() => ({ answer: null, loss: null })));
  const { maxNewTokens, temperature, topP } = recipe.evaluation;
  // sampled answers depend on a row's index among the rows answered together
  const isRandom = answers && temperature > 0;
  const how = { answers, losses, decoding, maxNewTokens, temperature, topP, seed: recipe.training.seed };
  const asked = {
    asked: cacheKey(context, variant, isRandom ? null : how),
    // the mask of labelled tokens is part of the question
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

/** Rows before a part, and all rows. */
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
  const prompts = rows.map(({ ids, promptLength, example }) => {
    const { messages, tools } = examples[example] as Example;
    return {
      ids: ids.subarray(0, promptLength),
      messages: messages.slice(0, -1),
      ...(tools && { tools }),
    };
  });
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

/** Size of a part: batches if a cap may interrupt, otherwise rows. Larger parts gain little. */
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
