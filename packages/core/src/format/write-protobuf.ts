/**
 * @file Writes protobuf messages, field by field.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/** Wire types. */
const [integerWire, bytesWire, float32Wire] = [0, 2, 5];

/** Max. bytes of a varint: 64 bits, seven per byte. */
const varintBytesMax = 10;

const encoder = new TextEncoder();

/** Initial capacity of a message; most have a few short fields. */
const startBytes = 64;

/** A message under construction. */
export class MessageWriter {
  private buffer = new Uint8Array(startBytes);
  private length = 0;

  /** int32, int64, enum and bool: an integer, possibly negative. */
  integer(field: number, value: number): this {
    this.varint(field * 8 + integerWire);
    this.varint(value);
    return this;
  }

  /** Like `integer`, but omits 0, as proto3 does. */
  optionalInteger(field: number, value: number): this {
    return value === 0 ? this : this.integer(field, value);
  }

  /** float */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.varint(field * 8 + float32Wire);
    this.put(bytes);
    return this;
  }

  /** bytes, or an encoded message */
  bytes(field: number, value: Uint8Array): this {
    this.opening(field, value.length).put(value);
    return this;
  }

  /** string */
  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  /** Like `text`, but omits an empty text, as proto3 does. */
  optionalText(field: number, value: string): this {
    return value === "" ? this : this.text(field, value);
  }

  /** A nested message. */
  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.written());
  }

  /** Appends the fields of another message. */
  append(more: MessageWriter): this {
    this.put(more.written());
    return this;
  }

  /** Writes the key and length of a field whose `length` bytes are written by the caller. */
  opening(field: number, length: number): this {
    this.varint(field * 8 + bytesWire);
    this.varint(length);
    return this;
  }

  /** A copy of the message's bytes. */
  encode(): Uint8Array {
    return this.written().slice();
  }

  private written(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private put(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    larger.set(this.written());
    this.buffer = larger;
  }

  /** Writes a varint. Negative numbers take 64 bits, as two's complement; a fraction throws. */
  private varint(value: number): void {
    this.reserve(varintBytesMax);
    if (value < 0 || !Number.isSafeInteger(value)) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 0x7fn; rest >>= 7n) this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
      this.buffer[this.length++] = Number(rest);
      return;
    }
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.buffer[this.length++] = (rest % 0x80) | 0x80;
    this.buffer[this.length++] = rest;
  }
}
