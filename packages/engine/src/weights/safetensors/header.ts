/**
 * @file Reads the header of a safetensors file and checks it against the file's size before anything is allocated.
 *
 *     8 bytes        N bytes                 the rest
 *     N (u64, LE) |  JSON, space padded  |  tensors, one after the other, no gap
 */
import { product } from "@tunewise/core/math";
import { problem } from "../../problem/index.ts";
import { isJsonObject, parseJsonObject } from "../json-file.ts";
import { maximumAxes, maximumSafetensorsHeaderBytes } from "../limits.ts";
import { damagedFile, type PositionedFile } from "../positioned-file.ts";

/** A tensor as declared in the header. */
export interface SafetensorsEntry {
  readonly name: string;
  /** `F32`, `BF16`, `I64` ... as written in the file. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Absolute file offset. */
  readonly offset: number;
  readonly bytes: number;
}

/** A checked header. */
interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of one element. @source huggingface/safetensors safetensors/src/tensor.rs, `Dtype` */
export const elementBytes: ReadonlyMap<string, number> = new Map(
  Object.entries({
    1: "F8_E4M3 F8_E5M2 F8_E8M0 I8 U8 BOOL",
    2: "F16 BF16 I16 U16",
    4: "F32 I32 U32",
    8: "F64 I64 U64 C64",
  }).flatMap(([bytes, types]) => types.split(" ").map((type) => [type, Number(bytes)] as const)),
);

/**
 * Reads and checks a file's header.
 *
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED` if header and file contradict each other, `MODEL_FILE_LIMIT` for an
 *   oversized header
 * @source huggingface/safetensors README, "Format"
 */
export async function readSafetensorsHeader(file: PositionedFile): Promise<SafetensorsHeader> {
  if (file.size < 8) throw damagedFile(file.path, `it has ${file.size} bytes, too few for a header`);
  const length = new DataView((await file.read(0, 8)).buffer).getBigUint64(0, true);
  if (length > BigInt(maximumSafetensorsHeaderBytes)) {
    const about = { what: "its header's size in bytes", limit: maximumSafetensorsHeaderBytes };
    throw problem("MODEL_FILE_LIMIT", { file: file.path, found: String(length), ...about });
  }
  const headerBytes = Number(length);
  if (8 + headerBytes > file.size) {
    throw damagedFile(
      file.path,
      `its header should take ${headerBytes} bytes, but the file has only ${file.size}`,
    );
  }
  const json = parseJsonObject(await file.read(8, headerBytes), file.path);
  const entries: SafetensorsEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") metadata = checkMetadata(file, value);
    else entries.push(checkEntry(file, name, value, 8 + headerBytes));
  }
  checkCoverage(file, entries, 8 + headerBytes);
  return { entries, metadata };
}

function checkMetadata(file: PositionedFile, value: unknown): ReadonlyMap<string, string> {
  if (!isJsonObject(value)) throw damagedFile(file.path, "__metadata__ is not an object");
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw damagedFile(file.path, `__metadata__ entry ${key} is not a string`);
    metadata.set(key, text);
  }
  return metadata;
}

function checkEntry(file: PositionedFile, name: string, value: unknown, start: number): SafetensorsEntry {
  if (!isJsonObject(value)) throw damagedFile(file.path, `the entry of ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const size = typeof dtype === "string" ? elementBytes.get(dtype) : undefined;
  if (typeof dtype !== "string" || size === undefined) {
    throw damagedFile(file.path, `${name} has the unknown type ${String(dtype)}`);
  }
  if (!isCounts(shape) || shape.length > maximumAxes)
    throw damagedFile(file.path, `${name} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2)
    throw damagedFile(file.path, `${name} has no valid offsets`);
  const [begin, end] = offsets as [number, number];
  if (end > file.size - start || begin > end) {
    throw damagedFile(
      file.path,
      `${name} lies at bytes ${begin} to ${end} of the data, which has ${file.size - start}`,
    );
  }
  const needed = size * product(shape);
  if (needed !== end - begin) {
    throw damagedFile(
      file.path,
      `${name} has shape [${shape.join(", ")}] of ${dtype}, but ${end - begin} bytes`,
    );
  }
  return { name, type: dtype, shape, offset: start + begin, bytes: end - begin };
}

/** Checks that tensors follow each other without gap or overlap and end with the file. */
function checkCoverage(file: PositionedFile, entries: SafetensorsEntry[], start: number): void {
  entries.sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  let expected = start;
  for (const entry of entries) {
    if (entry.offset < expected) throw damagedFile(file.path, `${entry.name} overlaps the tensor before it`);
    if (entry.offset > expected) throw damagedFile(file.path, `there is a gap before ${entry.name}`);
    expected += entry.bytes;
  }
  if (expected !== file.size) {
    throw damagedFile(file.path, `its tensors end at byte ${expected}, but the file has ${file.size}`);
  }
}

/** Whether a parsed value is a list of integers from 0 to 2^53 - 1. */
export function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && (x as number) >= 0);
}
