/**
 * @file Writes a GGUF file of version 3, one tensor at a time.
 *
 *     "GGUF" | version | tensors N | entries M | M x (key, type, value) | N x (name, axes, type, offset) | pad | data
 *
 * @source ggml-org/ggml docs/gguf.md, version 3; codes of types as in gguf-py/gguf/constants.py
 */
import { type PlannedFile, type PlannedTensor, tensorBytes, tensorChunks } from "../export-plan.ts";
import type { WrittenType } from "../narrow.ts";

/** A metadata value with its type. */
export type GgufField =
  | { readonly type: "uint32" | "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "float32s" | "int32s"; readonly value: readonly number[] };

/** Metadata in the order of the file. */
export type GgufFields = Readonly<Record<string, GgufField>>;

/** Metadata of a vocabulary, and sentences on what it cannot represent. */
export interface VocabularyFields {
  readonly fields: GgufFields;
  readonly notes: readonly string[];
}

/** An unsigned 32-bit integer. */
export function integer(value: number): GgufField {
  return { type: "uint32", value };
}

/** A float32 value. */
export function float(value: number): GgufField {
  return { type: "float32", value };
}

/** A string. */
export function text(value: string): GgufField {
  return { type: "string", value };
}

const alignment = 32;
const tensorTypes: Readonly<Record<WrittenType, number>> = { f32: 0, f16: 1, q8_0: 8, bf16: 30 };
const valueTypes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const utf8 = new TextEncoder();

/** Plans a file with this metadata and these tensors. */
export function ggufFile(
  format: string,
  path: string,
  fields: GgufFields,
  tensors: readonly PlannedTensor[],
): PlannedFile {
  const head = encodeHead(fields, tensors);
  const bytes = tensors.reduce((sum, tensor) => sum + aligned(tensorBytes(tensor)), head.length);
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    for (const tensor of tensors) {
      yield* tensorChunks(format, tensor);
      const size = tensorBytes(tensor);
      yield new Uint8Array(aligned(size) - size);
    }
  };
  return { path, bytes, chunks };
}

function aligned(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

function encodeHead(fields: GgufFields, tensors: readonly PlannedTensor[]): Uint8Array {
  const writer = new HeadWriter();
  writer.bytes(utf8.encode("GGUF"));
  writer.uint32(3);
  writer.count(tensors.length);
  writer.count(Object.keys(fields).length);
  for (const [key, field] of Object.entries(fields)) {
    writer.string(key);
    writer.field(field);
  }
  let offset = 0;
  for (const tensor of tensors) {
    writer.string(tensor.name);
    writer.uint32(tensor.shape.length);
    for (const axis of [...tensor.shape].reverse()) writer.count(axis);
    writer.uint32(tensorTypes[tensor.type]);
    writer.count(offset);
    offset += aligned(tensorBytes(tensor));
  }
  return writer.done(alignment);
}

/** A growing byte buffer: vocabularies make headers of many megabytes. */
class HeadWriter {
  private buffer = new Uint8Array(2 ** 16);
  private view = new DataView(this.buffer.buffer);
  private length = 0;

  bytes(values: Uint8Array): void {
    const at = this.grow(values.length);
    this.buffer.set(values, at);
  }

  uint32(value: number): void {
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
  }

  count(value: number): void {
    const at = this.grow(8);
    this.view.setBigUint64(at, BigInt(value), true);
  }

  string(value: string): void {
    const encoded = utf8.encode(value);
    this.count(encoded.length);
    this.bytes(encoded);
  }

  field(field: GgufField): void {
    switch (field.type) {
      case "uint32":
      case "float32":
        this.uint32(valueTypes[field.type]);
        this.number(field.type, field.value);
        return;
      case "bool":
        this.uint32(valueTypes.bool);
        this.bytes(Uint8Array.of(field.value ? 1 : 0));
        return;
      case "string":
        this.uint32(valueTypes.string);
        this.string(field.value);
        return;
      case "strings":
        this.array(valueTypes.string, field.value.length);
        for (const one of field.value) this.string(one);
        return;
      case "float32s":
      case "int32s": {
        const kind = field.type === "float32s" ? "float32" : "int32";
        this.array(valueTypes[kind], field.value.length);
        for (const one of field.value) this.number(kind, one);
      }
    }
  }

  /** Everything so far, padded so that the data starts at a multiple of `multiple`. */
  done(multiple: number): Uint8Array {
    this.grow(Math.ceil(this.length / multiple) * multiple - this.length);
    return this.buffer.subarray(0, this.length);
  }

  private array(type: number, length: number): void {
    this.uint32(valueTypes.array);
    this.uint32(type);
    this.count(length);
  }

  private number(type: "uint32" | "int32" | "float32", value: number): void {
    const at = this.grow(4);
    if (type === "float32") this.view.setFloat32(at, value, true);
    else if (type === "int32") this.view.setInt32(at, value, true);
    else this.view.setUint32(at, value, true);
  }

  /** Reserves bytes and returns where they start. */
  private grow(more: number): number {
    const at = this.length;
    this.length += more;
    if (this.length > this.buffer.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}
