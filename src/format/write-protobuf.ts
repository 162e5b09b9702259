/**
 * @file Writes protobuf messages, field by field.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/** Ways in which a field is encoded. */
const [integerWire, bytesWire, float32Wire] = [0, 2, 5];

/** What a varint of one number needs at most: 64 bits, seven to a byte. */
const varintBytesMax = 10;

const encoder = new TextEncoder();

/** A message in the making. */
export class MessageWriter {
  private readonly parts: Uint8Array[] = [];

  /** int32, int64, enum and bool: an integer, which may be negative. */
  integer(field: number, value: number): this {
    this.parts.push(varints(field * 8 + integerWire, value));
    return this;
  }

  /** As `integer`; 0 is left out, as in proto3. */
  optionalInteger(field: number, value: number): this {
    return value === 0 ? this : this.integer(field, value);
  }

  /** float */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.parts.push(varints(field * 8 + float32Wire), bytes);
    return this;
  }

  /** bytes, or an encoded message */
  bytes(field: number, value: Uint8Array): this {
    this.parts.push(varints(field * 8 + bytesWire, value.length), value);
    return this;
  }

  /** string */
  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  /** As `text`; an empty one is left out, as in proto3. */
  optionalText(field: number, value: string): this {
    return value === "" ? this : this.text(field, value);
  }

  /** A nested message. */
  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.encode());
  }

  /** The fields of another message behind this one's own. */
  append(more: MessageWriter): this {
    for (const part of more.parts) this.parts.push(part);
    return this;
  }

  /** What stands before `length` bytes of a field that are written from elsewhere. */
  opening(field: number, length: number): this {
    this.parts.push(varints(field * 8 + bytesWire, length));
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

/** A field's key and, where there is one, the number behind it. */
function varints(key: number, value?: number): Uint8Array {
  const bytes = new Uint8Array(varintBytesMax * 2);
  const end = putVarint(bytes, 0, key);
  return bytes.subarray(0, value === undefined ? end : putVarint(bytes, end, value));
}

/** Negative numbers take 64 bits, as two's complement; a fraction throws. */
function putVarint(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  if (value < 0 || !Number.isSafeInteger(value)) {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
    bytes[at++] = Number(rest);
    return at;
  }
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}
