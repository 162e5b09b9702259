/**
 * @file The base model's frozen weights, stored in the format and location that memory allows.
 *
 *     file ─► matrices of a layer, as stored: in memory, or read from disk on demand
 *                 └─► workspace: float32, one layer at a time ─► the layer's programs
 *
 * Norms and biases stay in memory as float32. So do the embedding and the head, unless products run in bfloat16: then
 * they are stored in 16 bits.
 */

import { type Architecture, type Projection, projections } from "../models/architecture.ts";
import { float32Inputs, isBf16, isBf16Projection, type MatrixInputs } from "../models/matrix-format.ts";
import {
  layerName,
  layerWeights,
  modelWeights,
  namesIn,
  oriented,
  type RootKey,
  rootWeights,
} from "../models/weight-names.ts";
import { problem } from "../problem/index.ts";
import type { Feeds } from "../runtime/session.ts";
import type { WeightFiles } from "../weights/index.ts";
import { asStored, loadMatrices, streamMatrices, widened } from "./matrices.ts";
import type { BaseOptions } from "./options.ts";
import { quantizedFiles } from "./quantized-files.ts";
import { readTable, type Table } from "./table.ts";
import { Workspace } from "./workspace.ts";

/** A layer's weights by name, as float32. */
export type LayerWeights = Readonly<Record<string, Float32Array>>;

/** Frozen weights of a model. */
export interface BaseWeights {
  /** `[V, D]` */
  readonly embedding: Table;
  /** `[T, D]`, learned positions */
  readonly positions: Float32Array | null;
  /** `[D]` */
  readonly norm: Float32Array;
  readonly normBias: Float32Array | null;
  /** `[V, D]`; the embedding itself if tied */
  readonly head: Table;
  /** The format in which programs read the matrices. */
  readonly inputs: MatrixInputs;
  /**
   * A layer's stored weights, converted to float32. Valid until another layer is requested, here or from `feeds`.
   *
   * @param next the layer that will be requested next, so that it can be prefetched
   */
  layer(at: number, next?: number): Promise<LayerWeights>;
  /** The same weights as inputs of the layer's programs, with matrices in the format of `inputs`. */
  feeds(at: number, next?: number): Promise<Feeds>;
  close(): Promise<void>;
}

/**
 * Opens the base.
 *
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` if a weight is missing or has another shape than the architecture
 *   requires, `MODEL_FILE_WRITE_FAILED` if the cache has no room
 */
export async function openBase(
  files: WeightFiles,
  model: Architecture,
  options: BaseOptions,
): Promise<BaseWeights> {
  const weights = oriented(files, model);
  const names = checkNames(weights, model);
  const root = await readRoot(weights, names, model, options);
  const small: LayerWeights[] = [];
  for (let layer = 0; layer < model.layers; layer++)
    small.push(await readSmall(weights, names, model, layer));
  const stored = await quantizedFiles(weights, model, names.layer, options);
  const inputs = inputsOf(options, stored, names, model);
  const source = { files: stored, nameOf: names.layer, model, formatOf: formatsOf(options, inputs) };
  const matrices = options.place === "disk" ? streamMatrices(source) : await loadMatrices(source);
  const workspace = new Workspace(model);
  const wide = widened(matrices, workspace);
  const given = inputs.compute === "bf16" ? asStored(matrices, { model, inputs, workspace }) : wide;
  return {
    ...root,
    inputs,
    layer: async (at, next) => ({ ...small[at], ...(await wide(at, next)) }),
    feeds: async (at, next) => ({ ...small[at], ...(await given(at, next)) }),
    close: async () => {
      await matrices.settled();
      await stored.close();
    },
  };
}

/** The format to keep a matrix in; `null`: as in the files, also for matrices that bfloat16 products do not support. */
function formatsOf(
  { format, place }: BaseOptions,
  inputs: MatrixInputs,
): (projection: Projection) => MatrixInputs["format"] | null {
  if (format === "float32") return () => (place === "memory" ? "float32" : null);
  return (one) => (inputs.format === "bfloat16" && isBf16Projection(inputs, one) ? "bfloat16" : null);
}

/** Formats for programs. bfloat16 products read float32 if requested, NF4 if all matrices are NF4, else bfloat16. */
function inputsOf(
  { compute, format }: BaseOptions,
  { weights }: WeightFiles,
  names: Names,
  model: Architecture,
): MatrixInputs {
  if (compute !== "bf16") return float32Inputs;
  if (format === "float32") return { compute, format };
  const isNf4 = Array.from({ length: model.layers }, (_, layer) => layer).every((layer) =>
    projections(model).every(
      ({ path }) => weights.get(names.layer(layer, `${path}.weight`))?.stored === "NF4",
    ),
  );
  return { compute, format: isNf4 ? "nf4" : "bfloat16" };
}

/** Names of the weights in the model's files. */
interface Names {
  readonly root: ReadonlyMap<RootKey, string>;
  readonly layer: (at: number, path: string) => string;
}

/** Compares every declared shape with the architecture's before any weight is read. */
function checkNames({ weights }: WeightFiles, model: Architecture): Names {
  const nameIn = namesIn({ weights }, model);
  const demand = (name: string, shape: readonly number[]): void => {
    const found = weights.get(name)?.shape;
    if (found?.join() === shape.join()) return;
    const about = { name, found: found ? `[${found.join(", ")}]` : "no such tensor" };
    throw problem("MODEL_WEIGHT_MISMATCH", { ...about, expected: `[${shape.join(", ")}]` });
  };
  for (const { name, shape } of modelWeights(model)) demand(nameIn(name), shape);
  return {
    root: new Map(rootWeights(model).map(({ key, name }) => [key, nameIn(name)])),
    layer: (at, path) => nameIn(layerName(model, at, path)),
  };
}

async function readRoot(
  weights: WeightFiles,
  { root }: Names,
  model: Architecture,
  { compute, format }: BaseOptions,
): Promise<Pick<BaseWeights, RootKey>> {
  const isNarrow =
    format !== "float32" && isBf16({ compute: compute ?? "fp32" }, model.vocabulary, model.hidden);
  const table = (key: RootKey): Promise<Table> =>
    readTable(weights, root.get(key) ?? "", isNarrow ? "bfloat16" : "float32");
  const optional = async (key: RootKey): Promise<Float32Array | null> => {
    const name = root.get(key);
    return name === undefined ? null : weights.read(name);
  };
  const embedding = await table("embedding");
  return {
    embedding,
    positions: await optional("positions"),
    norm: await readNorm(weights, root.get("norm") ?? "", model),
    normBias: await optional("normBias"),
    head: model.tied ? embedding : await table("head"),
  };
}

/** A norm's weight as the formula uses it: some families store it minus one. */
async function readNorm(
  files: WeightFiles,
  name: string,
  { normOffset }: Architecture,
): Promise<Float32Array> {
  const weight = await files.read(name);
  return normOffset === 0 ? weight : weight.map((value) => value + normOffset);
}

async function readSmall(
  files: WeightFiles,
  names: Names,
  model: Architecture,
  layer: number,
): Promise<LayerWeights> {
  const matrices = new Set(projections(model).map(({ path }) => `${path}.weight`));
  const small: Record<string, Float32Array> = {};
  for (const { name } of layerWeights(model)) {
    if (matrices.has(name)) continue;
    const full = names.layer(layer, name);
    small[name] = name.includes("norm") ? await readNorm(files, full, model) : await files.read(full);
  }
  return small;
}
