/**
 * @file Converts float32 values to a narrower type, rounded to nearest, one chunk at a time.
 *
 * @source IEEE 754-2008, sections 3.6 and 4.3.1 (halves, ties to even); ggml-org/llama.cpp gguf-py/gguf/quants.py
 *   `BF16`, `Q8_0` (block of 32: a half d, then 32 signed bytes; d = max|x| / 127, halves rounded away from zero)
 */

/** Types that a tensor can be written in. */
export type WrittenType = "f32" | "f16" | "bf16" | "q8_0";

/** Values per block of `q8_0`. */
export const blockLength = 32;

/** Bytes of `count` values; `q8_0` requires complete blocks. */
export function writtenBytes(type: WrittenType, count: number): number {
  if (type === "q8_0") return (count / blockLength) * (2 + blockLength);
  return count * (type === "f32" ? 4 : 2);
}

/** Values converted at once, so that a large tensor needs only a small copy. */
const pieceLength = 2 ** 20;

/**
 * The bytes of a tensor.
 *
 * @param onOverflow called with a finite value outside the type's range; the value is then written as infinite
 */
export function* narrow(
  type: WrittenType,
  values: Float32Array,
  onOverflow?: (value: number) => void,
): Generator<Uint8Array> {
  for (let from = 0; from < values.length; from += pieceLength) {
    const piece = values.subarray(from, from + pieceLength);
    if (type === "f32") yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    else if (type === "q8_0") yield quantizeBlocks(piece, onOverflow);
    else yield narrowPiece(type, piece, onOverflow);
  }
}

function narrowPiece(
  type: "f16" | "bf16",
  values: Float32Array,
  onOverflow?: (value: number) => void,
): Uint8Array {
  // a copy, so that the bits are aligned even if the source is not
  const bits = new Uint32Array(values.slice().buffer);
  const round = type === "f16" ? float16Of : bfloat16Of;
  const infinite = type === "f16" ? 0x7c00 : 0x7f80;
  const narrowed = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const result = round(bits[i] as number);
    narrowed[i] = result;
    if ((result & 0x7fff) === infinite && Number.isFinite(values[i])) onOverflow?.(values[i] as number);
  }
  return new Uint8Array(narrowed.buffer);
}

/** Converts a float32, given by its bits, to the bits of the nearest float16; ties go to even. */
export function float16Of(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // from 65,520 on
  if (magnitude >= 0x38800000) {
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // a subnormal half counts in steps of 2^-24
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return sign;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const steps = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (rest > middle || (rest === middle && (steps & 1) === 1) ? steps + 1 : steps);
}

/** Converts a float32, given by its bits, to the bits of the nearest bfloat16; ties go to even. */
export function bfloat16Of(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function quantizeBlocks(values: Float32Array, onOverflow?: (value: number) => void): Uint8Array {
  const blocks = values.length / blockLength;
  const bytes = new Uint8Array(writtenBytes("q8_0", values.length));
  const word = new Float32Array(1);
  const bits = new Uint32Array(word.buffer);
  for (let block = 0; block < blocks; block++) {
    const from = block * blockLength;
    let largest = 0;
    for (let i = 0; i < blockLength; i++) {
      const size = Math.abs(values[from + i] as number);
      if (!(size <= largest)) largest = size; // also a NaN
    }
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    word[0] = scale;
    const half = float16Of(bits[0] as number);
    if ((half & 0x7c00) === 0x7c00 && Number.isFinite(largest)) onOverflow?.(largest);
    const at = block * (2 + blockLength);
    bytes[at] = half & 0xff;
    bytes[at + 1] = half >>> 8;
    for (let i = 0; i < blockLength; i++) {
      const value = Math.fround((values[from + i] as number) * inverse);
      bytes[at + 2 + i] = Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
    }
  }
  return bytes;
}
