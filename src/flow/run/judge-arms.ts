/**
 * @file Judges the base and the tuned model on the same test rows.
 */
import type { EncodedRow, Example, Tokenizer } from "../../dataset/index.ts";
import type { Adapter, LanguageModel } from "../../engine/index.ts";
import {
  type Comparison,
  type Contradiction,
  compareScores,
  findContradictions,
  metricKinds,
  noFacts,
  type RowLoss,
  type Score,
  type ScoringMaterial,
  type TrivialScore,
  withoutRows,
} from "../../evaluate/index.ts";
import type { Observation } from "../../inspect/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { type DecodedAnswer, decodeAnswers } from "../decoding/decode-answers.ts";
import { type Decoding, decodingOf } from "../decoding/label-set.ts";
import { type Scorer, scoreAnswers } from "../scoring/score-answers.ts";
import { seenRows } from "../scoring/seen-rows.ts";
import { trivialScores } from "../scoring/trivial-scores.ts";

/** What a judging needs of a run. */
export interface JudgeContext {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly recipe: Recipe;
  /** Folder of the recipe's file. */
  readonly folder: string;
  readonly scoring: ScoringMaterial;
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
  readonly onProgress: (name: string, done: number, total: number) => void;
}

/** One model's answers and scores. */
export interface ArmResult {
  readonly arm: "base" | "tuned";
  /** Empty where no metric needs answers. */
  readonly answers: readonly string[];
  /** Of each answer, where it was chosen among labels: the probability of just this label; else `null`. */
  readonly probabilities: readonly (number | null)[];
  readonly scores: readonly Score[];
}

/** Both models side by side; `base` is null where the recipe leaves it out. */
export interface Judgement {
  readonly decoding: Decoding;
  readonly references: readonly string[];
  readonly prompts: readonly string[];
  readonly tuned: ArmResult;
  readonly base: ArmResult | null;
  readonly comparisons: readonly Comparison[];
  /** For each score of the tuned model those of answers that need no model. */
  readonly trivial: readonly (readonly TrivialScore[])[];
  /** Test rows that training has seen; `null`: none. */
  readonly seen: SeenRows | null;
  /** Answers that equal their references and do not count as right, of either model. */
  readonly contradictions: readonly Contradiction[];
}

/** Test rows that stand in the training rows, and what is left of the scores without them. */
export interface SeenRows {
  readonly rows: number;
  /** For each score: both models on the other rows. `null` where there are none, or the base was not judged. */
  readonly unseen: readonly (Comparison | null)[];
}

/** What was asked and expected, one of each per row. */
interface AskedRows {
  readonly references: readonly string[];
  readonly questions: readonly string[];
  readonly decoding: Decoding;
}

/** Rows that will be judged: the first ones of the test rows. */
export function rowsToJudge(rows: readonly EncodedRow[], { evaluation }: Recipe): readonly EncodedRow[] {
  return evaluation.rows === null ? rows : rows.slice(0, evaluation.rows);
}

/** Judges the tuned model first, so that a cap that acts in the middle leaves what matters most. */
export async function judgeArms(context: JudgeContext, adapter: Adapter): Promise<Judgement> {
  const { rows, examples, recipe } = context;
  const exampleOf = (row: EncodedRow): Example => examples[row.example] as Example;
  const references = rows.map((row) => exampleOf(row).messages.at(-1)?.content ?? "");
  const prompts = rows.map((row) => promptText(exampleOf(row)));
  const decoding = decodingOf(recipe, knownLabelsOf(context));
  const asked = { references, questions: prompts, decoding };
  const tuned = await judgeArm(context, "tuned", adapter, asked);
  const base = recipe.evaluation.base ? await unlessAborted(context, asked) : null;
  const settings = { seed: recipe.training.seed };
  const comparisons = (base?.scores ?? []).map((score, at) =>
    compareScores(score, tuned.scores[at] as Score, settings),
  );
  const test = rows.map(exampleOf);
  const contradictions = [tuned, base].flatMap((arm) =>
    arm === null ? [] : findContradictions(arm.scores, arm.answers, references),
  );
  return {
    ...{ decoding, references, prompts, tuned, base, comparisons, contradictions },
    trivial: await trivialScores(scorerOf(context), tuned.scores, {
      train: context.train,
      ...{ test, references, prompts },
    }),
    seen: seenOf(seenRows(test, context.observations), tuned, base, settings),
  };
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
    return other === undefined || isAll
      ? null
      : compareScores(withoutRows(other, seen), withoutRows(own, seen), settings);
  });
  return { rows: seen.size, unseen };
}

function knownLabelsOf({ train }: Pick<JudgeContext, "train">): string[] {
  return [...new Set(train.map(({ messages }) => messages.at(-1)?.content ?? ""))];
}

function scorerOf(context: JudgeContext): Scorer {
  const { recipe, folder, scoring, node } = context;
  return { recipe, folder, material: scoring, knownLabels: knownLabelsOf(context), node };
}

/** The base model's result; `null` where a cap or the user ends it, since the tuned model's stands by itself. */
async function unlessAborted(context: JudgeContext, asked: AskedRows): Promise<ArmResult | null> {
  try {
    return await judgeArm(context, "base", null, asked);
  } catch (error) {
    if (context.signal.aborted) return null;
    throw error;
  }
}

async function judgeArm(
  context: JudgeContext,
  arm: ArmResult["arm"],
  adapter: Adapter | null,
  { references, questions, decoding }: AskedRows,
): Promise<ArmResult> {
  const { recipe } = context;
  const { metrics } = recipe.task;
  const kinds = metrics.map((metric) => metricKinds[metric]);
  const needsAnswers = kinds.some(({ needs }) => needs === "answers");
  const decoded = needsAnswers ? await answer(context, arm, adapter, decoding) : [];
  const answers = decoded.map(({ text }) => text);
  const losses = kinds.some(({ needs }) => needs === "loss") ? await rowLosses(context, arm, adapter) : [];
  const answered = { answers, losses, references, about: { ...noFacts, questions } };
  const scores = await scoreAnswers(scorerOf(context), metrics, answered);
  return { arm, answers, probabilities: decoded.map(({ probability }) => probability), scores };
}

function answer(
  context: JudgeContext,
  arm: string,
  adapter: Adapter | null,
  decoding: Decoding,
): Promise<DecodedAnswer[]> {
  const { model, tokenizer, rows, examples, recipe, signal } = context;
  let done = 0;
  const onAnswer = (): void => context.onProgress(`answers of the ${arm} model`, ++done, rows.length);
  const prompts = rows.map(({ ids, promptLength, example }) => ({
    ids: ids.subarray(0, promptLength),
    messages: (examples[example] as Example).messages.slice(0, -1),
  }));
  return decodeAnswers({ model, tokenizer, recipe, decoding, signal, onAnswer }, adapter, prompts);
}

async function rowLosses(context: JudgeContext, arm: string, adapter: Adapter | null): Promise<RowLoss[]> {
  const { model, rows, signal } = context;
  return model.losses(adapter, rows, {
    signal,
    onRows: (done) => context.onProgress(`losses of the ${arm} model`, done, rows.length),
  });
}

/** What was asked, as a reader would read it: the last turn before the answer. */
function promptText({ messages }: Example): string {
  return messages.at(-2)?.content ?? "";
}
