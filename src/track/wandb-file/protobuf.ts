/**
 * @file Fields of a protobuf message, as they lie in its bytes.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/** A message's fields by number; a field that comes several times is a list. */
export class Message {
  private readonly fields = new Map<number, (number | Uint8Array)[]>();

  /** @throws {RangeError} where the bytes are no message */
  constructor(bytes: Uint8Array) {
    const reader = new WireReader(bytes);
    while (!reader.isAtEnd()) {
      const { field, value } = reader.next();
      const values = this.fields.get(field);
      if (values) values.push(value);
      else this.fields.set(field, [value]);
    }
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  /** Numbers of the fields that are there. */
  numbers(): readonly number[] {
    return [...this.fields.keys()];
  }

  /** A whole number, 0 where there is none; the last one counts. */
  whole(field: number): number {
    const value = this.fields.get(field)?.at(-1);
    return typeof value === "number" ? value : 0;
  }

  /** A text, empty where there is none. */
  text(field: number): string {
    return this.texts(field).at(-1) ?? "";
  }

  texts(field: number): string[] {
    return this.bytes(field).map((bytes) => decoder.decode(bytes));
  }

  /** @throws {RangeError} where a field is no message */
  message(field: number): Message | null {
    return this.messages(field).at(-1) ?? null;
  }

  /** @throws {RangeError} where one of them is no message */
  messages(field: number): Message[] {
    return this.bytes(field).map((bytes) => new Message(bytes));
  }

  private bytes(field: number): Uint8Array[] {
    return (this.fields.get(field) ?? []).filter((value) => typeof value !== "number");
  }
}

const decoder = new TextDecoder();

class WireReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  next(): { field: number; value: number | Uint8Array } {
    const key = this.varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (field === 0) throw new RangeError("a field without a number");
    if (wire === 0) return { field, value: this.varint() };
    if (wire === 1) return { field, value: this.take(8) };
    if (wire === 2) return { field, value: this.take(this.varint()) };
    if (wire === 5) return { field, value: this.take(4) };
    throw new RangeError("a field of an unknown kind");
  }

  private take(count: number): Uint8Array {
    if (count < 0 || this.at + count > this.bytes.length) throw new RangeError("a field is cut off");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Negative numbers are written as 64 bits; beyond 2^53 a number loses its last digits. */
  private varint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError("a number is cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new RangeError("a number is too long");
  }
}
