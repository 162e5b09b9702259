/**
 * @file A sample of a model: some layers, or a part of one, with weights that are made up. Its steps take a known share
 * of the time of the model's own, in the same programs.
 *
 *     L layers, vocabulary V        l layers: D unchanged, heads / P, F / P        of the head: V l / (L P) rows
 *
 * A step of few tokens reads weights for longer than it multiplies, so that its sample has as many layers as its time
 * allows: fewer would stay in the processor's caches, where the model's own do not fit. P parts divide the layer of a
 * large model as tensor parallelism does (Shoeybi et al. 2019, arXiv 1909.08053, section 3). Inner sizes of products,
 * widths of heads, and whether widths are multiples of 64, remain those of the model.
 */
import { mulberry32 } from "@tunewise/core/math";
import { type Architecture, projections } from "../models/architecture.ts";
import { isStoredTurned, layerName, modelWeights } from "../models/weight-names.ts";
import { problem } from "../problem/index.ts";
import {
  narrowToBFloat16,
  nf4Block,
  type StoredType,
  type StoredWeight,
  type WeightFiles,
} from "../weights/index.ts";

/** A sample, and how many of it make up the model. */
export interface SampledModel {
  readonly architecture: Architecture;
  readonly samples: number;
}

/** Widths stay multiples of this if they are. */
const widthMultiple = 64;
/** Weights of a sample, 512 MB in float32. */
const maxWeights = 2 ** 27;
/** Weights of several layers: in both precisions 400 MB, more than caches hold. */
const maxLayeredWeights = 2 ** 26;
/** Experts are computed densely, so that a few of them show the speed of all. */
const maxExperts = 4;

/**
 * The largest sample whose step of so many tokens takes at most `maxFlops`, or the smallest one.
 *
 * @param tokens of a step
 * @throws {TunewiseError} `MODEL_FILE_LIMIT` where the smallest one has more than 134 million weights
 */
export function sampleOf(model: Architecture, tokens: number, maxFlops: number): SampledModel {
  const divisors = Array.from({ length: model.heads }, (_, at) => at + 1).filter(
    (parts) => model.heads % parts === 0 && (model.kvHeads % parts === 0 || parts % model.kvHeads === 0),
  );
  const all = divisors.map((parts) => partOf(model, parts, 1));
  const isCheap = ({ architecture }: SampledModel): boolean =>
    4 * matrixWeights(architecture) * tokens <= maxFlops;
  const sample = all.find(isCheap) ?? (all.at(-1) as SampledModel);
  const found = matrixWeights(sample.architecture);
  if (!(found <= maxWeights))
    throw problem("MODEL_FILE_LIMIT", {
      file: "config.json",
      what: "the number of weights of the smallest part of a layer",
      found,
      limit: maxWeights,
    });
  if (sample !== all[0]) return sample;
  const layers = Math.min(model.layers, maxFlops / (4 * found * tokens), maxLayeredWeights / found);
  return partOf(model, 1, Math.max(1, Math.floor(layers)));
}

function partOf(model: Architecture, parts: number, layers: number): SampledModel {
  const count = model.experts ? Math.min(model.experts.count, maxExperts) : 1;
  const shares = (parts * (model.experts?.count ?? 1)) / count;
  const samples = (model.layers * shares) / layers;
  return {
    samples,
    architecture: {
      ...model,
      layers,
      heads: model.heads / parts,
      kvHeads: Math.max(1, model.kvHeads / parts),
      feedForward: part(model.feedForward, parts),
      experts: model.experts && { ...model.experts, count, active: Math.min(count, model.experts.active) },
      vocabulary: part(model.vocabulary, samples),
      windows: model.windows.slice(0, layers),
      ropes: model.ropes.slice(0, layers),
    },
  };
}

/** A share of a width: a multiple of 64 if the width is one, and otherwise none. */
function part(width: number, parts: number): number {
  if (parts === 1) return width;
  const rounded = widthMultiple * Math.max(1, Math.round(width / parts / widthMultiple));
  return width % widthMultiple === 0 ? rounded : rounded + (width % widthMultiple);
}

/** Weights of matrices of one layer and of its share of the head. */
function matrixWeights(model: Architecture): number {
  return projections(model).reduce(
    (sum, { inputWidth, outputWidth }) => sum + inputWidth * outputWidth,
    (model.vocabulary * model.hidden) / model.layers,
  );
}

/**
 * Files of a sample. All weights are read from the same memory: times do not depend on values.
 *
 * @param stored type of the matrices
 */
export function sampleFiles(model: Architecture, stored: "F32" | "BF16" | "NF4"): WeightFiles {
  const names = modelWeights(model);
  const sizeOf = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);
  const pool = madeUp(Math.max(...names.map(({ shape }) => sizeOf(shape))));
  const bits = stored === "BF16" ? narrowToBFloat16(pool) : new Uint16Array();
  const codes = stored === "NF4" ? Uint8Array.from({ length: Math.ceil(pool.length / 2) }, spread) : null;
  const matrices = new Set(
    Array.from({ length: model.layers }, (_, layer) =>
      projections(model).map(({ path }) => layerName(model, layer, `${path}.weight`)),
    ).flat(),
  );
  const typeOf = (name: string): StoredType => (matrices.has(name) ? stored : "F32");
  const weights = new Map(
    names.map(({ name, shape }) => {
      const turned = isStoredTurned(model, name) ? [...shape].reverse() : shape;
      return [name, { name, shape: turned, stored: typeOf(name) }];
    }),
  );
  const count = (name: string): number => sizeOf(weights.get(name)?.shape ?? []);
  const readStored = (name: string): StoredWeight => {
    const length = count(name);
    if (typeOf(name) === "BF16") return { stored: "BF16", bits: bits.subarray(0, length) };
    if (typeOf(name) !== "NF4" || codes === null) return { stored: "F32", values: pool.subarray(0, length) };
    const absmax = new Float32Array(Math.ceil(length / nf4Block)).fill(largest);
    const tensor = {
      codes: codes.subarray(0, Math.ceil(length / 2)),
      scales: { kind: "plain", absmax },
    } as const;
    return { stored: "NF4", tensor };
  };
  return {
    metadata: new Map(),
    weights,
    read: async (name) => pool.subarray(0, count(name)),
    readStored: async (name) => readStored(name),
    fingerprint: async () => "",
    close: async () => undefined,
  };
}

/** Weights lie between this and its negative. */
const largest = 0.05;

/** No weight is so small that products of a few become subnormal, which takes longer. */
function madeUp(length: number): Float32Array<ArrayBuffer> {
  const random = mulberry32(1);
  return Float32Array.from({ length }, () => (random() < 0.5 ? -1 : 1) * largest * (0.1 + 0.9 * random()));
}

/** All codes, in an order without a pattern. */
function spread(_: unknown, at: number): number {
  return Math.imul(at + 1, 0x9e3779b1) >>> 24;
}
