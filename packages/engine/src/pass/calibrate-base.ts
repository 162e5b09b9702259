/**
 * @file Quantizes a base layer by layer, with calibration on given rows.
 *
 *     hidden states of the rows ─► layer ─► inputs of its projections ─► NF4 codes ─► file
 *                 └──────────────► layer ─► hidden states for the next one
 *
 * Each layer is calibrated on the outputs of unquantized weights, so that errors do not accumulate in the calibration
 * target.
 */

import type { EncodedRow } from "@tunewise/core/rows";
import { type BaseWeights, openBase } from "../base/base.ts";
import type { BaseOptions } from "../base/options.ts";
import { exists, kindOf, matricesOf, quantizedPath } from "../base/quantized-files.ts";
import { type Batch, batchFeeds, layOut } from "../batch/batch.ts";
import { type Architecture, projections } from "../models/architecture.ts";
import { buildLayer } from "../models/layer.ts";
import { type MomentPort, momentPorts, momentWidth } from "../models/moments.ts";
import { ModelPrograms } from "../models/programs.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import { layerName, namesIn } from "../models/weight-names.ts";
import { calibrateNf4 } from "../quantize/calibrated-nf4.ts";
import type { InputMoments } from "../quantize/refine-nf4.ts";
import type { RuntimeOptions } from "../runtime/session.ts";
import {
  type ModelFiles,
  type Nf4Tensor,
  nf4Bytes,
  nf4Entries,
  type StoredType,
  writeTensorFile,
} from "../weights/index.ts";
import { embed, rootOf } from "./loaded-model.ts";

/** Maximum tokens used for calibration: more rows add little information about a layer's inputs. */
const maxTokens = 16384;

/** Progress callback and cancellation. */
export interface CalibrationHooks {
  readonly onLayer?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes the quantized base that `options.calibration` names, unless the cache already has it.
 *
 * @param rows calibration rows; those up to a total of `maxTokens` are used
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, and the errors of `openBase`
 */
export async function calibrateBase(
  { config, weights }: Pick<ModelFiles, "config" | "weights">,
  rows: readonly EncodedRow[],
  options: BaseOptions,
  runtime: RuntimeOptions,
  hooks: CalibrationHooks = {},
): Promise<void> {
  const path = quantizedPath(options);
  if (await exists(path)) return;
  const model = readArchitecture(config);
  const nameIn = namesIn(weights, model);
  const matrices = matricesOf(model, (layer, path) => nameIn(layerName(model, layer, path)));
  const types = new Set(matrices.map(({ name }) => weights.weights.get(name)?.stored));
  const isStreamed = [...types].every((type) => type && streamed.has(type));
  const base = await openBase(weights, model, {
    ...options,
    format: "stored",
    place: isStreamed ? "disk" : "memory",
    compute: "fp32",
  });
  const programs = new ModelPrograms(model, runtime);
  try {
    const nested = options.doubleQuantization;
    const entries = matrices.flatMap(({ name, shape }) => nf4Entries(name, shape, nested));
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      let at = 0;
      for await (const tensor of calibrateLayers({ model, base, programs }, rows, nested, hooks)) {
        yield* nf4Bytes(matrices[at++]?.shape ?? [], tensor);
      }
    };
    await writeTensorFile(path, entries, chunks(), { format: "pt", kind: kindOf(options) });
  } finally {
    await programs.close();
    await base.close();
  }
}

/** Formats that can be streamed from their file layer by layer. */
const streamed: ReadonlySet<StoredType> = new Set(["F32", "F16", "BF16"]);

interface Parts {
  readonly model: Architecture;
  readonly base: BaseWeights;
  readonly programs: ModelPrograms;
}

/** Quantizes the matrices of one layer after the other, in the order of `projections`. */
async function* calibrateLayers(
  { model, base, programs }: Parts,
  rows: readonly EncodedRow[],
  nested: boolean,
  { onLayer, signal }: CalibrationHooks,
): AsyncGenerator<Nf4Tensor> {
  const batches = chosen(rows).map((row) => layOut([row], model, false));
  const states = batches.map((batch) => {
    const x = new Float32Array(batch.ids.length * model.hidden);
    embed(
      { architecture: model, base, programs },
      rootOf({ architecture: model, base, programs }, null),
      batch,
      x,
    );
    return x;
  });
  for (let layer = 0; layer < model.layers; layer++) {
    signal?.throwIfAborted();
    const weights = await base.layer(layer, layer + 1 < model.layers ? layer + 1 : undefined);
    const moments = await measure({ model, base, programs }, layer, batches, states, weights);
    for (const { path, outputWidth } of projections(model)) {
      const values = weights[`${path}.weight`] as Float32Array;
      yield calibrateNf4(values, outputWidth, moments.get(path) as InputMoments, nested);
    }
    onLayer?.(layer + 1, model.layers);
  }
}

/**
 * Runs all rows through a layer. Returns the input moments of its projections by path and leaves the outputs in
 * `states`.
 */
async function measure(
  { model, programs }: Parts,
  layer: number,
  batches: readonly Batch[],
  states: readonly Float32Array[],
  weights: Readonly<Record<string, Float32Array>>,
): Promise<ReadonlyMap<string, InputMoments>> {
  const sums = new Map<string, Float64Array>();
  const ports: MomentPort[] = [];
  for (const [at, batch] of batches.entries()) {
    const state = states[at] as Float32Array;
    if (ports.length === 0) ports.push(...momentPorts(model, buildLayer(model, batch.layout, null).inputs));
    const outputs: Record<string, Float32Array> = { y: new Float32Array(state.length) };
    for (const { name, width } of ports.flatMap(({ blocks }) => blocks)) {
      outputs[name] = new Float32Array(width * width);
    }
    const inputs = { ...batchFeeds(batch, model, layer), ...weights, x: state };
    await (await programs.moments(batch.layout)).run(batch.binding, inputs, outputs);
    for (const { name } of ports.flatMap(({ blocks }) => blocks))
      addTo(sums, name, outputs[name] as Float32Array);
    state.set(outputs["y"] as Float32Array);
  }
  return new Map(
    ports.flatMap(({ paths, blocks }) => {
      const columns = blocks.reduce((sum, { width }) => sum + width, 0);
      const moments = {
        width: momentWidth(columns),
        blocks: blocks.map(({ name }) => sums.get(name) as Float64Array),
      };
      return paths.map((path) => [path, moments] as const);
    }),
  );
}

function addTo(sums: Map<string, Float64Array>, name: string, found: Float32Array): void {
  const sum = sums.get(name) ?? new Float64Array(found.length);
  sums.set(name, sum);
  for (let at = 0; at < found.length; at++) sum[at] = (sum[at] as number) + (found[at] as number);
}

/** The first rows with at most `maxTokens` tokens in total; at least one row. */
function chosen(rows: readonly EncodedRow[]): EncodedRow[] {
  let tokens = 0;
  return rows.filter(({ ids }, at) => {
    tokens += ids.length;
    return at === 0 || tokens <= maxTokens;
  });
}
