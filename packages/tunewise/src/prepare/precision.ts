/**
 * @file Chooses the precision of matrix products on this machine by measuring both.
 *
 *     CACHE/precision/KEY.json    rates of one kind of work on one processor, measured at first use
 */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { countOf } from "@tunewise/core/quantity";
import { readTextFile } from "@tunewise/core/untrusted";
import {
  fasterPrecision,
  measurePrecision,
  type PrecisionMeasurement,
  type PrecisionRates,
  type PrecisionWork,
  whyNotBf16,
} from "@tunewise/engine";
import { writeWholeFile } from "@tunewise/tracker";
import * as z from "zod";
import { isProblemIn, problem } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import type { Runtime } from "../runtime/index.ts";

/** The chosen precision and the reason for it. */
export interface ChosenPrecision {
  readonly compute: "fp32" | "bf16";
  /** The reason, as a clause with numbers. */
  readonly reason: string;
  /** Measured tokens per second in both precisions; `null` if they were not measured. */
  readonly rates: PrecisionRates | null;
}

/** Sources of the choice; tests pass their own. */
export interface PrecisionSources {
  /** Why bfloat16 products are not used on this machine; `null` if they are. */
  readonly whyNot: (threads: number) => Promise<string | null>;
  readonly measure: typeof measurePrecision;
}

const engine: PrecisionSources = { whyNot: whyNotBf16, measure: measurePrecision };

/** The part of the runtime environment that the choice depends on. */
export type PrecisionRuntime = Pick<
  Runtime,
  "cores" | "elapsedSeconds" | "processor" | "versions" | "sources"
>;

/**
 * Chooses the precision that the recipe requests, or the faster one.
 *
 * @param work measured at first use. With `isMeasured: false` nothing is measured, and `auto` is float32 unless a
 *   measurement is on record.
 * @throws {TunewiseError} `ENGINE_BF16_MISSING` if the recipe requests bfloat16 and this machine does not support it
 */
export async function choosePrecision(
  { training, machine }: Pick<Recipe, "training" | "machine">,
  runtime: PrecisionRuntime,
  work: PrecisionWork,
  { isMeasured = true, by = engine }: { readonly isMeasured?: boolean; readonly by?: PrecisionSources } = {},
): Promise<ChosenPrecision> {
  const threads = machine.threads ?? runtime.cores;
  const asked = (compute: "fp32" | "bf16"): ChosenPrecision => {
    return { compute, reason: `training.precision is ${compute}`, rates: null };
  };
  if (training.precision === "fp32") return asked("fp32");
  const missing = await by.whyNot(threads);
  if (missing !== null && training.precision === "bf16")
    throw problem("ENGINE_BF16_MISSING", { reason: missing });
  if (missing !== null) return { compute: "fp32", reason: missing, rates: null };
  if (training.precision === "bf16") return asked("bf16");
  const found = await ratesOf(work, threads, runtime, isMeasured ? by.measure : null);
  if (found === null) return { compute: "fp32", reason: "the two precisions were not measured", rates: null };
  const { rates, isSettled } = found;
  const reason = `measured here with ${workText(work)}`;
  if (isSettled) return { compute: fasterPrecision(rates), reason, rates };
  return { compute: "fp32", reason: `${reason}; not clear while other programs are busy`, rates };
}

/** Describes the measured work. */
function workText({ kind, method, rows, tokens }: PrecisionWork): string {
  if (kind === "answer") return `${countOf(rows, "answer")} at a time`;
  const what = { lora: "LoRA", qlora: "QLoRA", full: "all weights" }[method];
  return `${what}, ${countOf(rows, "row")} of ${countOf(tokens, "token")}`;
}

/** Version of the measurement; records of other versions are measured again. */
const measurementVersion = 2;
const maxRecordBytes = 1 << 16;

const rate = z.number().positive().max(1e9);
const recordSchema = z.object({ key: z.string(), rates: z.object({ fp32: rate, bf16: rate }) });

/**
 * Reads the rates from this processor's record, or measures and records them.
 *
 * @param measure `null`: only read the record
 * @returns `null` if there is no record and nothing is measured, or if the engine does not support the model
 */
async function ratesOf(
  work: PrecisionWork,
  threads: number,
  runtime: PrecisionRuntime,
  measure: PrecisionSources["measure"] | null,
): Promise<PrecisionMeasurement | null> {
  const { tunewise } = runtime.versions;
  const key = JSON.stringify({
    version: [measurementVersion, tunewise],
    processor: await runtime.processor(),
    cores: runtime.cores,
    threads,
    work,
  });
  const folder = join(runtime.sources.cacheFolder, "precision");
  const path = join(folder, `${createHash("sha256").update(key).digest("hex")}.json`);
  const known = await readRecord(path, key);
  if (known !== null) return { rates: known, isSettled: true };
  const found = measure && (await measured(work, threads, runtime, measure));
  if (found === null || !found.isSettled) return found;
  const { rates } = found;
  // if the record cannot be written, the next use measures again
  await mkdir(folder, { recursive: true })
    .then(() => writeWholeFile(path, `${JSON.stringify({ key, rates })}\n`))
    .catch(() => undefined);
  return found;
}

async function measured(
  work: PrecisionWork,
  threads: number,
  { elapsedSeconds }: PrecisionRuntime,
  measure: PrecisionSources["measure"],
): Promise<PrecisionMeasurement | null> {
  try {
    return await measure(work, { threads }, elapsedSeconds);
  } catch (error) {
    // opening the model for computation reports these errors; plans are also made for unsupported models
    if (isProblemIn(error, "model")) return null;
    throw error;
  }
}

/** The recorded rates; `null` if there is no record, or if it is damaged or has another key. */
async function readRecord(path: string, key: string): Promise<PrecisionRates | null> {
  try {
    const record = recordSchema.parse(JSON.parse(await readTextFile(path, maxRecordBytes)));
    return record.key === key ? record.rates : null;
  } catch {
    return null;
  }
}

/** Lengths of rows. */
interface RowTokens {
  readonly tokens: number;
  readonly labelledTokens: number;
}

/** Max. tokens of a measured batch. */
const maxBatchTokens = 1024;

/**
 * The training batch with which the precision is measured. It has the training's number of rows and their mean length,
 * rounded down to a power of two so that similar data share a record.
 *
 * @param sharedPrefixTokens tokens that are computed once per batch
 */
export function trainingWork(
  config: PrecisionWork["config"],
  { method, training, data }: Pick<Recipe, "method" | "training" | "data">,
  lengths: readonly RowTokens[],
  sharedPrefixTokens: number,
): PrecisionWork {
  const mean = (read: (row: RowTokens) => number): number =>
    lengths.reduce((sum, row) => sum + read(row), 0) / Math.max(1, lengths.length);
  const whole = Math.max(
    1,
    Math.min(
      data.maxLength,
      mean((row) => row.tokens),
    ),
  );
  const packed = Math.max(1, Math.floor(data.maxLength / whole));
  const count = training.batching === "pack" ? packed : training.batchSize;
  const own = whole - sharedPrefixTokens * (1 - 1 / count);
  const tokens = Math.max(2, roundedDown(Math.min(own, maxBatchTokens)));
  return {
    config,
    kind: "train",
    method: method.kind,
    rank: method.kind === "full" ? 0 : method.rank,
    rows: Math.max(1, Math.min(count, Math.floor(maxBatchTokens / tokens))),
    tokens,
    labelledTokens: Math.min(tokens - 1, roundedDown(mean((row) => row.labelledTokens))),
  };
}

/** Prompt tokens of a measured answer. Few suffice, since generating the answer takes most of the time. */
const promptTokens = 64;

/** The answers with which the precision is measured if nothing is trained. */
export function answeringWork(
  config: PrecisionWork["config"],
  { method, evaluation }: Pick<Recipe, "method" | "evaluation">,
): PrecisionWork {
  return {
    config,
    kind: "answer",
    method: method.kind,
    rank: 0,
    rows: evaluation.batchSize,
    tokens: promptTokens,
    labelledTokens: 1,
  };
}

function roundedDown(count: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, count)));
}
