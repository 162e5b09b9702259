/**
 * @file Weights in safetensors files, one or sharded, read one at a time.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { problem } from "../../problem/index.ts";
import { widenBrain, widenHalf } from "./half-precision.ts";
import { isJsonObject, readJsonFile } from "./json-file.ts";
import { maximumTokenizerBytes } from "./limits.ts";
import { openPositionedFile, type PositionedFile } from "./positioned-file.ts";
import { readSafetensorsHeader, type SafetensorsEntry } from "./safetensors-header.ts";
import type { StoredType, WeightFiles, WeightInfo } from "./types.ts";
import { weightFiles } from "./weight-files.ts";

/** A file and what it declares. */
interface Shard {
  readonly file: PositionedFile;
  readonly entries: readonly SafetensorsEntry[];
}

/**
 * Opens the weights of a `.safetensors` file, or of all files that a `.safetensors.index.json` names.
 *
 * Integer and boolean tensors (old buffers such as causal masks) are left out; they are no weights.
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
  try {
    return { file, entries: (await readSafetensorsHeader(file)).entries };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Weight name to file name. Names come from a file, so only plain names of files that lie beside it are taken. */
async function readShardIndex(path: string): Promise<Map<string, string>> {
  const map = (await readJsonFile(path, maximumTokenizerBytes))["weight_map"];
  if (!isJsonObject(map)) throw damaged(path, "it has no weight_map");
  const beside = new Set(await readdir(dirname(path)));
  const index = new Map<string, string>();
  for (const [weight, file] of Object.entries(map)) {
    if (typeof file !== "string" || !/^\w[\w.-]*\.safetensors$/.test(file)) {
      throw damaged(path, `it names the file ${JSON.stringify(file)} for ${weight}`);
    }
    if (!beside.has(file)) throw problem("MODEL_FILE_MISSING", { place: dirname(path), file });
    index.set(weight, file);
  }
  return index;
}

function assemble(path: string, shards: readonly Shard[], index: Map<string, string> | null): WeightFiles {
  const weights = new Map<string, WeightInfo>();
  const places = new Map<string, { file: PositionedFile; entry: SafetensorsEntry }>();
  for (const { file, entries } of shards) {
    for (const entry of entries) {
      const stored = storedType(file, entry);
      if (stored === null) continue;
      if (weights.has(entry.name)) throw damaged(path, `${entry.name} is in two files`);
      const declared = index?.get(entry.name);
      if (declared !== undefined && declared !== basename(file.path)) {
        throw damaged(path, `${entry.name} is in ${basename(file.path)}, not in ${declared}`);
      }
      weights.set(entry.name, { name: entry.name, shape: entry.shape, stored });
      places.set(entry.name, { file, entry });
    }
  }
  const seen = new Set(shards.flatMap((shard) => shard.entries.map((entry) => entry.name)));
  for (const [name, file] of index ?? []) {
    if (!seen.has(name)) throw damaged(path, `it says ${name} is in ${file}, which does not have it`);
  }
  const read = (info: WeightInfo): Promise<Float32Array<ArrayBuffer>> => {
    const place = places.get(info.name);
    if (place === undefined) throw new Error(`Internal: no place for ${info.name}`);
    return readEntry(place.file, place.entry);
  };
  return weightFiles(
    weights,
    shards.map((shard) => shard.file),
    read,
  );
}

/** `null` for a tensor that is no weight. */
function storedType(file: PositionedFile, entry: SafetensorsEntry): StoredType | null {
  if (entry.type === "F32" || entry.type === "F16" || entry.type === "BF16") return entry.type;
  // A quantized weight would otherwise be missed later and reported as absent, which misleads.
  if (!entry.name.endsWith(".weight")) return null;
  const about = { file: file.path, name: entry.name, type: entry.type, supported: "F32, F16 and BF16" };
  throw problem("MODEL_WEIGHT_TYPE_UNSUPPORTED", about);
}

/** The tensor as float32, exact. Little-endian like the file; Node runs on little-endian machines here. */
async function readEntry(file: PositionedFile, entry: SafetensorsEntry): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await file.read(entry.offset, entry.bytes);
  if (entry.type === "F16") return widenHalf(bytes);
  if (entry.type === "BF16") return widenBrain(bytes);
  return new Float32Array(bytes.buffer);
}

function damaged(path: string, detail: string): Error {
  return problem("MODEL_FILE_DAMAGED", { file: path, detail });
}
