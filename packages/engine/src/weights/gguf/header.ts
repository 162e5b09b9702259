/**
 * @file Reads the header of a GGUF file: metadata and tensor infos, checked against the file's size.
 *
 *     "GGUF" | version | tensors N | entries M | M x (key, type, value) | N x (name, axes, type, offset) | pad | data
 *
 * @source ggml-org/ggml docs/gguf.md, versions 2 and 3
 */
import { product } from "@tunewise/core/math";
import { problem } from "../../problem/index.ts";
import {
  maximumAxes,
  maximumGgufEntries,
  maximumGgufHeaderBytes,
  maximumGgufNameBytes,
  maximumGgufTensors,
} from "../limits.ts";
import { type GgufType, ggufTypes } from "../model-files.ts";
import type { PositionedFile } from "../positioned-file.ts";
import { GgufCursor, type GgufValue, MoreBytesNeeded } from "./cursor.ts";
import { type GgmlType, ggmlType } from "./dequantize.ts";

/** A declared tensor, under its GGUF name. */
export interface GgufTensor {
  readonly name: string;
  /** Outermost axis first, the reverse of the file's order. */
  readonly shape: readonly number[];
  readonly stored: GgufType;
  /** From the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** Everything in a GGUF file before its data. */
interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
}

/** A tensor's declaration, before its absolute offset is known. */
type Declaration = Pick<GgufTensor, "name" | "shape" | "offset"> & { readonly type: GgmlType };

const magic = 0x46554747;
const defaultAlignment = 32;
const maximumAlignment = 65_536;
const firstReadBytes = 2 ** 20;

/**
 * Reads and checks the header of a GGUF file.
 *
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED`, `MODEL_FILE_LIMIT`, `MODEL_GGUF_UNSUPPORTED`,
 *   `MODEL_WEIGHT_TYPE_UNSUPPORTED`
 */
export async function readGgufHeader(file: PositionedFile): Promise<GgufHeader> {
  // The length of the header is not stored: read some bytes, and more whenever a value extends beyond them.
  let length = Math.min(firstReadBytes, file.size);
  for (;;) {
    const cursor = new GgufCursor(await file.read(0, length), file.path, file.size);
    try {
      return parse(cursor, file);
    } catch (error) {
      if (!(error instanceof MoreBytesNeeded)) throw error;
      if (error.end > maximumGgufHeaderBytes) {
        throw cursor.limit("its head's size in bytes", error.end, maximumGgufHeaderBytes);
      }
      length = Math.min(file.size, maximumGgufHeaderBytes, Math.max(error.end, 2 * length));
    }
  }
}

function parse(cursor: GgufCursor, file: PositionedFile): GgufHeader {
  checkVersion(cursor, file);
  const tensorCount = bounded(cursor, "its number of tensors", maximumGgufTensors);
  const entryCount = bounded(cursor, "its number of metadata entries", maximumGgufEntries);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.key();
    if (metadata.has(key)) throw cursor.damaged(`it has the metadata entry ${key} twice`);
    metadata.set(key, cursor.value(key));
  }
  const declarations: Declaration[] = [];
  for (let i = 0; i < tensorCount; i++) declarations.push(readDeclaration(cursor, file));
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (!isAlignment(alignment)) {
    throw cursor.damaged(
      `its alignment is ${String(alignment)}, not a multiple of 8 up to ${maximumAlignment}`,
    );
  }
  const start = Math.ceil(cursor.at / alignment) * alignment;
  return { metadata, tensors: placeTensors(cursor, file, declarations, start, alignment) };
}

/** @source ggml-org/ggml docs/gguf.md: "general.alignment ... must be a multiple of 8" */
function isAlignment(value: GgufValue): value is number {
  return typeof value === "number" && value >= 8 && value <= maximumAlignment && value % 8 === 0;
}

function checkVersion(cursor: GgufCursor, file: PositionedFile): void {
  if (cursor.uint32() !== magic) throw cursor.damaged("it does not begin with GGUF");
  const version = cursor.uint32();
  if (version === 2 || version === 3) return;
  const swapped = version === 0x02000000 || version === 0x03000000;
  const detail = swapped ? "it is big-endian" : `it has version ${version}, supported are 2 and 3`;
  const fix = "Convert the model again with a current llama.cpp on a little-endian machine";
  throw problem("MODEL_GGUF_UNSUPPORTED", { file: file.path, detail, fix });
}

function bounded(cursor: GgufCursor, what: string, limit: number): number {
  const count = cursor.count();
  if (count > limit) throw cursor.limit(what, count, limit);
  return count;
}

function readDeclaration(cursor: GgufCursor, file: PositionedFile): Declaration {
  const name = cursor.string("a tensor's name", maximumGgufNameBytes);
  const axes = cursor.uint32();
  if (axes > maximumAxes) throw cursor.limit(`the number of axes of ${name}`, axes, maximumAxes);
  const shape: number[] = [];
  for (let i = 0; i < axes; i++) shape.unshift(cursor.count());
  const code = cursor.uint32();
  const type = ggmlType(code);
  if (type === undefined) {
    const about = { file: file.path, name, type: `ggml type ${code}`, supported: ggufTypes.join(", ") };
    throw problem("MODEL_WEIGHT_TYPE_UNSUPPORTED", about);
  }
  return { name, shape, type, offset: cursor.count() };
}

function placeTensors(
  cursor: GgufCursor,
  file: PositionedFile,
  declarations: readonly Declaration[],
  start: number,
  alignment: number,
): GgufTensor[] {
  const names = new Set<string>();
  const tensors = declarations.map(({ name, shape, type, offset }): GgufTensor => {
    if (names.has(name)) throw cursor.damaged(`it has the tensor ${name} twice`);
    names.add(name);
    const row = shape.at(-1) ?? 1;
    if (row % type.blockElements !== 0) {
      throw cursor.damaged(
        `${name} has rows of ${row}, not a multiple of ${type.blockElements} (${type.stored})`,
      );
    }
    if (offset % alignment !== 0) throw cursor.damaged(`${name} is not aligned to ${alignment} bytes`);
    const bytes = (product(shape) / type.blockElements) * type.blockBytes;
    if (!(start + offset + bytes <= file.size)) {
      const wanted = `${name} [${shape.join(", ")}] of ${type.stored} ends at byte ${start + offset + bytes}`;
      throw cursor.damaged(`${wanted}, but the file has ${file.size}`);
    }
    return { name, shape, stored: type.stored, offset: start + offset, bytes };
  });
  checkOverlap(cursor, tensors);
  return tensors;
}

function checkOverlap(cursor: GgufCursor, tensors: readonly GgufTensor[]): void {
  const sorted = [...tensors].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  let end = 0;
  for (const tensor of sorted) {
    if (tensor.offset < end) throw cursor.damaged(`${tensor.name} overlaps the tensor before it`);
    end = tensor.offset + tensor.bytes;
  }
}
