/**
 * @file The "K" quantizations of GGUF: 256 elements a block, with scales of their own for 16 or 32 elements.
 *
 * @source ggml-org/llama.cpp ggml/src/ggml-common.h `block_q4_K`, `block_q5_K`, `block_q6_K`; ggml/src/ggml-quants.c
 */

/**
 * Block of 144 bytes: d, dmin, 12 bytes with 8 scales and 8 minima of 6 bits, 128 bytes of 4-bit pairs.
 * Groups 2 g and 2 g + 1 (32 elements each) are the low and high halves of bytes 32 g to 32 g + 31.
 * d scale q - dmin minimum
 */
export function dequantizeQ4K(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
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
export function dequantizeQ5K(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
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
export function dequantizeQ6K(bytes: Uint8Array, target: Float32Array, halves: Float32Array): void {
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

/** Six bits: groups 0 to 3 in bytes 0 to 3; groups 4 to 7 have their low bits in bytes 8 to 11, high bits above. */
function scaleOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + group] as number) & 63;
  return ((bytes[at + group + 4] as number) & 15) | (((bytes[at + group - 4] as number) >> 6) << 4);
}

/** As for scales, with bytes 4 to 7 and the upper halves of bytes 8 to 11. */
function minimumOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + 4 + group] as number) & 63;
  return ((bytes[at + group + 4] as number) >> 4) | (((bytes[at + group] as number) >> 6) << 4);
}

function halfAt(bytes: Uint8Array, at: number, halves: Float32Array): number {
  return halves[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
}
