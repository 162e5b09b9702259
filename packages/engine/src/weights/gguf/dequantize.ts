/**
 * @file Dequantizes the block formats of GGUF files to float32.
 *
 * Each block holds float16 scales and small integers; a value is scale times integer, plus or minus an offset.
 * Products of a float16 and the small integers are exact in double precision, so each value is rounded once, as in
 * ggml. The K formats have blocks of 256 elements, with separate scales for every 16 or 32 elements.
 *
 * Each format has its own function: a loop shared by the four small ones takes 1.5 times as long.
 *
 * @source ggml-org/llama.cpp ggml/src/ggml-common.h (layouts, `block_q4_K`, `block_q5_K`, `block_q6_K`),
 *   ggml/src/ggml-quants.c `dequantize_row_*`; gguf-py/gguf/quants.py
 */
import { halfValueTable, widenBFloat16, widenHalf } from "../half-precision.ts";
import type { GgufType } from "../model-files.ts";

/** Fills `target` with the values of all blocks in `bytes`. */
type Dequantizer = (bytes: Uint8Array, target: Float32Array, halves: Float32Array) => void;

/** A storage type: elements and bytes per block. */
export interface GgmlType {
  readonly stored: GgufType;
  readonly blockElements: number;
  readonly blockBytes: number;
}

/** Code of `ggml_type`, name, elements and bytes per block. */
const ggmlTypes = (
  [
    [0, "F32", 1, 4],
    [1, "F16", 1, 2],
    [2, "Q4_0", 32, 18],
    [3, "Q4_1", 32, 20],
    [6, "Q5_0", 32, 22],
    [7, "Q5_1", 32, 24],
    [8, "Q8_0", 32, 34],
    [12, "Q4_K", 256, 144],
    [13, "Q5_K", 256, 176],
    [14, "Q6_K", 256, 210],
    [30, "BF16", 1, 2],
  ] as const
).map(([code, stored, blockElements, blockBytes]) => ({ code, stored, blockElements, blockBytes }));

const dequantizers: Readonly<Record<Exclude<GgufType, "F32" | "F16" | "BF16">, Dequantizer>> = {
  Q4_0: dequantizeQ40,
  Q4_1: dequantizeQ41,
  Q5_0: dequantizeQ50,
  Q5_1: dequantizeQ51,
  Q8_0: dequantizeQ80,
  Q4_K: dequantizeQ4K,
  Q5_K: dequantizeQ5K,
  Q6_K: dequantizeQ6K,
};

/** The storage type of a `ggml_type` code; `undefined` if unsupported. */
export function ggmlType(code: number): GgmlType | undefined {
  return ggmlTypes.find((type) => type.code === code);
}

/**
 * Converts stored bytes to float32, in the order of the file.
 *
 * @param bytes complete blocks, at a buffer offset that is a multiple of 4
 */
export function dequantize(stored: GgufType, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (stored === "F32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  if (stored === "F16") return widenHalf(bytes);
  if (stored === "BF16") return widenBFloat16(bytes);
  const type = ggmlTypes.find((one) => one.stored === stored);
  if (type === undefined || bytes.byteLength % type.blockBytes !== 0) {
    throw new Error(`Internal: ${bytes.byteLength} bytes are no whole blocks of ${stored}`);
  }
  const target = new Float32Array((bytes.byteLength / type.blockBytes) * type.blockElements);
  dequantizers[stored](bytes, target, halfValueTable());
  return target;
}

/** Block: scale d, then 16 bytes; byte j holds elements j (low half) and j + 16 (high half). d (q - 8) */
function dequantizeQ40(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 18, out += 32) {
    const scale = halfAt(bytes, at, halves);
    for (let j = 0; j < 16; j++) {
      const pair = bytes[at + 2 + j] as number;
      target[out + j] = scale * ((pair & 15) - 8);
      target[out + 16 + j] = scale * ((pair >> 4) - 8);
    }
  }
}

/** Block: scale d, minimum m, then 16 bytes as in Q4_0. d q + m */
function dequantizeQ41(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 20, out += 32) {
    const scale = halfAt(bytes, at, halves);
    const minimum = halfAt(bytes, at + 2, halves);
    for (let j = 0; j < 16; j++) {
      const pair = bytes[at + 4 + j] as number;
      target[out + j] = scale * (pair & 15) + minimum;
      target[out + 16 + j] = scale * (pair >> 4) + minimum;
    }
  }
}

/** Block: scale d, the 32 fifth bits as one integer, then 16 bytes as in Q4_0. d (q - 16) */
function dequantizeQ50(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 22, out += 32) {
    const scale = halfAt(bytes, at, halves);
    const high = wordAt(bytes, at + 2);
    for (let j = 0; j < 16; j++) {
      const pair = bytes[at + 6 + j] as number;
      target[out + j] = scale * (((pair & 15) | (((high >>> j) & 1) << 4)) - 16);
      target[out + 16 + j] = scale * (((pair >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16);
    }
  }
}

/** Block: scale d, minimum m, fifth bits, then 16 bytes as in Q5_0. d q + m */
function dequantizeQ51(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 24, out += 32) {
    const scale = halfAt(bytes, at, halves);
    const minimum = halfAt(bytes, at + 2, halves);
    const high = wordAt(bytes, at + 4);
    for (let j = 0; j < 16; j++) {
      const pair = bytes[at + 8 + j] as number;
      target[out + j] = scale * ((pair & 15) | (((high >>> j) & 1) << 4)) + minimum;
      target[out + 16 + j] = scale * ((pair >> 4) | (((high >>> (j + 16)) & 1) << 4)) + minimum;
    }
  }
}

/** Block: scale d, then 32 signed bytes. d q */
function dequantizeQ80(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 34, out += 32) {
    const scale = halfAt(bytes, at, halves);
    for (let j = 0; j < 32; j++) target[out + j] = scale * (((bytes[at + 2 + j] as number) << 24) >> 24);
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  return low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

/**
 * Block of 144 bytes: d, dmin, 12 bytes with 8 scales and 8 minima of 6 bits, 128 bytes of 4-bit pairs.
 * Groups 2 g and 2 g + 1 (32 elements each) are the low and high halves of bytes 32 g to 32 g + 31.
 * d scale q - dmin minimum
 */
function dequantizeQ4K(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 144, out += 256) {
    const scale = halfAt(bytes, at, halves);
    const minimum = halfAt(bytes, at + 2, halves);
    for (let group = 0; group < 8; group++) {
      const groupScale = scale * scaleOf(bytes, at + 4, group);
      const groupMinimum = minimum * minimumOf(bytes, at + 4, group);
      const first = at + 16 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let j = 0; j < 32; j++) {
        const q = ((bytes[first + j] as number) >> shift) & 15;
        target[out + group * 32 + j] = groupScale * q - groupMinimum;
      }
    }
  }
}

/**
 * Block of 176 bytes: d, dmin, 12 bytes as in Q4_K, 32 bytes with the fifth bits (bit g of byte j belongs to element
 * j of group g), 128 bytes of 4-bit pairs as in Q4_K. d scale q - dmin minimum
 */
function dequantizeQ5K(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 176, out += 256) {
    const scale = halfAt(bytes, at, halves);
    const minimum = halfAt(bytes, at + 2, halves);
    for (let group = 0; group < 8; group++) {
      const groupScale = scale * scaleOf(bytes, at + 4, group);
      const groupMinimum = minimum * minimumOf(bytes, at + 4, group);
      const first = at + 48 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let j = 0; j < 32; j++) {
        const high = (((bytes[at + 16 + j] as number) >> group) & 1) << 4;
        const q = (((bytes[first + j] as number) >> shift) & 15) | high;
        target[out + group * 32 + j] = groupScale * q - groupMinimum;
      }
    }
  }
}

/**
 * Block of 210 bytes: 128 bytes of low 4 bits, 64 bytes of high 2 bits, 16 signed scales, d.
 * Each half of the block (128 elements) is four runs of 32: runs 0 and 2 share the low bytes 0 to 31, runs 1 and 3
 * the bytes 32 to 63; bits 2 r of the high bytes belong to run r. d scale (q - 32)
 */
function dequantizeQ6K(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 210, out += 256) {
    const scale = halfAt(bytes, at + 208, halves);
    for (let run = 0; run < 8; run++) {
      const half = run >> 2;
      const low = at + half * 64 + (run & 1) * 32;
      const high = at + 128 + half * 32;
      const lowShift = (run & 2) * 2;
      const highShift = (run & 3) * 2;
      for (let j = 0; j < 32; j++) {
        const index = run * 32 + j;
        const runScale = scale * (((bytes[at + 192 + (index >> 4)] as number) << 24) >> 24);
        const upper = (((bytes[high + j] as number) >> highShift) & 3) << 4;
        target[out + index] = runScale * (((((bytes[low + j] as number) >> lowShift) & 15) | upper) - 32);
      }
    }
  }
}

/**
 * Six-bit scales: groups 0 to 3 in bytes 0 to 3; groups 4 to 7 have their low bits in bytes 8 to 11, and their high
 * bits in the upper bits of bytes 0 to 3.
 */
function scaleOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + group] as number) & 63;
  return ((bytes[at + group + 4] as number) & 15) | (((bytes[at + group - 4] as number) >> 6) << 4);
}

/** Six-bit minima: as for scales, with bytes 4 to 7 and the upper halves of bytes 8 to 11. */
function minimumOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + 4 + group] as number) & 63;
  return ((bytes[at + group + 4] as number) >> 4) | (((bytes[at + group] as number) >> 6) << 4);
}

function halfAt(bytes: Uint8Array, at: number, halves: Float32Array): number {
  return halves[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
}
