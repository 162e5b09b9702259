/** @file Measures how fast this machine computes a model's steps in float32 and in bfloat16. */

import { median, quantile } from "@tunewise/core/math";
import type { EncodedRow } from "@tunewise/core/rows";
import type { BaseOptions } from "../base/options.ts";
import type { LanguageModel, TrainPlan } from "../engine.ts";
import { openArchitecture } from "../language-model.ts";
import type { Compute } from "../models/matrix-format.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import type { RuntimeOptions } from "../runtime/session.ts";
import { sampleFiles, sampleOf } from "./sample-model.ts";

/** The measured work: training on a batch, or answering prompts. */
export interface PrecisionWork {
  /** The model's `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly kind: "train" | "answer";
  readonly method: "lora" | "qlora" | "full";
  /** Rank of the adapter; 0 for full fine-tuning. */
  readonly rank: number;
  /** Rows per batch. */
  readonly rows: number;
  /** Tokens per row. */
  readonly tokens: number;
  /** Tokens per row that carry loss. */
  readonly labelledTokens: number;
}

/** Tokens per second of the complete model, excluding work that does not depend on the precision. */
export type PrecisionRates = Readonly<Record<Compute, number>>;

/** Rates, and whether a repeated measurement would lead to the same choice. */
export interface PrecisionMeasurement {
  readonly rates: PrecisionRates;
  readonly isSettled: boolean;
}

/** An open sample; each call computes one step. */
export interface SampledStep {
  readonly tokens: number;
  /** Number of samples that are equivalent to one step of the model. */
  readonly samples: number;
  step(): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens the sample for some work in a precision; tests pass their own implementation. */
export type OpenSample = (
  work: PrecisionWork,
  compute: Compute,
  options: RuntimeOptions,
) => Promise<SampledStep>;

/** Maximum floating-point operations per sampled step: 0.1 s at the rate of two cores with AVX-512. */
const maxStepFlops = 3e10;
/** Limits on rounds (one step in each precision), and on seconds with a clear result and without. */
const limits = { minRounds: 5, maxRounds: 60, seconds: 0.6, unclearSeconds: 3 } as const;
/** Number of rounds after which an unclear result is accepted as about equally fast. */
const settledRounds = 12;

/** Minimum speedup of bfloat16 to choose it, because it is exact to only 8 bits instead of 24. */
export const worthwhile = 1.03;

/** The precision to choose: float32 unless bfloat16 is more than 3 % faster. */
export function fasterPrecision({ fp32, bf16 }: PrecisionRates): Compute {
  return bf16 > worthwhile * fp32 ? "bf16" : "fp32";
}

/**
 * Measures steps of a sample of the model in both precisions. The order alternates (A B, B A, ...), so that other
 * programs slow both down equally. The ratio is the median over the rounds. Measuring continues while the interquartile
 * range of the ratios includes the ratio at which the choice changes.
 *
 * @throws {TunewiseError} those of `readArchitecture`, `ENGINE_RUNTIME_FAILED`
 */
export async function measurePrecision(
  work: PrecisionWork,
  options: RuntimeOptions,
  elapsedSeconds: () => number,
  open: OpenSample = openSample,
): Promise<PrecisionMeasurement> {
  const samples = { fp32: await open(work, "fp32", options), bf16: await open(work, "bf16", options) };
  try {
    const time = async (compute: Compute): Promise<number> => {
      const begun = elapsedSeconds();
      await samples[compute].step();
      return elapsedSeconds() - begun;
    };
    await time("fp32"); // warm-up: creates the programs
    await time("bf16");
    const begun = elapsedSeconds();
    const rounds: Record<Compute, number>[] = [];
    while (!isEnough(rounds, elapsedSeconds() - begun)) {
      const isTurned = rounds.length % 2 === 1;
      const [first, second] = isTurned ? (["bf16", "fp32"] as const) : (["fp32", "bf16"] as const);
      const seconds = { fp32: 0, bf16: 0 };
      seconds[first] = await time(first);
      seconds[second] = await time(second);
      rounds.push(seconds);
    }
    const { tokens, samples: count } = samples.fp32;
    const fp32 = tokens / (count * median(rounds.map((one) => one.fp32)));
    return {
      rates: { fp32, bf16: fp32 * median(ratiosOf(rounds)) },
      isSettled: isClear(rounds) || rounds.length >= settledRounds,
    };
  } finally {
    await samples.fp32.close();
    await samples.bf16.close();
  }
}

/** Speedup of bfloat16 in each round. */
function ratiosOf(rounds: readonly PrecisionRates[]): number[] {
  return rounds.map(({ fp32, bf16 }) => fp32 / bf16);
}

function isEnough(rounds: readonly PrecisionRates[], seconds: number): boolean {
  if (rounds.length < limits.minRounds) return false;
  if (rounds.length >= limits.maxRounds || seconds >= limits.unclearSeconds) return true;
  return seconds >= limits.seconds && isClear(rounds);
}

/** Whether the interquartile range of the ratios is on one side of the ratio at which the choice changes. */
function isClear(rounds: readonly PrecisionRates[]): boolean {
  const ratios = ratiosOf(rounds).sort((a, b) => a - b);
  return quantile(ratios, 0.25) > worthwhile || quantile(ratios, 0.75) <= worthwhile;
}

/** Tokens per answer of a sample; the first one requires the prefill. */
const answeredTokens = 8;

/** Opens a sample whose step is one of the engine's trainer, or one batch of answers from its decoder. */
async function openSample(
  work: PrecisionWork,
  compute: Compute,
  options: RuntimeOptions,
): Promise<SampledStep> {
  const batchTokens = work.kind === "train" ? work.rows * work.tokens : work.rows;
  const { architecture, samples } = sampleOf(readArchitecture(work.config), batchTokens, maxStepFlops);
  const base = baseOf(work, compute);
  const stored = { float32: "F32", stored: "BF16", nf4: "NF4" } as const;
  const model = await openArchitecture(architecture, sampleFiles(architecture, stored[base.format]), {
    ...options,
    base,
  });
  const rows = rowsOf(work, architecture.vocabulary);
  if (work.kind === "answer") {
    const step = (): Promise<unknown> =>
      model.generate(
        null,
        rows.map(({ ids }) => ids),
        answering(work.rows),
      );
    return { tokens: work.rows * answeredTokens, samples, step, close: () => model.close() };
  }
  const trainer = await model.createTrainer(await tunedOf(model, work), rows, planOf(work));
  const close = async (): Promise<void> => {
    await trainer.release();
    await model.close();
  };
  return { tokens: batchTokens, samples, step: () => trainer.next(), close };
}

/** Storage of weights as in a run with sufficient memory. */
function baseOf({ method }: PrecisionWork, compute: Compute): BaseOptions {
  const wide = compute === "bf16" && method === "lora" ? "stored" : "float32";
  return {
    format: method === "qlora" ? "nf4" : wide,
    place: "memory",
    compute,
    doubleQuantization: false,
    cache: { folder: "", modelKey: "" }, // unused: synthetic weights are already in the requested format
  };
}

function tunedOf(
  model: LanguageModel,
  { method, rank }: PrecisionWork,
): ReturnType<LanguageModel["createFull"]> | ReturnType<LanguageModel["createAdapter"]> {
  const about = { baseModel: "", revision: "" };
  if (method === "full") return model.createFull({ frozen: [], ...about });
  const settings = { rank, alpha: 2 * rank, rslora: false, dropout: 0, ...about };
  return model.createAdapter({ ...settings, targets: "all-linear" }, 1);
}

function rowsOf({ rows, tokens, labelledTokens }: PrecisionWork, vocabulary: number): EncodedRow[] {
  return Array.from({ length: rows }, (_, example) => {
    const idOf = (_: unknown, at: number): number => (31 * example + 17 * at) % vocabulary;
    const labelled = new Uint8Array(tokens).fill(1, Math.max(1, tokens - labelledTokens));
    return { ids: Int32Array.from({ length: tokens }, idOf), labelled, promptLength: 1, example };
  });
}

function planOf({ rows, tokens }: PrecisionWork): TrainPlan {
  return {
    epochs: 1,
    steps: 2 * limits.maxRounds,
    batchSize: rows,
    gradientAccumulationSteps: 1,
    batching: "ordered",
    maxLength: tokens,
    learningRate: 0, // all steps then compute with the same numbers
    schedule: "constant",
    warmup: 0,
    optimizer: "adamw",
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradNorm: 1,
    loss: "nll",
    seed: 1,
    recompute: "auto",
    momentsPath: null,
    penalty: null,
  };
}

function answering(batchSize: number): Parameters<LanguageModel["generate"]>[2] {
  return { maxNewTokens: answeredTokens, temperature: 0, topP: 1, seed: 1, endIds: [], batchSize };
}
