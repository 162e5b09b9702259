/**
 * @file What every format gives: files whose sizes are known before the first byte is made.
 */
import { narrow, type WrittenType, writtenBytes } from "./narrow.ts";
import { refuseOverflow } from "./refusal.ts";

/** A file to be written; nothing of it is in memory yet. */
export interface PlannedFile {
  /** Below the export's folder, with `/`. */
  readonly path: string;
  /** Exact. */
  readonly bytes: number;
  /** The content, a piece at a time; may be asked for once. */
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** An export, ready to be written. */
export interface ExportPlan {
  readonly files: readonly PlannedFile[];
  /** How the large tensors are written. */
  readonly dtype: WrittenType;
  /** Sentences on where the result differs from the model as trained. */
  readonly notes: readonly string[];
}

/** A tensor to be written under a name of the format. */
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
 * A tensor's values in its type, read when asked for.
 *
 * @throws {TunewiseError} `EXPORT_UNFIT` for a value beyond the type's largest
 */
export async function* tensorChunks(format: string, tensor: PlannedTensor): AsyncGenerator<Uint8Array> {
  const values = await tensor.read();
  if (values.length !== valueCount(tensor)) {
    throw new Error(`Internal: ${tensor.name} has ${values.length} values, not ${valueCount(tensor)}`);
  }
  yield* narrow(tensor.type, values, (value) => refuseOverflow(format, tensor, value));
}

/** A small file of JSON. */
export function jsonFile(path: string, content: unknown): PlannedFile {
  return textFile(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** A small file of text. */
export function textFile(path: string, text: string): PlannedFile {
  const bytes = new TextEncoder().encode(text);
  return { path, bytes: bytes.length, chunks: () => [bytes] };
}
