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

/** The work that is measured: a batch that is trained on, or prompts that are answered. */
export interface PrecisionWork {
  /** The model's `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly kind: "train" | "answer";
  readonly method: "lora" | "qlora" | "full";
  /** Of the adapter; 0 for full fine-tuning. */
  readonly rank: number;
  /** Rows of a batch. */
  readonly rows: number;
  /** Tokens of a row. */
  readonly tokens: number;
  /** Tokens of a row with loss. */
  readonly labelledTokens: number;
}

/** Tokens per second of the whole model, without what its precision does not change. */
export type PrecisionRates = Readonly<Record<Compute, number>>;

/** Rates, and whether another measurement would lead to the same choice. */
export interface PrecisionMeasurement {
  readonly rates: PrecisionRates;
  readonly isSettled: boolean;
}

/** A sample that is ready: each call computes one step. */
export interface SampledStep {
  readonly tokens: number;
  /** How many samples make up a step of the model. */
  readonly samples: number;
  step(): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens the sample of a work in a precision; tests pass their own. */
export type OpenSample = (
  work: PrecisionWork,
  compute: Compute,
  options: RuntimeOptions,
) => Promise<SampledStep>;

/** Floating-point operations of a sampled step: a tenth of a second at the rate of two cores with AVX-512. */
const maxStepFlops = 3e10;
/** Rounds of one step in each precision, and seconds with a clear answer and without. */
const limits = { minRounds: 5, maxRounds: 60, seconds: 0.6, unclearSeconds: 3 } as const;
/** So many rounds settle that two precisions are about equally fast. */
const settledRounds = 12;

/** Bfloat16 is exact to 8 bits, float32 to 24: it must be this much faster to be worth it. */
export const worthwhile = 1.03;

/** The precision that rates speak for: float32 unless bfloat16 is faster by more than 3 %. */
export function fasterPrecision({ fp32, bf16 }: PrecisionRates): Compute {
  return bf16 > worthwhile * fp32 ? "bf16" : "fp32";
}

/**
 * Measures steps of a sample of the model in both precisions, in turns (A B, B A, ...), so that other programs slow
 * both alike. The ratio is the median over the rounds; more of them are measured while their middle half includes the
 * ratio at which the choice changes.
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
    await time("fp32"); // makes programs
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

/** How many times as fast bfloat16 was, by round. */
function ratiosOf(rounds: readonly PrecisionRates[]): number[] {
  return rounds.map(({ fp32, bf16 }) => fp32 / bf16);
}

function isEnough(rounds: readonly PrecisionRates[], seconds: number): boolean {
  if (rounds.length < limits.minRounds) return false;
  if (rounds.length >= limits.maxRounds || seconds >= limits.unclearSeconds) return true;
  return seconds >= limits.seconds && isClear(rounds);
}

/** Whether the middle half of the ratios lies on one side of the ratio at which the choice changes. */
function isClear(rounds: readonly PrecisionRates[]): boolean {
  const ratios = ratiosOf(rounds).sort((a, b) => a - b);
  return quantile(ratios, 0.25) > worthwhile || quantile(ratios, 0.75) <= worthwhile;
}

/** Tokens that a sample answers with: the first reads the prompts. */
const answeredTokens = 8;

/** A step of the engine's own trainer, or answers of its own decoder. */
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

/** Weights as a run holds them where memory suffices. */
function baseOf({ method }: PrecisionWork, compute: Compute): BaseOptions {
  const wide = compute === "bf16" && method === "lora" ? "stored" : "float32";
  return {
    format: method === "qlora" ? "nf4" : wide,
    place: "memory",
    compute,
    doubleQuantization: false,
    cache: { folder: "", modelKey: "" }, // weights that are made up are stored as they are used
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
    accumulation: 1,
    batching: "ordered",
    maxLength: tokens,
    learningRate: 0, // so that all steps compute with the same numbers
    schedule: "constant",
    warmup: 0,
    optimizer: "adamw",
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    clipNorm: 1,
    seed: 1,
    recompute: "auto",
    momentsPath: null,
    penalty: null,
  };
}

function answering(batchSize: number): Parameters<LanguageModel["generate"]>[2] {
  return { maxNewTokens: answeredTokens, temperature: 0, topP: 1, seed: 1, endIds: [], batchSize };
}
