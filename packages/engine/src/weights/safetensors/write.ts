/** @file Writes tensors as a safetensors file, atomically. */
import { product } from "@tunewise/core/math";
import { writeFileAtomically } from "../atomic-file.ts";
import type { AdapterTensor } from "../model-files.ts";
import { elementBytes } from "./header.ts";

/** A tensor to write. */
export interface WritableEntry {
  readonly name: string;
  readonly type: "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "U8";
  readonly shape: readonly number[];
}

/**
 * Writes float32 tensors, sorted by name so that equal tensors produce equal bytes, then renames the file into place.
 *
 * @param metadata string to string, stored as `__metadata__`; PyTorch readers expect `format: pt`
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`; an earlier file is then unchanged
 * @source huggingface/safetensors README, "Format"
 * @example await writeSafetensors("adapter_model.safetensors", adapter.tensors(), { format: "pt" })
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly AdapterTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const entries = sorted.map(({ name, shape, data }): WritableEntry => {
    if (product(shape) === data.length) return { name, type: "F32", shape };
    throw new Error(`Internal: ${name} has shape [${shape.join(", ")}] but ${data.length} values`);
  });
  const bytes = sorted.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await writeTensorFile(path, entries, bytes, metadata);
}

/**
 * Writes tensors of any type. Their bytes are streamed, so that they need not all be in memory.
 *
 * @param chunks bytes of all entries, in their order
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`; an earlier file is then unchanged
 */
export async function writeTensorFile(
  path: string,
  entries: readonly WritableEntry[],
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { header, dataBytes } = encodeHeader(entries, metadata);
  await writeFileAtomically(path, follow(header, chunks, dataBytes));
}

async function* follow(
  header: Uint8Array,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  dataBytes: number,
): AsyncGenerator<Uint8Array> {
  yield header;
  let written = 0;
  for await (const chunk of chunks) {
    written += chunk.byteLength;
    yield chunk;
  }
  if (written !== dataBytes) throw new Error(`Internal: ${written} bytes of tensors, declared ${dataBytes}`);
}

/** Length and JSON, padded with spaces so that the data starts at a multiple of 8. */
function encodeHeader(
  entries: readonly WritableEntry[],
  metadata: Readonly<Record<string, string>>,
): { readonly header: Uint8Array; readonly dataBytes: number } {
  // Without a prototype, so that a tensor can have any name.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  let offset = 0;
  for (const { name, type, shape } of entries) {
    if (name in header || name === "__metadata__") throw new Error(`Internal: tensor name ${name} is taken`);
    const bytes = (elementBytes.get(type) ?? 0) * product(shape);
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  return { header: bytes, dataBytes: offset };
}
