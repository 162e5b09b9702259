/**
 * @file NF4 weights in safetensors files, in the layout of bitsandbytes and transformers.
 *
 *     NAME                                    U8   codes, two per byte
 *     NAME.absmax                             F32, or U8 with double quantization
 *     NAME.quant_map                          F32  the 16 values
 *     NAME.nested_absmax, NAME.nested_quant_map    of quantized scales
 *     NAME.quant_state.bitsandbytes__nf4      U8   JSON: shape, block sizes, offset
 */
import { product } from "@tunewise/core/math";
import { problem } from "../../problem/index.ts";
import { parseJsonObject } from "../json-file.ts";
import type { TakeBytes } from "../model-files.ts";
import { dynamicValues } from "../nf4/blockwise.ts";
import { type Nf4Scales, type Nf4Tensor, nestedBlock, nf4Block, nf4Values } from "../nf4/nf4.ts";
import { damagedFile, type PositionedFile } from "../positioned-file.ts";
import { isCounts, type SafetensorsEntry } from "./header.ts";
import type { WritableEntry } from "./write.ts";

const stateSuffix = ".quant_state.bitsandbytes__nf4";

/** Maximum bytes of the quantization state of one weight. */
const maximumStateBytes = 65_536;

/** A quantized weight found among a file's entries. */
export interface Nf4Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly codes: SafetensorsEntry;
  readonly absmax: SafetensorsEntry;
  /** For quantized scales only. */
  readonly nested: { readonly absmax: SafetensorsEntry; readonly offset: number } | null;
}

/**
 * Finds the quantized weights of a file.
 *
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED` if parts are missing or contradict each other,
 *   `MODEL_WEIGHT_TYPE_UNSUPPORTED` for other block sizes or another table of values
 * @source bitsandbytes 0.50.2 bitsandbytes/functional.py `QuantState.as_dict`
 */
export async function findNf4(
  file: PositionedFile,
  entries: readonly SafetensorsEntry[],
): Promise<readonly Nf4Entry[]> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const states = entries.filter(({ name }) => name.endsWith(stateSuffix));
  const found: Nf4Entry[] = [];
  for (const state of states) found.push(await readState(file, state, byName));
  return found;
}

async function readState(
  file: PositionedFile,
  state: SafetensorsEntry,
  byName: ReadonlyMap<string, SafetensorsEntry>,
): Promise<Nf4Entry> {
  const name = state.name.slice(0, -stateSuffix.length);
  const damaged = (detail: string): Error => damagedFile(file.path, `${name}: ${detail}`);
  if (state.bytes > maximumStateBytes) throw damaged(`its description takes ${state.bytes} bytes`);
  const about = parseJsonObject(await file.read(state.offset, state.bytes), file.path);
  const { shape, blocksize, nested_blocksize: nestedSize, nested_offset: offset } = about;
  if (!isCounts(shape) || shape.length === 0) throw damaged("its description has no valid shape");
  const count = product(shape);
  const blocks = Math.ceil(count / nf4Block);
  const part = (suffix: string, type: string, length: number): SafetensorsEntry => {
    const entry = byName.get(name + suffix);
    const size = type === "F32" ? 4 : 1;
    if (entry?.type === type && entry.bytes === length * size) return entry;
    const is = entry ? `${entry.bytes} bytes of ${entry.type}` : "missing";
    throw damaged(`${name}${suffix} should have ${length} numbers of ${type}, and is ${is}`);
  };
  const isNested = nestedSize !== undefined;
  if (blocksize !== nf4Block || (isNested && nestedSize !== nestedBlock)) {
    const type = `NF4 in blocks of ${String(blocksize)}${isNested ? ` and ${String(nestedSize)}` : ""}`;
    const supported = `NF4 in blocks of ${nf4Block}, scales in blocks of ${nestedBlock}`;
    throw problem("MODEL_WEIGHT_TYPE_UNSUPPORTED", { file: file.path, name, type, supported });
  }
  if (isNested && typeof offset !== "number") throw damaged("its scales have no offset");
  const entry: Nf4Entry = {
    name,
    shape,
    codes: part("", "U8", Math.ceil(count / 2)),
    absmax: part(".absmax", isNested ? "U8" : "F32", blocks),
    nested: isNested
      ? {
          absmax: part(".nested_absmax", "F32", Math.ceil(blocks / nestedBlock)),
          offset: Math.fround(offset as number),
        }
      : null,
  };
  const tables: [SafetensorsEntry, Float32Array][] = [
    [part(".quant_map", "F32", 16), Float32Array.from(nf4Values)],
  ];
  if (isNested) tables.push([part(".nested_quant_map", "F32", 256), dynamicValues]);
  for (const [table, values] of tables) {
    const { buffer } = await file.read(table.offset, table.bytes);
    if (new Float32Array(buffer).some((value, at) => Math.abs(value - (values[at] as number)) > 1e-6)) {
      throw problem("MODEL_WEIGHT_TYPE_UNSUPPORTED", {
        file: file.path,
        name: table.name,
        type: "a table of other values",
        supported: "the tables of bitsandbytes",
      });
    }
  }
  return entry;
}

/** Reads a quantized weight. */
export async function readNf4(file: PositionedFile, entry: Nf4Entry, take: TakeBytes): Promise<Nf4Tensor> {
  const read = async ({ offset, bytes }: SafetensorsEntry): Promise<Uint8Array> => {
    const target = take(bytes);
    await file.readInto(target, offset);
    return target;
  };
  const floats = (bytes: Uint8Array): Float32Array =>
    new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const [codes, absmax] = [await read(entry.codes), await read(entry.absmax)];
  const { nested } = entry;
  const scales: Nf4Scales = nested
    ? { kind: "nested", codes: absmax, absmax: floats(await read(nested.absmax)), offset: nested.offset }
    : { kind: "plain", absmax: floats(absmax) };
  return { codes, scales };
}

/** Names of all entries that belong to quantized weights, including the weights themselves. */
export function nf4Parts(found: readonly Nf4Entry[]): ReadonlySet<string> {
  const suffixes = ["", ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", stateSuffix];
  return new Set(found.flatMap(({ name }) => suffixes.map((suffix) => name + suffix)));
}

/** The entries that `nf4Bytes` produces for a weight of this shape, so that a header can be written before the data. */
export function nf4Entries(name: string, shape: readonly number[], nested: boolean): WritableEntry[] {
  const count = product(shape);
  const blocks = Math.ceil(count / nf4Block);
  return [
    { name, type: "U8", shape: [Math.ceil(count / 2), 1] },
    { name: `${name}.absmax`, type: nested ? "U8" : "F32", shape: [blocks] },
    ...(nested
      ? [
          { name: `${name}.nested_absmax`, type: "F32" as const, shape: [Math.ceil(blocks / nestedBlock)] },
          { name: `${name}.nested_quant_map`, type: "F32" as const, shape: [256] },
        ]
      : []),
    { name: `${name}.quant_map`, type: "F32", shape: [16] },
    { name: name + stateSuffix, type: "U8", shape: [stateBytes] },
  ];
}

/** States are padded to a fixed length, because the offset is known only with the data. */
const stateBytes = 512;

/** The bytes of a weight's entries, in the order of `nf4Entries`. */
export function nf4Bytes(shape: readonly number[], { codes, scales }: Nf4Tensor): Uint8Array[] {
  const state = {
    quant_type: "nf4",
    blocksize: nf4Block,
    dtype: "float32",
    shape,
    ...(scales.kind === "nested"
      ? { nested_blocksize: nestedBlock, nested_dtype: "float32", nested_offset: scales.offset }
      : {}),
  };
  const text = new TextEncoder().encode(JSON.stringify(state).padEnd(stateBytes));
  const raw = (values: Float32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [
    codes,
    ...(scales.kind === "nested"
      ? [scales.codes, raw(scales.absmax), raw(dynamicValues)]
      : [raw(scales.absmax)]),
    raw(Float32Array.from(nf4Values)),
    text,
  ];
}
