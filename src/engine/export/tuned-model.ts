/**
 * @file The one view that writers have of a model, whatever was trained: weights by name, read one at a time.
 */
import type { TokenizerFiles } from "../../dataset/index.ts";
import { problem } from "../../problem/index.ts";
import type { AdapterFiles, Config, ModelFiles, StoredType, WeightFiles } from "../../weights/index.ts";
import { type LoraAdapter, loadLora } from "../adapters/lora.ts";
import { type Architecture, projections } from "../models/architecture.ts";
import { layerWeights } from "../models/layer.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import { mergeLowRank } from "./merge.ts";

/** A model as it is after training. */
export interface TunedModel {
  readonly architecture: Architecture;
  /** `config.json` of the base. */
  readonly config: Config;
  /** `generation_config.json` of the base, empty where it has none. */
  readonly generation: Config;
  readonly tokenizer: TokenizerFiles;
  /** Shape of each weight by its Hugging Face name, first to last of the model; no head where it is tied. */
  readonly weights: ReadonlyMap<string, readonly number[]>;
  /** What most of the base's numbers are stored in. */
  readonly stored: StoredType;
  /** A weight after training, `float32`, in memory of its own. */
  read(name: string): Promise<Float32Array>;
  /** What was trained, where it stands beside the base. */
  readonly adapter: LoraAdapter | null;
}

/**
 * A base model with its adapter merged in: W + scaling B A, computed when a weight is read.
 *
 * @param adapter `null` gives the base model itself
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` where weights, adapter and configuration do not fit each other, and
 *   the errors of `readArchitecture`
 */
export function mergedModel(files: ModelFiles, adapter: AdapterFiles | null): TunedModel {
  const architecture = readArchitecture(files.config);
  const lora = adapter && loadLora(architecture, adapter.settings, adapter.tensors);
  const { weights, stored } = settleWeights(files, architecture);
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
      const values = await files.weights.read(source);
      return lora ? merged(architecture, lora, name, values) : values;
    },
    adapter: lora,
  };
}

/**
 * A base model with trained weights in place of its own.
 *
 * @param trained the result of a full fine-tune; what it lacks was frozen
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH`, and the errors of `mergedModel`
 */
export function replacedModel(files: ModelFiles, trained: WeightFiles): TunedModel {
  const base = mergedModel(files, null);
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

/** Every weight of a model under its usual name, with its shape. */
export function modelWeights(model: Architecture): { readonly name: string; readonly shape: number[] }[] {
  const table = [model.vocabulary, model.hidden];
  const layers = Array.from({ length: model.layers }, (_, layer) =>
    layerWeights(model).map(({ name, shape }) => ({ name: `model.layers.${layer}.${name}`, shape })),
  );
  return [
    { name: "model.embed_tokens.weight", shape: table },
    ...layers.flat(),
    { name: "model.norm.weight", shape: [model.hidden] },
    ...(model.tied ? [] : [{ name: "lm_head.weight", shape: table }]),
  ];
}

interface SettledWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** The name in the base's files, which may lack `model.` in front. */
  readonly source: string;
}

function settleWeights(
  { weights: files }: ModelFiles,
  model: Architecture,
): { weights: SettledWeight[]; stored: StoredType } {
  const isRooted = files.weights.has("model.embed_tokens.weight");
  const counts = new Map<StoredType, number>();
  const weights = modelWeights(model).map(({ name, shape }) => {
    const source = isRooted ? name : name.replace(/^model\./, "");
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
  const place = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name);
  const projection = projections(model).find(({ path }) => path === place?.[2]);
  if (!place || !projection) return values;
  const ports = lora.layers[Number(place[1])];
  const [a, b] = [ports?.[`${projection.name}.A`], ports?.[`${projection.name}.B`]];
  if (a && b) mergeLowRank(values, a, b, lora.shape.rank, lora.shape.scaling);
  return values;
}
