/** @file Sources of a layer's matrices: all in memory, or streamed from disk layer by layer. */

import { type Architecture, type Projection, projections } from "../models/architecture.ts";
import { isBf16Projection, type MatrixInputs, scalesOf } from "../models/matrix-format.ts";
import type { Numbers } from "../runtime/session.ts";
import {
  narrowToBFloat16,
  nf4Block,
  type StoredWeight,
  type WeightFiles,
  writeScales,
} from "../weights/index.ts";
import type { Workspace } from "./workspace.ts";

/** Matrices of one layer as stored, by name; valid until another layer is requested. */
export interface MatrixSource {
  layer(at: number, next?: number): Promise<StoredMatrices>;
  /** Waits for a prefetch in progress, which would otherwise reopen its file after it was closed. */
  settled(): Promise<void>;
}

/** Names, such as `self_attn.q_proj.weight`, and matrices as stored. */
export type StoredMatrices = readonly (readonly [name: string, weight: StoredWeight])[];

/** Input of both kinds of sources. */
export interface MatrixFiles {
  /** Files whose projections are in a format that the workspace can widen. */
  readonly files: WeightFiles;
  readonly nameOf: (layer: number, path: string) => string;
  readonly model: Architecture;
  /** Format to keep a matrix in; `null`: as in the files. */
  readonly formatOf: (projection: Projection) => MatrixInputs["format"] | null;
}

/** Reads all layers once and keeps them in memory. */
export async function loadMatrices(source: MatrixFiles): Promise<MatrixSource> {
  const layers: StoredMatrices[] = [];
  for (let layer = 0; layer < source.model.layers; layer++) layers.push(await readLayer(source, layer));
  return { layer: async (at) => layers[at] ?? [], settled: async () => undefined };
}

/**
 * Reads a layer on demand into one of two alternating buffers and prefetches the next one: the operating system reads
 * while the programs compute, and its page cache keeps what fits.
 */
export function streamMatrices(source: MatrixFiles): MatrixSource {
  const arenas = [new ByteArena(), new ByteArena()];
  let turn = 0;
  let ahead: { readonly at: number; readonly read: Promise<StoredMatrices> } | null = null;
  const start = (at: number): { readonly at: number; readonly read: Promise<StoredMatrices> } => {
    const arena = arenas[turn++ % 2] as ByteArena;
    arena.reset();
    const read = readLayer(source, at, (bytes) => arena.take(bytes));
    // the caller that awaits the read gets the failure; until then it must not count as an unhandled rejection
    read.catch(() => undefined);
    return { at, read };
  };
  let last: { readonly at: number; readonly stored: StoredMatrices } | null = null;
  const layer: MatrixSource["layer"] = async (at, next) => {
    if (last?.at === at) return last.stored;
    // a prefetch of another layer still writes into its arena and has to end before the arena is reused
    if (ahead !== null && ahead.at !== at) await ahead.read.catch(() => undefined);
    const stored = await (ahead?.at === at ? ahead : start(at)).read;
    ahead = next === undefined || next === at ? null : start(next);
    last = { at, stored };
    return stored;
  };
  const settled = async (): Promise<void> => {
    await ahead?.read.catch(() => undefined);
  };
  return { layer, settled };
}

/** Matrices as float32, in memory that the next layer overwrites. */
export function widened(source: MatrixSource, workspace: Workspace): BaseMatrices<Float32Array> {
  return async (at, next) => {
    const stored = await source.layer(at, next);
    return Object.fromEntries(stored.map(([name, weight]) => [name, workspace.widen(name, weight)]));
  };
}

/** Matrices of a layer by name. */
export type BaseMatrices<Item> = (at: number, next?: number) => Promise<Readonly<Record<string, Item>>>;

/** Matrices as stored, as inputs of programs; those that bfloat16 products do not support are converted to float32. */
export function asStored(
  source: MatrixSource,
  {
    model,
    inputs,
    workspace,
  }: {
    readonly model: Architecture;
    readonly inputs: MatrixInputs;
    readonly workspace: Workspace;
  },
): BaseMatrices<Numbers> {
  const isWide = inputs.format === "float32";
  const isProduct = new Map(
    projections(model).map((one) => [`${one.path}.weight`, !isWide && isBf16Projection(inputs, one)]),
  );
  return async (at, next) => {
    const stored = await source.layer(at, next);
    const given = stored.flatMap(([name, weight]) =>
      isProduct.get(name) ? inputsOf(name, weight) : [[name, workspace.widen(name, weight)] as const],
    );
    return Object.fromEntries(given);
  };
}

function inputsOf(name: string, weight: StoredWeight): readonly (readonly [string, Numbers])[] {
  if (weight.stored === "F32") return [[name, weight.values]];
  if (weight.stored !== "NF4") return [[name, weight.bits]];
  const { codes, scales } = weight.tensor;
  const wide = new Float32Array((codes.length * 2) / nf4Block);
  writeScales(scales, wide);
  return [
    [name, codes],
    [scalesOf(name), wide],
  ];
}

async function readLayer(
  { files, nameOf, model, formatOf }: MatrixFiles,
  layer: number,
  take?: (bytes: number) => Uint8Array,
): Promise<StoredMatrices> {
  const stored: (readonly [string, StoredWeight])[] = [];
  // sequential, so that the arena allocates its pieces in the same order every time
  for (const projection of projections(model)) {
    const { path } = projection;
    const format = formatOf(projection);
    const name = nameOf(layer, `${path}.weight`);
    const isKept = format === null || storedAs[format] === files.weights.get(name)?.stored;
    const weight = isKept ? await files.readStored(name, take) : null;
    stored.push([`${path}.weight`, weight ?? inFormat(await files.read(name), format)]);
  }
  return stored;
}

const storedAs = { float32: "F32", bfloat16: "BF16", nf4: "NF4" };

function inFormat(values: Float32Array, format: MatrixInputs["format"] | null): StoredWeight {
  return format === "bfloat16"
    ? { stored: "BF16", bits: narrowToBFloat16(values) }
    : { stored: "F32", values };
}

/** Pieces are aligned to cache lines. */
const lineBytes = 64;

/** An arena allocator: after `reset` it allocates the same memory again, in the same order. */
class ByteArena {
  private readonly chunks: Uint8Array[] = [];
  private at = 0;

  /** A piece of memory with undefined content. */
  take(bytes: number): Uint8Array {
    const known = this.chunks[this.at];
    const chunk =
      known && known.byteLength >= bytes ? known : new Uint8Array(Math.ceil(bytes / lineBytes) * lineBytes);
    this.chunks[this.at++] = chunk;
    return chunk.subarray(0, bytes);
  }

  /** Frees all pieces for reuse. */
  reset(): void {
    this.at = 0;
  }
}
