/**
 * @file Writes fields of a protobuf message.
 *
 * @source protobuf.dev/programming-guides/encoding
 */

/** Bytes of a field. */
export type FieldBytes = Uint8Array;

const encoder = new TextEncoder();

/** A message of fields. */
export function message(...fields: readonly FieldBytes[]): Uint8Array {
  return Buffer.concat(fields);
}

/** A whole number; 0 is not written, as in proto3. */
export function wholeField(field: number, value: number): FieldBytes {
  return value === 0 ? new Uint8Array() : Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

/** A text; an empty one is not written. */
export function textField(field: number, text: string): FieldBytes {
  return text === "" ? new Uint8Array() : messageField(field, encoder.encode(text));
}

/** A message inside of a message. */
export function messageField(field: number, bytes: Uint8Array): FieldBytes {
  return Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes]);
}

/** Negative numbers take 64 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
