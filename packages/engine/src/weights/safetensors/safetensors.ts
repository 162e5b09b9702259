/** @file Reads weights from safetensors files, single or sharded, one weight at a time. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { product } from "@tunewise/core/math";
import { problem } from "../../problem/index.ts";
import { widenBFloat16, widenHalf } from "../half-precision.ts";
import { isJsonObject, readJsonFile } from "../json-file.ts";
import { maximumTokenizerBytes } from "../limits.ts";
import type { StoredType, StoredWeight, TakeBytes, WeightFiles, WeightInfo } from "../model-files.ts";
import { dequantizeNf4 } from "../nf4/nf4.ts";
import { closedOnError, damagedFile, openPositionedFile, type PositionedFile } from "../positioned-file.ts";
import { weightFiles } from "../weight-files.ts";
import { readSafetensorsHeader, type SafetensorsEntry } from "./header.ts";
import { findNf4, type Nf4Entry, nf4Parts, readNf4 } from "./nf4-weights.ts";

/** A file with its header's entries. */
interface Shard {
  readonly file: PositionedFile;
  readonly entries: readonly SafetensorsEntry[];
  readonly quantized: readonly Nf4Entry[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** File and entry of a weight. */
interface WeightLocation {
  readonly file: PositionedFile;
  readonly entry: SafetensorsEntry | Nf4Entry;
}

/**
 * Opens the weights of a `.safetensors` file, or of all files named in a `.safetensors.index.json`.
 *
 * Integer and boolean tensors (old buffers such as causal masks) are ignored, because they are not weights.
 *
 * @param path of the file or of the index
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_FILE_DAMAGED`, `MODEL_FILE_LIMIT`,
 *   `MODEL_WEIGHT_TYPE_UNSUPPORTED`
 * @example const weights = await openSafetensors("model/model.safetensors.index.json")
 */
export async function openSafetensors(path: string): Promise<WeightFiles> {
  const index = path.endsWith(".json") ? await readShardIndex(path) : null;
  const names = index === null ? [basename(path)] : [...new Set(index.values())].sort();
  const shards: Shard[] = [];
  try {
    for (const name of names) shards.push(await openShard(join(dirname(path), name)));
    return assemble(path, shards, index);
  } catch (error) {
    await Promise.all(shards.map((shard) => shard.file.close()));
    throw error;
  }
}

async function openShard(path: string): Promise<Shard> {
  const file = await openPositionedFile(path);
  return closedOnError(file, async () => {
    const header = await readSafetensorsHeader(file);
    return { file, ...header, quantized: await findNf4(file, header.entries) };
  });
}

/** Maps weight names to file names. The index is not trusted, so only plain names of files beside it are accepted. */
async function readShardIndex(path: string): Promise<Map<string, string>> {
  const map = (await readJsonFile(path, maximumTokenizerBytes))["weight_map"];
  if (!isJsonObject(map)) throw damagedFile(path, "it has no weight_map");
  const beside = new Set(await readdir(dirname(path)));
  const index = new Map<string, string>();
  for (const [weight, file] of Object.entries(map)) {
    if (typeof file !== "string" || !/^\w[\w.-]*\.safetensors$/.test(file)) {
      throw damagedFile(path, `it names the file ${JSON.stringify(file)} for ${weight}`);
    }
    if (!beside.has(file)) throw problem("MODEL_FILE_MISSING", { place: dirname(path), file });
    index.set(weight, file);
  }
  return index;
}

function assemble(path: string, shards: readonly Shard[], index: Map<string, string> | null): WeightFiles {
  const weights = new Map<string, WeightInfo>();
  const places = new Map<string, WeightLocation>();
  const add = (info: WeightInfo, place: WeightLocation): void => {
    if (weights.has(info.name)) throw damagedFile(path, `${info.name} is in two files`);
    const declared = index?.get(info.name);
    if (declared !== undefined && declared !== basename(place.file.path)) {
      throw damagedFile(path, `${info.name} is in ${basename(place.file.path)}, not in ${declared}`);
    }
    weights.set(info.name, info);
    places.set(info.name, place);
  };
  for (const { file, entries, quantized } of shards) {
    const parts = nf4Parts(quantized);
    for (const entry of quantized)
      add({ name: entry.name, shape: entry.shape, stored: "NF4" }, { file, entry });
    for (const entry of entries.filter(({ name }) => !parts.has(name))) {
      const stored = storedType(file, entry);
      if (stored !== null) add({ name: entry.name, shape: entry.shape, stored }, { file, entry });
    }
  }
  const seen = new Set(shards.flatMap((shard) => shard.entries.map((entry) => entry.name)));
  for (const [name, file] of index ?? []) {
    if (!seen.has(name)) throw damagedFile(path, `it lists ${name} in ${file}, which does not contain it`);
  }
  const placeOf = ({ name }: WeightInfo): WeightLocation => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`Internal: no place for ${name}`);
    return place;
  };
  return weightFiles(
    weights,
    shards.map((shard) => shard.file),
    async (info) => widened(info, await readEntry(placeOf(info), takeFresh)),
    (info, take) => readEntry(placeOf(info), take),
    shards[0]?.metadata,
  );
}

const takeFresh: TakeBytes = (bytes) => new Uint8Array(bytes);

/** `null` for a tensor that is not a weight. */
function storedType(file: PositionedFile, entry: SafetensorsEntry): StoredType | null {
  if (entry.type === "F32" || entry.type === "F16" || entry.type === "BF16") return entry.type;
  // Otherwise a quantized weight would later be reported as missing, which is misleading.
  if (!entry.name.endsWith(".weight")) return null;
  const about = { file: file.path, name: entry.name, type: entry.type, supported: "F32, F16, BF16 and NF4" };
  throw problem("MODEL_WEIGHT_TYPE_UNSUPPORTED", about);
}

/** The weight as stored. The file is little-endian, as are all supported platforms. */
async function readEntry({ file, entry }: WeightLocation, take: TakeBytes): Promise<StoredWeight> {
  if ("codes" in entry) return { stored: "NF4", tensor: await readNf4(file, entry, take) };
  const target = take(entry.bytes);
  await file.readInto(target, entry.offset);
  const { buffer, byteOffset } = target;
  if (entry.type === "F32")
    return { stored: "F32", values: new Float32Array(buffer, byteOffset, entry.bytes / 4) };
  const bits = new Uint16Array(buffer, byteOffset, entry.bytes / 2);
  return { stored: entry.type === "F16" ? "F16" : "BF16", bits };
}

/** Converts the weight to float32, exactly. */
function widened({ shape }: WeightInfo, weight: StoredWeight): Float32Array<ArrayBuffer> {
  if (weight.stored === "F32") return weight.values as Float32Array<ArrayBuffer>;
  if (weight.stored === "NF4") {
    return dequantizeNf4(weight.tensor, product(shape));
  }
  const { buffer, byteOffset, byteLength } = weight.bits;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return weight.stored === "F16" ? widenHalf(bytes) : widenBFloat16(bytes);
}
