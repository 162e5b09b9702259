/**
 * @file Matrices in a format that can be read layer by layer: the model's own file, or a file derived from it once
 *   and cached.
 *
 *     CACHE/bases/KEY.safetensors    NF4 in the layout of bitsandbytes, or float32 of formats that are slow to widen
 */
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { type Architecture, projections } from "../models/architecture.ts";
import { isBf16 } from "../models/matrix-format.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import { layerName, namesIn, oriented } from "../models/weight-names.ts";
import { problem } from "../problem/index.ts";
import {
  type ModelFiles,
  narrowToBFloat16,
  nf4Bytes,
  nf4Entries,
  openSafetensors,
  quantizeNf4,
  type StoredType,
  type WeightFiles,
  type WritableEntry,
  writeTensorFile,
} from "../weights/index.ts";
import type { BaseOptions } from "./options.ts";

/** A matrix to write: its name in the model's file and its shape. */
export interface Matrix {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Returns files whose projections can be read as the options require, or the model's own files if they already can.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`; `BASE_NOT_CALIBRATED` if the file requires calibration rows, which
 *   are not available here
 */
export async function quantizedFiles(
  files: WeightFiles,
  model: Architecture,
  nameOf: (layer: number, path: string) => string,
  options: BaseOptions,
): Promise<WeightFiles> {
  const { format, place, doubleQuantization, calibration } = options;
  const matrices = matricesOf(model, nameOf);
  const types = new Set(matrices.map(({ name }) => files.weights.get(name)?.stored));
  const isEvery = (...wanted: StoredType[]): boolean =>
    [...types].every((type) => type && wanted.includes(type));
  const streamed: StoredType[] = isNarrow(options) ? ["BF16", "NF4"] : ["F32", "F16", "BF16", "NF4"];
  if (format === "nf4" ? isEvery("NF4") : place === "memory" || isEvery(...streamed)) return files;
  const path = quantizedPath(options);
  if (!(await exists(path))) {
    if (format === "nf4" && calibration !== undefined) throw problem("BASE_NOT_CALIBRATED", { path });
    const made =
      format === "nf4" ? quantized(matrices, files, doubleQuantization) : plain(matrices, files, options);
    await writeTensorFile(path, made.entries, made.chunks, { format: "pt", kind: kindOf(options) });
  }
  return openSafetensors(path);
}

/** Name of the derived format; part of the cache key and of the file's metadata. */
export function kindOf(options: BaseOptions): string {
  const { format, doubleQuantization, calibration } = options;
  if (format !== "nf4") return isNarrow(options) ? "bfloat16" : "float32";
  return `nf4${doubleQuantization ? "-nested" : ""}${calibration === undefined ? "" : `-calibrated-${calibration}`}`;
}

/** Path of the derived file in the cache. */
export function quantizedPath(options: BaseOptions): string {
  const { cache } = options;
  const key = createHash("sha256")
    .update(JSON.stringify([cache.modelKey, kindOf(options)]))
    .digest("hex")
    .slice(0, 32);
  return join(cache.folder, "bases", `${key}.safetensors`);
}

/** The matrices of all layers, in the order in which they are written. */
export function matricesOf(model: Architecture, nameOf: (layer: number, path: string) => string): Matrix[] {
  return Array.from({ length: model.layers }, (_, layer) =>
    projections(model).map(({ path, inputWidth, outputWidth }): Matrix => {
      return { name: nameOf(layer, `${path}.weight`), shape: [outputWidth, inputWidth] };
    }),
  ).flat();
}

/**
 * A model's weights as training used them: quantized matrices dequantized, all other weights unchanged.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, and the errors of `readArchitecture`
 */
export async function asTrained(files: ModelFiles, options: BaseOptions): Promise<ModelFiles> {
  const model = readArchitecture(files.config);
  const own = oriented(files.weights, model);
  const nameIn = namesIn(own, model);
  const quantized = await quantizedFiles(
    own,
    model,
    (at, path) => nameIn(layerName(model, at, path)),
    options,
  );
  if (quantized === own) return files;
  const of = (name: string): WeightFiles => (quantized.weights.has(name) ? quantized : own);
  const weights: WeightFiles = {
    ...own,
    read: (name) => of(name).read(name),
    readStored: (name, take) => of(name).readStored(name, take),
    close: async () => {
      await quantized.close();
      await files.weights.close();
    },
  };
  return { ...files, weights: oriented(weights, model) };
}

interface Made {
  readonly entries: readonly WritableEntry[];
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Whether matrices are read from disk as bfloat16, which products use without conversion. */
function isNarrow({ format, place, compute }: BaseOptions): boolean {
  return format === "stored" && place === "disk" && compute === "bf16";
}

function plain(matrices: readonly Matrix[], files: WeightFiles, options: BaseOptions): Made {
  const isBf16Matrix = ({ shape: [rows = 0, columns = 0] }: Matrix): boolean =>
    isNarrow(options) && isBf16({ compute: "bf16" }, rows, columns);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const matrix of matrices) {
      const values = await files.read(matrix.name);
      yield new Uint8Array((isBf16Matrix(matrix) ? narrowToBFloat16(values) : values).buffer as ArrayBuffer);
    }
  }
  const entries = matrices.map((matrix): WritableEntry => {
    const { name, shape } = matrix;
    return { name, shape, type: isBf16Matrix(matrix) ? "BF16" : "F32" };
  });
  return { entries, chunks: chunks() };
}

function quantized(matrices: readonly Matrix[], files: WeightFiles, nested: boolean): Made {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const { name, shape } of matrices) {
      yield* nf4Bytes(shape, quantizeNf4(await files.read(name), nested));
    }
  }
  return {
    entries: matrices.flatMap(({ name, shape }) => nf4Entries(name, shape, nested)),
    chunks: chunks(),
  };
}

/** Whether a file exists. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
