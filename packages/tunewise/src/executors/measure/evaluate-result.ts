/** @file Measures the result of a training, and the base model for comparison. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { EncodedRow } from "@tunewise/core/rows";
import type {
  ExecutionEvent,
  Measurement,
  MemorizationFigures,
  ResultMeasurements,
} from "@tunewise/core/run";
import { spread } from "@tunewise/datacheck/dataset";
import { hashOf, type RunFolder } from "@tunewise/tracker";
import { type Prepared, resultFiles } from "../../prepare/index.ts";
import {
  askSafety,
  decodingFor,
  type MeasuredModel,
  type ModelPair,
  type Probe,
} from "../../scoring/index.ts";
import { AnswerCache } from "./answer-cache.ts";
import { type AnswerContext, answerRows, rowsToEvaluate } from "./answer-rows.ts";
import type { ForgettingMonitor } from "./forgetting-monitor.ts";
import { withinLimit } from "./within-limit.ts";

/** Inputs of measuring a result. */
export interface ResultNeeds {
  readonly models: ModelPair;
  readonly prepared: Prepared;
  /** Storage format of the base model, on which its answers depend. */
  readonly storage: string;
  readonly folder: RunFolder;
  readonly forgetting: ForgettingMonitor | null;
  /** Aborts a measurement; complete answers count. */
  readonly signal: AbortSignal;
  /** Seconds until the first cap. */
  readonly secondsLeft: () => number;
  readonly elapsedSeconds: () => number;
  readonly report: (event: ExecutionEvent) => Promise<void>;
}

/** Result without measurements. */
export const unmeasured: ResultMeasurements = {
  answers: null,
  forgetting: null,
  safety: null,
  memorization: null,
};

/** Takes the requested measurements. One that a cap or a stop prevents is `null`. */
export async function measureResult(
  needs: ResultNeeds,
  wanted: readonly Measurement[],
): Promise<ResultMeasurements> {
  const measure = async <Result>(name: Measurement, work: () => Promise<Result>): Promise<Result | null> =>
    wanted.includes(name) ? work() : null;
  return {
    answers: await measure("answers", () => measureAnswers(needs)),
    forgetting: await measure("forgetting", async () => (await needs.forgetting?.end(needs.report)) ?? null),
    safety: await measure("safety", () => measureSafety(needs)),
    memorization: await measure("memorization", () => measureMemorization(needs)),
  };
}

async function measureAnswers(needs: ResultNeeds): Promise<ResultMeasurements["answers"]> {
  const { prepared, models, report } = needs;
  const { recipe, tokenizer, examples } = prepared;
  const rows = rowsToEvaluate(prepared.encoded.test.rows, recipe);
  if (rows.length === 0) return null;
  const isCapped = Number.isFinite(needs.secondsLeft());
  return within(needs, async (signal, onProgress) => {
    await report({ kind: "work-start", work: "evaluate", isBooked: false });
    const decoding = decodingFor(prepared);
    const asked = { models, tokenizer, recipe, decoding, examples: examples.test, rows, signal, isCapped };
    return answerRows({ ...asked, earlier: await earlierAnswers(needs), onProgress });
  });
}

/** Size limit of a result that is hashed to recognize its earlier answers. */
const maxHashedBytes = 1 << 30;

/** Opens the answers of earlier sessions. Identifies the base by its storage format and the result by its content. */
async function earlierAnswers({
  prepared,
  storage,
  folder,
}: ResultNeeds): Promise<NonNullable<AnswerContext["earlier"]>> {
  const { calibrate } = prepared.recipe.method;
  const base = JSON.stringify([
    prepared.model.revision,
    storage,
    calibrate ? prepared.dataFingerprint : null,
  ]);
  const cache = await AnswerCache.open(folder);
  const hashes: string[] = [];
  for (const name of await resultFiles(folder)) {
    const path = join(folder.path, name);
    if ((await stat(path)).size > maxHashedBytes) return { cache, base, tuned: null };
    hashes.push((await hashOf(path))?.sha256 ?? "");
  }
  return { cache, base, tuned: JSON.stringify([base, hashes]) };
}

async function measureSafety(needs: ResultNeeds): Promise<ResultMeasurements["safety"]> {
  const { prepared, models, report } = needs;
  const { safety: prompts, tokenizer, recipe } = prepared;
  if (prompts.code.length + prompts.refusals.length === 0) return null;
  return within(needs, async (signal, onProgress) => {
    await report({ kind: "work-start", work: "safety", isBooked: true });
    const probe = (name: string, model: MeasuredModel): Probe => ({
      model,
      tokenizer,
      maxNewTokens: recipe.safety.maxNewTokens,
      signal,
      onProgress: (done, total) => onProgress(name, done, total),
    });
    const tuned = await askSafety(probe("safety: tuned model", models.tuned), prompts);
    return { tuned, base: await askSafety(probe("safety: base model", models.base), prompts) };
  });
}

/** Maximum number of rows whose answers are continued. */
const maxContinued = 24;
/** Minimum tokens that must match; shorter answers are no evidence of memorization. */
const minVerbatim = 12;
/** Maximum tokens of a continuation. */
const maxContinuation = 32;

async function measureMemorization(needs: ResultNeeds): Promise<MemorizationFigures | null> {
  const { prepared, models } = needs;
  const count = prepared.recipe.evaluation.memorization;
  const { train, test, validation } = prepared.encoded;
  const heldOut = test.rows.length > 0 ? test.rows : validation.rows;
  if (count === 0 || heldOut.length === 0) return null;
  // rows of the training data itself, without those mixed in for replay
  const own = train.rows.filter(({ example }) => example < prepared.examples.train.length);
  const seen = spread(own, count);
  const rows = [...seen, ...spread(heldOut, count)];
  return within(needs, async (signal, onProgress) => {
    const onRows = (done: number): void => onProgress("memorization", done, rows.length);
    const tuned = await models.tuned.losses(rows, { signal, onRows });
    const base = await models.base.losses(rows, { signal, onRows });
    const part = (from: number, to?: number) => ({
      base: base.slice(from, to),
      tuned: tuned.slice(from, to),
    });
    const verbatim = await countVerbatim(models, seen, signal);
    return { seen: part(0, seen.length), heldOut: part(seen.length), verbatim };
  });
}

/** @source Carlini et al. 2023 (arXiv 2202.07646), section 3.1: text that greedy decoding continues is memorized */
async function countVerbatim(
  { base, tuned }: Pick<ModelPair, "base" | "tuned">,
  rows: readonly EncodedRow[],
  signal: AbortSignal,
): Promise<MemorizationFigures["verbatim"]> {
  const pieces = rows.flatMap((row) => halvesOf(row) ?? []).slice(0, maxContinued);
  if (pieces.length === 0) return null;
  const count = async (model: MeasuredModel): Promise<number> => {
    const prefixes = pieces.map(({ prefix }) => prefix);
    const answers = await model.generate(prefixes, {
      maxNewTokens: maxContinuation,
      temperature: 0,
      topP: 1,
      seed: 0,
      batchSize: 8,
      endIds: [],
      signal,
    });
    return pieces.filter(({ rest }, at) => rest.every((id, place) => answers[at]?.[place] === id)).length;
  };
  return { rows: pieces.length, tuned: await count(tuned), base: await count(base) };
}

/** Splits a row into everything up to the middle of its answer, and the continuation; `null` for a short answer. */
function halvesOf({
  ids,
  labelled,
  promptLength,
}: EncodedRow): { prefix: Int32Array; rest: Int32Array } | null {
  const end = labelled.lastIndexOf(1); // excludes the end token
  const middle = promptLength + Math.floor((end - promptLength) / 2);
  if (end - middle < minVerbatim) return null;
  return { prefix: ids.slice(0, middle), rest: ids.slice(middle, Math.min(end, middle + maxContinuation)) };
}

/** Runs work until the time is up or the execution is stopped, and then returns `null`. */
function within<Result>(
  { secondsLeft, elapsedSeconds, signal, report }: ResultNeeds,
  work: (
    signal: AbortSignal,
    onProgress: (name: string, done: number, total: number) => void,
  ) => Promise<Result>,
): Promise<Result | null> {
  return withinLimit({ seconds: secondsLeft(), signal, elapsedSeconds }, (limited, look) =>
    work(limited, (name, done, total) => {
      look();
      void report({ kind: "phase", name, done, total });
    }),
  );
}
