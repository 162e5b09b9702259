/** @file Judges the base and the tuned model on the same test rows. */

import type { EncodedRow, Example, Tokenizer } from "../../dataset/index.ts";
import type { Adapter, LanguageModel } from "../../engine/index.ts";
import {
  type Comparison,
  compareScores,
  findContradictions,
  metricKinds,
  noFacts,
  type Score,
  type ScoringData,
  withoutRows,
} from "../../evaluate/index.ts";
import { type AnswerCache, askInParts, type Parts } from "../../executors/index.ts";
import { type Observation, seenRows } from "../../inspect/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { DecodedAnswer, RowAnswer, RowLoss } from "../../run/index.ts";
import {
  type ArmResult,
  type Decoding,
  decodeAnswers,
  decodingOf,
  type Judgement,
  type Scorer,
  type SeenRows,
  scoreAnswers,
  trivialScores,
} from "../../scoring/index.ts";

/** What a judging needs of a run. */
export interface EvaluationContext {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly recipe: Recipe;
  /** Folder of the recipe's file. */
  readonly folder: string;
  readonly scoring: ScoringData;
  /** How Node is started. */
  readonly node: readonly string[];
  /** Examples the rows came from. */
  readonly examples: readonly Example[];
  readonly rows: readonly EncodedRow[];
  /** Rows that training used: their answers are the known labels, and trivial answers come from them. */
  readonly train: readonly Example[];
  /** What the checks saw in the rows. */
  readonly observations: readonly Observation[];
  /** Aborts between batches: the user, or a cap. */
  readonly signal: AbortSignal;
  /** Whether a cap may end it, so that it goes in small parts of which each counts. */
  readonly isCapped: boolean;
  /** What was answered in earlier sittings, and by which weights; `null`: nothing is kept. */
  readonly earlier: {
    readonly kept: AnswerCache;
    readonly base: string;
    readonly tuned: string | null;
  } | null;
  readonly onProgress: (name: string, done: number, total: number) => void;
}

/** What was asked and expected, one of each per row. */
interface AskedRows {
  readonly references: readonly string[];
  readonly questions: readonly string[];
  readonly decoding: Decoding;
}

/** Rows that will be judged: the first ones of the test rows. */
export function rowsToEvaluate(rows: readonly EncodedRow[], { evaluation }: Recipe): readonly EncodedRow[] {
  return evaluation.rows === null ? rows : rows.slice(0, evaluation.rows);
}

/**
 * Judges the tuned model first, so that a cap that acts in the middle leaves what matters most. Where it acts, the rows
 * answered so far are judged; they are the first ones, in no order of their own.
 *
 * @returns `null` where no row was answered
 */
export async function evaluateModels(
  context: EvaluationContext,
  adapter: Adapter,
): Promise<Judgement | null> {
  const { rows, examples, recipe } = context;
  const exampleOf = (row: EncodedRow): Example => examples[row.example] as Example;
  const all = rows.map((row) => exampleOf(row).messages.at(-1)?.content ?? "");
  const decoding = decodingOf(recipe, knownLabelsOf(context));
  const asked = { references: all, questions: rows.map((row) => promptText(exampleOf(row))), decoding };
  const tuned = await judgeArm(context, "tuned", adapter, asked);
  if (tuned === null) return null;
  const count = tuned.rows;
  const base = recipe.evaluation.base ? await judgeArm(context, "base", null, asked, count) : null;
  const settings = { seed: recipe.training.seed };
  const comparisons = base === null ? [] : compareArms(base, tuned, settings);
  const [references, prompts] = [all.slice(0, count), asked.questions.slice(0, count)];
  const test = rows.slice(0, count).map(exampleOf);
  const contradictions = [tuned, base].flatMap((arm) =>
    arm === null ? [] : findContradictions(arm.scores, arm.answers, references.slice(0, arm.rows)),
  );
  return {
    ...{ decoding, references, prompts, tuned, base, comparisons, contradictions, planned: rows.length },
    trivial: await trivialScores(scorerOf(context), tuned.scores, {
      train: context.train,
      ...{ test, references, prompts },
    }),
    seen: seenOf(seenRows(test, context.observations), tuned, base, settings),
  };
}

/** Both on the rows that both answered: the base may have been ended earlier. */
function compareArms(base: ArmResult, tuned: ArmResult, settings: { readonly seed: number }): Comparison[] {
  return base.scores.map((score, at) => {
    const [first, second] = onSameRows(score, tuned.scores[at] as Score);
    return compareScores(first, second, settings);
  });
}

function onSameRows(base: Score, tuned: Score): readonly [Score, Score] {
  const missing = tuned.outcomes.length - base.outcomes.length;
  if (missing === 0) return [base, tuned];
  const left = new Set(tuned.outcomes.keys());
  for (const row of base.outcomes.keys()) left.delete(row);
  const unasked = Array.from({ length: missing }, () => ({ value: 0, weight: 0 }));
  return [{ ...base, outcomes: [...base.outcomes, ...unasked] }, withoutRows(tuned, left)];
}

/** Both models on the rows that training has not seen. */
function seenOf(
  seen: ReadonlySet<number>,
  tuned: ArmResult,
  base: ArmResult | null,
  settings: { readonly seed: number },
): SeenRows | null {
  if (seen.size === 0) return null;
  const unseen = tuned.scores.map((own, at) => {
    const other = base?.scores[at];
    const isAll = seen.size === own.outcomes.length;
    return other === undefined || isAll ? null : compareUnseen(other, own, seen, settings);
  });
  return { rows: seen.size, unseen };
}

function compareUnseen(
  other: Score,
  own: Score,
  seen: ReadonlySet<number>,
  settings: { readonly seed: number },
): Comparison {
  const [base, tuned] = onSameRows(other, own);
  return compareScores(withoutRows(base, seen), withoutRows(tuned, seen), settings);
}

function knownLabelsOf({ train }: Pick<EvaluationContext, "train">): string[] {
  return [...new Set(train.map(({ messages }) => messages.at(-1)?.content ?? ""))];
}

function scorerOf(context: EvaluationContext): Scorer {
  const { recipe, folder, scoring, node } = context;
  return { recipe, folder, material: scoring, knownLabels: knownLabelsOf(context), node };
}

/** One model's result on the rows that it answered; `null` where it answered none. */
async function judgeArm(
  context: EvaluationContext,
  arm: ArmResult["arm"],
  adapter: Adapter | null,
  { references, questions, decoding }: AskedRows,
  count: number = context.rows.length,
): Promise<ArmResult | null> {
  const { metrics } = context.recipe.task;
  const found = await askRows({ ...context, rows: context.rows.slice(0, count) }, arm, adapter, decoding);
  const rows = found.length;
  if (rows === 0) return null;
  const decoded = found.flatMap(({ answer }) => answer ?? []);
  const losses = found.flatMap(({ loss }) => loss ?? []);
  const answers = decoded.map(({ text }) => text);
  const about = { ...noFacts, questions: questions.slice(0, rows) };
  const answered = { answers, losses, references: references.slice(0, rows), about };
  const scores = await scoreAnswers(scorerOf(context), metrics, answered);
  return { arm, rows, answers, probabilities: decoded.map(({ probability }) => probability), scores };
}

/** What the metrics need of each row, part after part, so that each part is whole. */
function askRows(
  context: EvaluationContext,
  arm: ArmResult["arm"],
  adapter: Adapter | null,
  decoding: Decoding,
): Promise<RowAnswer[]> {
  const { rows, recipe } = context;
  const kinds = recipe.task.metrics.map((metric) => metricKinds[metric]);
  const needs = (what: string): boolean => kinds.some((kind) => kind.needs === what);
  const [answers, losses] = [needs("answers"), needs("loss")];
  if (!answers && !losses) return Promise.resolve(rows.map(() => ({ answer: null, loss: null })));
  const { maxNewTokens, temperature, topP } = recipe.evaluation;
  // random numbers belong to a row's place among those that are asked together
  const isRandom = answers && temperature > 0;
  const how = { answers, losses, decoding, maxNewTokens, temperature, topP, seed: recipe.training.seed };
  const asked = {
    asked: whoAndHow(context, arm, isRandom ? null : how),
    // which tokens count belongs to what is asked
    ids: rows.map(({ ids, labelled, promptLength }) => Int32Array.from([promptLength, ...ids, ...labelled])),
  };
  return askInParts(partsOf(context, isRandom), asked, async (places) => {
    const part = { ...context, rows: places.map((place) => rows[place] as EncodedRow) };
    const progress: Progress = { first: places[0] ?? 0, total: rows.length };
    const decoded = answers ? await answer(part, arm, adapter, decoding, progress) : [];
    const found = losses ? await rowLosses(part, arm, adapter, progress) : [];
    return places.map((_, at) => ({ answer: decoded[at] ?? null, loss: found[at] ?? null }));
  });
}

/** Rows before a part, and rows in all. */
interface Progress {
  readonly first: number;
  readonly total: number;
}

function answer(
  context: EvaluationContext,
  arm: ArmResult["arm"],
  adapter: Adapter | null,
  decoding: Decoding,
  { first, total }: Progress,
): Promise<DecodedAnswer[]> {
  const { model, tokenizer, rows, examples, recipe, signal } = context;
  let done = first;
  const onAnswer = (): void => context.onProgress(`answers of the ${arm} model`, ++done, total);
  const prompts = rows.map(({ ids, promptLength, example }) => ({
    ids: ids.subarray(0, promptLength),
    messages: (examples[example] as Example).messages.slice(0, -1),
  }));
  return decodeAnswers({ model, tokenizer, recipe, decoding, signal, onAnswer }, adapter, prompts);
}

function rowLosses(
  { model, rows, signal, onProgress }: EvaluationContext,
  arm: ArmResult["arm"],
  adapter: Adapter | null,
  { first, total }: Progress,
): Promise<RowLoss[]> {
  const onRows = (done: number): void => onProgress(`losses of the ${arm} model`, first + done, total);
  return model.losses(adapter, rows, { signal, onRows });
}

/** Rows that are asked together where a cap may end it, and where none does: more gain little. */
const [batchesCapped, rowsFree] = [2, 128];

function partsOf({ recipe, rows, isCapped, earlier, signal }: EvaluationContext, isWhole: boolean): Parts {
  const { batchSize } = recipe.evaluation;
  const some = isCapped ? batchesCapped * batchSize : Math.max(rowsFree, batchSize);
  return { rowsAtOnce: isWhole ? Math.max(1, rows.length) : some, kept: earlier?.kept ?? null, signal };
}

function whoAndHow({ earlier }: EvaluationContext, arm: ArmResult["arm"], how: object | null): unknown {
  const who = earlier?.[arm] ?? null;
  return who === null || how === null ? null : { who, ...how };
}

/** What was asked, as a reader would read it: the last turn before the answer. */
function promptText({ messages }: Example): string {
  return messages.at(-2)?.content ?? "";
}
