/**
 * @file Exact conversion of 16-bit floats to 32 bits, including NaN payloads.
 *
 * Works on bits, not on numbers, because passing a NaN through a JavaScript number may change it.
 */

let halfBits: Uint32Array | null = null;
let halfValues: Float32Array | null = null;

/**
 * Converts float16 (IEEE half precision) to float32.
 *
 * @param bytes little-endian 16-bit values, at an even offset of their buffer
 */
export function widenHalf(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 1);
  const target = new Uint32Array(source.length);
  const table = halfTable();
  for (let i = 0; i < source.length; i++) target[i] = table[source[i] as number] as number;
  return new Float32Array(target.buffer);
}

/** Converts bfloat16, the upper half of a float32's bits, to float32. Bytes as for `widenHalf`. */
export function widenBFloat16(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 1);
  const target = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) target[i] = (source[i] as number) << 16;
  return new Float32Array(target.buffer);
}

/** The bits of bfloat16 values. */
export type BFloat16Bits = Uint16Array;

/**
 * Rounds numbers to bfloat16, to nearest, ties to even.
 *
 * @param scale multiplies each number first
 * @source as in torch: rounds off the lower 16 bits of a float32
 */
export function narrowToBFloat16(values: Float32Array, scale = 1): BFloat16Bits {
  const bits = new Uint16Array(values.length);
  const value = new Float32Array(1);
  const word = new Uint32Array(value.buffer);
  for (let at = 0; at < values.length; at++) {
    value[0] = scale * (values[at] as number);
    const whole = word[0] as number;
    bits[at] = (whole + 0x7fff + ((whole >>> 16) & 1)) >>> 16;
  }
  return bits;
}

/** Float32 value of each of the 65,536 float16 bit patterns: a lookup table for block scales. */
export function halfValueTable(): Float32Array {
  halfValues ??= new Float32Array(halfTable().buffer);
  return halfValues;
}

function halfTable(): Uint32Array<ArrayBuffer> {
  if (halfBits === null) {
    halfBits = new Uint32Array(65_536);
    for (let half = 0; half < 65_536; half++) halfBits[half] = widenBits(half);
  }
  return halfBits as Uint32Array<ArrayBuffer>;
}

/** Bits of the float32 equal to a float16. @source IEEE 754-2008, section 3.6: 1 sign, 5 exponent, 10 fraction bits */
function widenBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal half is fraction * 2^-24; shift its leading one into the hidden bit.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}
