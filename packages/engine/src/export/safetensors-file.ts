/**
 * @file Writes a safetensors file, or several shards with an index, one tensor at a time.
 *
 * @source huggingface/safetensors README, "Format"; huggingface/transformers src/transformers/modeling_utils.py
 *   `save_pretrained` (names of shards, index)
 */
import { jsonFile, type PlannedFile, type PlannedTensor, tensorBytes, tensorChunks } from "./export-plan.ts";

/** Maximum bytes of tensors per shard, as in transformers; a larger tensor gets a shard of its own. */
const shardBytes = 5_000_000_000;

/**
 * Plans the files for tensors in the given order: one file, or shards and their index.
 *
 * @param stem `model` for `model.safetensors`
 * @param metadata of each file
 */
export function safetensorsFiles(
  format: string,
  stem: string,
  tensors: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>>,
  most: number = shardBytes,
): PlannedFile[] {
  const shards: PlannedTensor[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    if (filled > 0 && filled + bytes > most) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(tensor);
    filled += bytes;
  }
  if (shards.length === 1) return [safetensorsFile(format, `${stem}.safetensors`, tensors, metadata)];
  const number = (count: number): string => String(count).padStart(5, "0");
  const nameOf = (at: number): string => `${stem}-${number(at + 1)}-of-${number(shards.length)}.safetensors`;
  const total = tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const places = shards.flatMap((shard, at) => shard.map(({ name }) => [name, nameOf(at)] as const));
  return [
    ...shards.map((shard, at) => safetensorsFile(format, nameOf(at), shard, metadata)),
    jsonFile(`${stem}.safetensors.index.json`, {
      metadata: { total_size: total },
      weight_map: Object.fromEntries(places.sort(([a], [b]) => (a < b ? -1 : 1))),
    }),
  ];
}

/** One safetensors file. */
export function safetensorsFile(
  format: string,
  path: string,
  tensors: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>>,
): PlannedFile {
  const head = header(tensors, metadata);
  const bytes = tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), head.length);
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    for (const tensor of tensors) yield* tensorChunks(format, tensor);
  };
  return { path, bytes, chunks };
}

/** Length and JSON, padded with spaces so that the data starts at a multiple of 8. */
function header(tensors: readonly PlannedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  let offset = 0;
  const entries = tensors.map((tensor): [string, unknown] => {
    const end = offset + tensorBytes(tensor);
    const entry = { dtype: tensor.type.toUpperCase(), shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
    return [tensor.name, entry];
  });
  const text = new TextEncoder().encode(
    JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }),
  );
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  return bytes;
}
