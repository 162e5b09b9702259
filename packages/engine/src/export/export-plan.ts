/** @file Export plans: files whose sizes are known before the first byte is produced. */

import { problem } from "../problem/index.ts";
import { narrow, type WrittenType, writtenBytes } from "./narrow.ts";

/** A file to write; its content is not in memory yet. */
export interface PlannedFile {
  /** Relative to the export's folder, with `/`. */
  readonly path: string;
  /** Exact size. */
  readonly bytes: number;
  /** The content, one chunk at a time; can be requested only once. */
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** An export that is ready to be written. */
export interface ExportPlan {
  readonly files: readonly PlannedFile[];
  /** Type of the large tensors. */
  readonly dtype: WrittenType;
  /** Sentences on differences between the export and the model as trained. */
  readonly notes: readonly string[];
}

/** A tensor to write, under its name in the format. */
export interface PlannedTensor {
  readonly name: string;
  /** Outermost axis first. */
  readonly shape: readonly number[];
  readonly type: WrittenType;
  read(): Promise<Float32Array>;
}

/** Number of values. */
export function valueCount({ shape }: Pick<PlannedTensor, "shape">): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** Bytes of a tensor's values. */
export function tensorBytes(tensor: PlannedTensor): number {
  return writtenBytes(tensor.type, valueCount(tensor));
}

/**
 * A tensor's values in its type, read on demand.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` if a value exceeds the type's range
 */
export async function* tensorChunks(format: string, tensor: PlannedTensor): AsyncGenerator<Uint8Array> {
  const values = await tensor.read();
  if (values.length !== valueCount(tensor)) {
    throw new Error(`Internal: ${tensor.name} has ${values.length} values, not ${valueCount(tensor)}`);
  }
  yield* narrow(tensor.type, values, (value) => refuseOverflow(format, tensor, value));
}

/** A small JSON file. */
export function jsonFile(path: string, content: unknown): PlannedFile {
  return textFile(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** A small text file. */
export function textFile(path: string, text: string): PlannedFile {
  const bytes = new TextEncoder().encode(text);
  return { path, bytes: bytes.length, chunks: () => [bytes] };
}

/**
 * The error for a model that a format cannot represent.
 *
 * @param detail completes "--format X cannot hold this model: "
 * @param instead flags that work: `--format merged`
 */
export function unfit(format: string, detail: string, instead: string): Error {
  return problem("EXPORT_UNSUPPORTED", { format, detail, instead });
}

/** The error for a tokenizer that a GGUF file cannot represent. @param detail completes "its tokenizer: " */
export function unfitTokenizer(detail: string): Error {
  return unfit("gguf", `llama.cpp does not have its tokenizer (${detail})`, "--format merged");
}

/**
 * Rejects a value outside the range of its type.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED`
 */
function refuseOverflow(
  format: string,
  { name, type }: { readonly name: string; readonly type: string },
  value: number,
): never {
  const detail = `${name} has the value ${value.toPrecision(4)}, beyond the largest of ${type}`;
  const instead = format === "onnx" ? "--dtype f32" : "--dtype bf16";
  throw unfit(format, detail, `--format ${format} ${instead}`);
}
