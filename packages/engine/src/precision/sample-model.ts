/**
 * @file A sample of a model for speed measurements: some layers, or a part of one, with synthetic weights.
 *
 * A step of the sample uses the same programs as the model, and takes a known share of the time of the model's step.
 *
 *     L layers, vocabulary V        l layers: D unchanged, heads / P, F / P        of the head: V l / (L P) rows
 *
 * A step with few tokens is bound by reading weights. So its sample has as many layers as its time limit allows: fewer
 * layers would stay in the processor's caches, unlike the model's. A layer of a large model is divided into P parts as
 * in tensor parallelism (Shoeybi et al. 2019, arXiv 1909.08053, section 3). D, the head width, and whether widths are
 * multiples of 64, are as in the model.
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

/** A sample, and the number of samples that are equivalent to the model. */
export interface SampledModel {
  readonly architecture: Architecture;
  readonly samples: number;
}

/** Widths that are multiples of this stay multiples. */
const widthMultiple = 64;
/** Maximum weights of a sample, 512 MB in float32. */
const maxWeights = 2 ** 27;
/** Maximum weights of several layers: 400 MB in both precisions together, more than caches hold. */
const maxLayeredWeights = 2 ** 26;
/** Maximum experts of a sample. All experts are computed for all tokens, so a few of them show the speed of all. */
const maxExperts = 4;

/**
 * The largest sample whose step takes at most `maxFlops`; the smallest possible sample if none does.
 *
 * @param tokens per step
 * @throws {TunewiseError} `MODEL_FILE_LIMIT` if the chosen sample has more than 134 million weights
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

/** Divides a width, rounded; the result is a multiple of 64 exactly if the width is one. */
function part(width: number, parts: number): number {
  if (parts === 1) return width;
  const rounded = widthMultiple * Math.max(1, Math.round(width / parts / widthMultiple));
  return width % widthMultiple === 0 ? rounded : rounded + (width % widthMultiple);
}

/** Number of weights in the matrices of one layer and in its share of the head. */
function matrixWeights(model: Architecture): number {
  return projections(model).reduce(
    (sum, { inputWidth, outputWidth }) => sum + inputWidth * outputWidth,
    (model.vocabulary * model.hidden) / model.layers,
  );
}

/**
 * Files of a sample. All weights share the same memory, because times do not depend on values.
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

/** Maximum absolute value of a weight. */
const largest = 0.05;

/** Synthetic weights, none so small that products of a few become subnormal, which is slower. */
function madeUp(length: number): Float32Array<ArrayBuffer> {
  const random = mulberry32(1);
  return Float32Array.from({ length }, () => (random() < 0.5 ? -1 : 1) * largest * (0.1 + 0.9 * random()));
}

/** Pseudorandom codes that cover all values. */
function spread(_: unknown, at: number): number {
  return Math.imul(at + 1, 0x9e3779b1) >>> 24;
}
