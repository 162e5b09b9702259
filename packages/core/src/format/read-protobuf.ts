/**
 * @file Reads protobuf messages from bytes of which no length is believed.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/** One field: its number, and an integer or bytes. Groups are not read: they are long out of use. */
export interface Field {
  readonly number: number;
  /** Of an integer; 0 for others. Signed, 64 bits; beyond 2^53 it loses its last digits. */
  readonly value: number;
  /** Of text, bytes or a message, as a view; `null` for others. */
  readonly bytes: Uint8Array | null;
}

/** A message that contradicts itself; the caller says which file holds it. */
export class BrokenMessage extends Error {}

/**
 * The fields of a message in their order.
 *
 * @throws {BrokenMessage} where a length leads out of the message, a field has no number, or a wire type is none of
 *   protobuf's
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

/** A message's fields by number; a field that comes several times is a list. */
export class MessageFields {
  private readonly fields = new Map<number, Field[]>();

  /** @throws {BrokenMessage} where the bytes are no message */
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

  /** Numbers of the fields that are there. */
  numbers(): readonly number[] {
    return [...this.fields.keys()];
  }

  /** An integer, 0 where there is none; the last one counts. */
  integer(field: number): number {
    return this.fields.get(field)?.at(-1)?.value ?? 0;
  }

  /** A text, empty where there is none; the last one counts. */
  text(field: number): string {
    return this.texts(field).at(-1) ?? "";
  }

  texts(field: number): string[] {
    return this.bytes(field).map(textOf);
  }

  /** @throws {BrokenMessage} where a field is no message */
  message(field: number): MessageFields | null {
    return this.messages(field).at(-1) ?? null;
  }

  /** @throws {BrokenMessage} where one of them is no message */
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

/** Seven groups of seven bits are exact as a number; longer ones, such as negative numbers, are put together as 64 bits. */
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
