/** @file After a run: what the result knows of its training rows that it does not know of others. */

import { type EncodedRow, spread } from "../../dataset/index.ts";
import type { Adapter, LanguageModel } from "../../engine/index.ts";
import { compareMemorization } from "../../evaluate/index.ts";
import { checkMemorization } from "../../guard/index.ts";
import type { Memorization } from "../../report/index.ts";
import type { TrainingState } from "../../run/index.ts";
import { type RunSession, secondsLeft } from "./session.ts";

/** Rows whose answers are gone on with, at most. */
const continuedMost = 24;
/** Tokens that must come word for word; shorter answers say nothing about memory. */
const wordForWord = 12;
/** Longest piece that is asked for. */
const piecesMost = 32;

/** Compares; `null` where rows are missing, the recipe does not want it, or a cap or an interrupt came first. */
export async function measureMemorization(
  session: RunSession,
  info: TrainingState,
  keptStep: number,
): Promise<Memorization | null> {
  const { prepared, recipe, model, adapter, runtime } = session;
  const count = recipe.evaluation.byHeart;
  const { train, test, validation } = prepared.encoded;
  const heldOut = test.rows.length > 0 ? test.rows : validation.rows;
  if (count === 0 || heldOut.length === 0 || secondsLeft(session) <= 0) return null;
  const seen = spread(ownRows(train.rows, prepared.examples.train.length), count);
  const unseen = spread(heldOut, count);
  const start = runtime.elapsedSeconds();
  const left = secondsLeft(session);
  const cap = new AbortController();
  const signal = AbortSignal.any([runtime.signal, cap.signal]);
  const onRows = (): void => {
    if (runtime.elapsedSeconds() - start > left) cap.abort();
  };
  try {
    const lossesOf = async (arm: Adapter | null) =>
      model.losses(arm, [...seen, ...unseen], { signal, onRows });
    const [tuned, base] = [await lossesOf(adapter), await lossesOf(null)];
    const part = (from: number, to?: number) => ({
      base: base.slice(from, to),
      tuned: tuned.slice(from, to),
    });
    const gap = compareMemorization(part(0, seen.length), part(seen.length), { seed: recipe.training.seed });
    const memorised = await countMemorised(model, adapter, seen, signal);
    const { heldOut: others } = gap;
    const state = { gap: gap.gap, interval: gap.interval, heldOutGain: others.base - others.tuned };
    const verdict = checkMemorization({
      ...state,
      memorized: memorised,
      keptStep,
      best: bestOf(info, keptStep),
    });
    return { ...gap, memorised, verdict };
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** Rows of the training data itself; old rows that were mixed in are not. */
function ownRows(rows: readonly EncodedRow[], examples: number): readonly EncodedRow[] {
  return rows.filter(({ example }) => example < examples);
}

function bestOf(info: TrainingState, keptStep: number): Parameters<typeof checkMemorization>[0]["best"] {
  const { validation } = info.curves;
  const [first] = validation;
  if (first === undefined) return null;
  const [step, loss] = validation.reduce((best, one) => (one[1] < best[1] ? one : best), first);
  return { step, loss, keptLoss: validation.find(([at]) => at === keptStep)?.[1] ?? null };
}

/** @source Carlini et al. 2023 (arXiv 2202.07646), section 3.1: memorised is what greedy decoding goes on with */
async function countMemorised(
  model: LanguageModel,
  adapter: Adapter,
  rows: readonly EncodedRow[],
  signal: AbortSignal,
): Promise<Memorization["memorised"]> {
  const pieces = rows.flatMap((row) => pieceOf(row) ?? []).slice(0, continuedMost);
  if (pieces.length === 0) return null;
  const count = async (arm: Adapter | null): Promise<number> => {
    const answers = await model.generate(
      arm,
      pieces.map(({ prefix }) => prefix),
      {
        ...{ maxNewTokens: piecesMost, temperature: 0, topP: 1, seed: 0, batchSize: 8 },
        ...{ endIds: [], signal },
      },
    );
    return pieces.filter(({ rest }, at) => rest.every((id, place) => answers[at]?.[place] === id)).length;
  };
  return { rows: pieces.length, tuned: await count(adapter), base: await count(null) };
}

/** The first half of a row's answer with what stands before it, and what follows; `null` for a short answer. */
function pieceOf({
  ids,
  labelled,
  promptLength,
}: EncodedRow): { prefix: Int32Array; rest: Int32Array } | null {
  const end = labelled.lastIndexOf(1); // the end token is no piece of the answer
  const middle = promptLength + Math.floor((end - promptLength) / 2);
  if (end - middle < wordForWord) return null;
  return { prefix: ids.slice(0, middle), rest: ids.slice(middle, Math.min(end, middle + piecesMost)) };
}
