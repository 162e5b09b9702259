/**
 * @file Reads protobuf messages from untrusted bytes and validates every length.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/**
 * One field: its number, and an integer or bytes. Fixed-width values are skipped. Groups are not supported because they
 * are obsolete.
 */
export interface Field {
  readonly number: number;
  /** Value of an integer field, signed 64 bits, inexact beyond 2^53; 0 for other fields. */
  readonly value: number;
  /** View of the bytes of a text, bytes or message field; `null` for others. */
  readonly bytes: Uint8Array | null;
}

/** A malformed message; the caller adds which file contains it. */
export class BrokenMessage extends Error {}

/**
 * The fields of a message, in order.
 *
 * @throws {BrokenMessage} if a length exceeds the message, a field has no number, or a wire type is invalid
 */
export function* fieldsIn(message: Uint8Array): Generator<Field> {
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const key = varint(message, cursor);
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (number < 1) throw new BrokenMessage(`a field without a number at byte ${cursor.at}`);
    if (wire === 0) yield { number, value: varint(message, cursor), bytes: null };
    else if (wire === 2) yield { number, value: 0, bytes: take(message, cursor, varint(message, cursor)) };
    else if (wire === 1 || wire === 5) {
      take(message, cursor, wire === 1 ? 8 : 4);
      yield { number, value: 0, bytes: null };
    } else throw new BrokenMessage(`wire type ${wire} at byte ${cursor.at}`);
  }
}

const decoder = new TextDecoder();

/** Text of a field. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A message's fields by number; a repeated field has several entries. */
export class MessageFields {
  private readonly fields = new Map<number, Field[]>();

  /** @throws {BrokenMessage} if the bytes are not a valid message */
  constructor(bytes: Uint8Array) {
    for (const field of fieldsIn(bytes)) {
      const known = this.fields.get(field.number);
      if (known) known.push(field);
      else this.fields.set(field.number, [field]);
    }
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  /** Numbers of the fields that occur. */
  numbers(): readonly number[] {
    return [...this.fields.keys()];
  }

  /** An integer field, 0 if absent; the last occurrence counts. */
  integer(field: number): number {
    return this.fields.get(field)?.at(-1)?.value ?? 0;
  }

  /** A text field, empty if absent; the last occurrence counts. */
  text(field: number): string {
    return this.texts(field).at(-1) ?? "";
  }

  texts(field: number): string[] {
    return this.bytes(field).map(textOf);
  }

  /** @throws {BrokenMessage} if the field is not a valid message */
  message(field: number): MessageFields | null {
    return this.messages(field).at(-1) ?? null;
  }

  /** @throws {BrokenMessage} if one of them is not a valid message */
  messages(field: number): MessageFields[] {
    return this.bytes(field).map((bytes) => new MessageFields(bytes));
  }

  private bytes(field: number): Uint8Array[] {
    return (this.fields.get(field) ?? []).map(({ bytes }) => bytes).filter((bytes) => bytes !== null);
  }
}

function take(message: Uint8Array, cursor: { at: number }, length: number): Uint8Array {
  const end = cursor.at + length;
  if (length < 0 || end > message.length)
    throw new BrokenMessage(`${length} bytes where ${message.length - cursor.at} are left`);
  const bytes = message.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

/**
 * Seven groups of seven bits fit exactly into a number. Longer varints, such as negative numbers, are assembled as 64
 * bits.
 */
function varint(message: Uint8Array, cursor: { at: number }): number {
  let low = 0;
  let high = 0n;
  for (let place = 0; place < 10; place++) {
    const byte = message[cursor.at++];
    if (byte === undefined) throw new BrokenMessage("a number is cut off");
    if (place < 7) low += (byte & 0x7f) * 2 ** (7 * place);
    else high |= BigInt(byte & 0x7f) << BigInt(7 * place);
    if (byte < 0x80) return high === 0n ? low : Number(BigInt.asIntN(64, high | BigInt(low)));
  }
  throw new BrokenMessage("a number has more than ten bytes");
}
