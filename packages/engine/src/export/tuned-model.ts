/**
 * @file A uniform view of a trained model for all export formats: weights by name, read one at a time.
 */

import { type LoraAdapter, loadLora } from "../adapters/lora.ts";
import { type Architecture, projections } from "../models/architecture.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import { modelWeights, namesIn, oriented } from "../models/weight-names.ts";
import { problem } from "../problem/index.ts";
import type { TokenizerFiles } from "../tokenize/index.ts";
import type { AdapterFiles, Config, ModelFiles, StoredType, WeightFiles } from "../weights/index.ts";

/** A model after training. */
export interface TunedModel {
  readonly architecture: Architecture;
  /** `config.json` of the base. */
  readonly config: Config;
  /** `generation_config.json` of the base; empty if it has none. */
  readonly generation: Config;
  readonly tokenizer: TokenizerFiles;
  /**
   * Shape of each weight by its Hugging Face name, in the order of the model; without a head if it is tied. Projections
   * are `[outputs, inputs]`, even if the family's files store them transposed.
   */
  readonly weights: ReadonlyMap<string, readonly number[]>;
  /** Type of most of the base's values. */
  readonly stored: StoredType;
  /** Reads a weight after training as float32, into new memory. */
  read(name: string): Promise<Float32Array>;
  /** The LoRA adapter; `null` for base models and full fine-tunes. */
  readonly adapter: LoraAdapter | null;
}

/**
 * A base model with its adapter merged in: W + scaling B A, computed when a weight is read.
 *
 * @param adapter `null` for the base model itself
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` if weights, adapter and configuration do not match, and the errors
 *   of `readArchitecture`
 */
export function mergedModel(files: ModelFiles, adapter: AdapterFiles | null): TunedModel {
  const architecture = readArchitecture(files.config);
  const lora = adapter && loadLora(architecture, adapter.settings, adapter.tensors);
  const own = oriented(files.weights, architecture);
  const { weights, stored } = settleWeights(own, architecture);
  const names = new Map(weights.map(({ name, source }) => [name, source]));
  return {
    architecture,
    config: files.config,
    generation: files.generation ?? {},
    tokenizer: files.tokenizer,
    weights: new Map(weights.map(({ name, shape }) => [name, shape])),
    stored,
    read: async (name) => {
      const source = names.get(name);
      if (source === undefined) throw new Error(`Internal: no weight ${name} to export`);
      const values = await own.read(source);
      return lora ? merged(architecture, lora, name, values) : values;
    },
    adapter: lora,
  };
}

/**
 * A base model with trained weights in place of its own.
 *
 * @param results the result of a full fine-tune; missing weights were frozen
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH`, and the errors of `mergedModel`
 */
export function replacedModel(files: ModelFiles, results: WeightFiles): TunedModel {
  const base = mergedModel(files, null);
  const trained = oriented(results, base.architecture);
  for (const { name, shape } of trained.weights.values()) {
    const expected = base.weights.get(name);
    if (expected?.join() === shape.join()) continue;
    const about = {
      name,
      found: `[${shape.join(", ")}]`,
      expected: `[${expected?.join(", ") ?? "no such tensor"}]`,
    };
    throw problem("MODEL_WEIGHT_MISMATCH", about);
  }
  return { ...base, read: (name) => (trained.weights.has(name) ? trained.read(name) : base.read(name)) };
}

interface SettledWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** The name in the base's files, which may lack the prefix `model.`. */
  readonly source: string;
}

function settleWeights(
  files: WeightFiles,
  model: Architecture,
): { weights: SettledWeight[]; stored: StoredType } {
  const nameIn = namesIn(files, model);
  const counts = new Map<StoredType, number>();
  const weights = modelWeights(model).map(({ name, shape }) => {
    const source = nameIn(name);
    const found = files.weights.get(source);
    if (!found || found.shape.join() !== shape.join()) {
      const about = { name: source, found: found ? `[${found.shape.join(", ")}]` : "no such tensor" };
      throw problem("MODEL_WEIGHT_MISMATCH", { ...about, expected: `[${shape.join(", ")}]` });
    }
    const size = shape.reduce((product, axis) => product * axis, 1);
    counts.set(found.stored, (counts.get(found.stored) ?? 0) + size);
    return { name, shape, source };
  });
  const [[stored] = ["F32" as const]] = [...counts].sort(([, a], [, b]) => b - a);
  return { weights, stored };
}

function merged(model: Architecture, lora: LoraAdapter, name: string, values: Float32Array): Float32Array {
  const { names } = model;
  const [at = "", ...rest] = name.startsWith(`${names.root}${names.layers}.`)
    ? name.slice(names.root.length + names.layers.length + 1).split(".")
    : [];
  const projection = projections(model).find(({ path }) => `${path}.weight` === rest.join("."));
  if (!projection) return values;
  const ports = lora.layers[Number(at)];
  const [a, b] = [ports?.[`${projection.name}.A`], ports?.[`${projection.name}.B`]];
  if (a && b) mergeLowRank(values, a, b, lora.shape.rank, lora.shape.scaling);
  return values;
}

/**
 * Merges a low-rank update into a matrix, in place: W becomes W + scaling B A.
 *
 * Sums run in double precision and are rounded once per value, so that a row of zeros in B leaves W bit-identical.
 *
 * @param weight `[out, in]`
 * @param a `[R, in]`
 * @param b `[out, R]`
 * @source Hu et al. 2021 (arXiv 2106.09685), section 4.1: h = W x + scaling B A x
 */
export function mergeLowRank(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  rank: number,
  scaling: number,
): void {
  const width = a.length / rank;
  const rows = b.length / rank;
  if (weight.length !== rows * width) {
    throw new Error(`Internal: ${weight.length} values for ${rows} rows of ${width}`);
  }
  const change = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const factors = b.subarray(row * rank, (row + 1) * rank);
    if (factors.every((factor) => factor === 0)) continue;
    change.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scaling * (factors[k] as number);
      const from = k * width;
      for (let i = 0; i < width; i++) change[i] = (change[i] as number) + factor * (a[from + i] as number);
    }
    const at = row * width;
    for (let i = 0; i < width; i++) weight[at + i] = (weight[at + i] as number) + (change[i] as number);
  }
}
