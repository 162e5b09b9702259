/**
 * @file The few kinds of protobuf fields that an ONNX file is made of, written.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/** Collects the fields of one message. */
export class Message {
  private readonly parts: Uint8Array[] = [];

  /** int32, int64, enum and bool: non-negative or negative whole numbers. */
  integer(field: number, value: number): this {
    this.parts.push(varint(BigInt(field << 3)), varint(BigInt.asUintN(64, BigInt(value))));
    return this;
  }

  /** float */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.parts.push(varint(BigInt((field << 3) | 5)), bytes);
    return this;
  }

  /** bytes, or an encoded message */
  bytes(field: number, value: Uint8Array): this {
    this.parts.push(varint(BigInt((field << 3) | 2)), varint(BigInt(value.length)), value);
    return this;
  }

  /** string */
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** A nested message. */
  message(field: number, value: Message): this {
    return this.bytes(field, value.encode());
  }

  /** The fields of another message behind this one's own. */
  append(more: Message): this {
    this.parts.push(...more.parts);
    return this;
  }

  /** What stands before `length` bytes of a field that are written from elsewhere. */
  opening(field: number, length: number): this {
    this.parts.push(varint(BigInt((field << 3) | 2)), varint(BigInt(length)));
    return this;
  }

  /** The message's bytes. */
  encode(): Uint8Array {
    const whole = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of this.parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
