/**
 * @file Writes float32 tensors as a safetensors file, all or nothing.
 */
import { writeFileAtomically } from "./atomic-file.ts";
import type { AdapterTensor } from "./types.ts";

/**
 * Writes tensors, sorted by name so that equal tensors give equal bytes, then renames the file into place.
 *
 * @param metadata string to string, stored as `__metadata__`; PyTorch readers expect `format: pt`
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`; an earlier file is then untouched
 * @source huggingface/safetensors README, "Format"
 * @example await writeSafetensors("adapter_model.safetensors", adapter.tensors(), { format: "pt" })
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly AdapterTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  await writeFileAtomically(path, chunks(encodeHeader(sorted, metadata), sorted));
}

function* chunks(header: Uint8Array, tensors: readonly AdapterTensor[]): Generator<Uint8Array> {
  yield header;
  for (const { data } of tensors) yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Length and JSON, padded with spaces so that the data begins at a multiple of 8. */
function encodeHeader(
  tensors: readonly AdapterTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // Without a prototype, so that a tensor may have any name.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    checkTensor(name, shape, data.length, name in header);
    const end = offset + data.byteLength;
    header[name] = { dtype: "F32", shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  return bytes;
}

function checkTensor(name: string, shape: readonly number[], length: number, taken: boolean): void {
  if (taken || name === "__metadata__") throw new Error(`Internal: tensor name ${name} is taken`);
  const needed = shape.reduce((product, axis) => product * axis, 1);
  if (needed !== length) {
    throw new Error(`Internal: ${name} has shape [${shape.join(", ")}] but ${length} values`);
  }
}
