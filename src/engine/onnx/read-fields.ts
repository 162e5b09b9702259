/**
 * @file Fields of protobuf messages, read from bytes of which no length is believed.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/** One field: its number, and a whole number or bytes. Groups do not exist in ONNX files. */
export interface Field {
  readonly number: number;
  /** Of a whole number; 0 for others. Cut to its lower 53 bits. */
  readonly value: number;
  /** Of text, bytes or a message, as a view; `null` for others. */
  readonly bytes: Uint8Array | null;
}

/** A message that contradicts itself; the caller says which file holds it. */
export class BrokenMessage extends Error {}

/**
 * The fields of a message in their order.
 *
 * @throws {BrokenMessage} where a length leads out of the message, or a wire type is none of protobuf's
 */
export function* fieldsIn(message: Uint8Array): Generator<Field> {
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const key = varint(message, cursor);
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) yield { number, value: varint(message, cursor), bytes: null };
    else if (wire === 2) yield { number, value: 0, bytes: take(message, cursor, varint(message, cursor)) };
    else if (wire === 1 || wire === 5) {
      take(message, cursor, wire === 1 ? 8 : 4);
      yield { number, value: 0, bytes: null };
    } else throw new BrokenMessage(`wire type ${wire} at byte ${cursor.at}`);
  }
}

/** Text of a field. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function take(message: Uint8Array, cursor: { at: number }, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > message.length)
    throw new BrokenMessage(`${length} bytes where ${message.length - cursor.at} are left`);
  const bytes = message.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

/** At most ten bytes; a negative number, which takes all ten, comes out as a large one, which no length or count is. */
function varint(message: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  for (let place = 0; place < 10; place++) {
    const byte = message[cursor.at++];
    if (byte === undefined) throw new BrokenMessage("a number is cut off");
    value += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return value;
  }
  throw new BrokenMessage("a number has more than ten bytes");
}
