/**
 * @file 4-bit NormalFloat (NF4) quantization in blocks of 64, with the same codes as bitsandbytes.
 *
 *     64 weights | 64 weights | ...        one flat row-major list, blocks may span ends of rows
 *     absmax     | absmax     | ...        float32, or 8 bits each with an absmax per 256 of them
 */
import { dequantizeBlockwise, quantizeBlockwise } from "./blockwise.ts";

/**
 * The sixteen NF4 values: quantiles of the normal distribution, scaled to [-1, 1], with an exact zero.
 *
 * @source Dettmers et al. 2023 (arXiv 2305.14314), appendix E
 */
export const nf4Values: readonly number[] = [
  ...[-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453],
  ...[-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0],
  ...[0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224],
  ...[0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1],
];

/** Weights that share a scale. */
export const nf4Block = 64;
/** Scales that share a second-level scale with double quantization. */
export const nestedBlock = 256;

/** Scales of the blocks. */
export type Nf4Scales =
  | { readonly kind: "plain"; readonly absmax: Float32Array }
  /** absmax = dynamic value of the code times the absmax of its group of 256, plus the offset. */
  | {
      readonly kind: "nested";
      readonly codes: Uint8Array;
      readonly absmax: Float32Array;
      readonly offset: number;
    };

/** Quantized weights; two codes per byte, the first one in the upper half. */
export interface Nf4Tensor {
  readonly codes: Uint8Array;
  readonly scales: Nf4Scales;
}

/** Decision boundaries between codes: midpoints of neighboring values in float32. */
const bounds = Float32Array.from({ length: 15 }, (_, at) =>
  Math.fround((Math.fround(nf4Values[at] as number) + Math.fround(nf4Values[at + 1] as number)) / 2),
);

/**
 * [-1, 1] is split into bins so narrow that none contains two boundaries: the bin determines the code up to one
 * comparison.
 */
const binsPerUnit = 512;
const firstCode = Uint8Array.from({ length: 2 * binsPerUnit + 1 }, (_, bin) => {
  const edge = bin / binsPerUnit - 1;
  return bounds.filter((bound) => bound < edge).length;
});

/** The scale that bitsandbytes uses for a block of zeros, to avoid division by zero. */
export const minScale: number = Math.fround(1e-38);

/**
 * Quantizes weights to NF4.
 *
 * @param values flat; the last block may be short
 * @param nested whether the scales are quantized as well (double quantization)
 * @source Dettmers et al. 2023 (arXiv 2305.14314), section 3; bitsandbytes 0.50.2
 *   bitsandbytes/backends/default/ops.py `quantize_4bit`, bitsandbytes/functional.py `quantize_4bit`
 */
export function quantizeNf4(values: Float32Array, nested: boolean): Nf4Tensor {
  const codes = new Uint8Array(Math.ceil(values.length / 2));
  const absmax = blockScales(values);
  for (let block = 0; block < absmax.length; block++) {
    const from = block * nf4Block;
    const until = Math.min(values.length, from + nf4Block);
    const scale = Math.max(absmax[block] as number, minScale);
    const isWhole = until - from === nf4Block;
    const inverse = Math.fround(1 / scale);
    for (let at = from; at < until; at++) {
      const value = values[at] as number;
      // a short block is divided by the scale, a complete one multiplied by its inverse, which rounds differently
      const scaled = Math.fround(isWhole ? value * inverse : value / scale);
      const code = codeOf(Math.min(1, Math.max(-1, scaled)));
      codes[at >> 1] = (codes[at >> 1] as number) | (at % 2 === 0 ? code << 4 : code);
    }
  }
  // an odd length is padded with zero
  if (values.length % 2 === 1) codes[codes.length - 1] = (codes.at(-1) as number) | codeOf(0);
  return { codes, scales: nested ? nestScales(absmax) : { kind: "plain", absmax } };
}

/** The absmax of each block; for a short block at least the minimum scale. @source as `quantizeNf4` */
export function blockScales(values: Float32Array): Float32Array {
  return Float32Array.from({ length: Math.ceil(values.length / nf4Block) }, (_, block) => {
    const from = block * nf4Block;
    const until = Math.min(values.length, from + nf4Block);
    let most = 0;
    for (let at = from; at < until; at++) most = Math.max(most, Math.abs(values[at] as number));
    return until - from === nf4Block ? most : Math.max(most, minScale);
  });
}

/** The code of the value nearest to a number in [-1, 1]. */
export function codeOf(scaled: number): number {
  const code = firstCode[((scaled + 1) * binsPerUnit) | 0] as number;
  return code < 15 && scaled > (bounds[code] as number) ? code + 1 : code;
}

/**
 * Quantizes scales to 8 bits. They are positive, so their mean is subtracted before they are quantized around zero.
 *
 * PyTorch's mean in float32 depends on the machine's vectors and threads, so its last bit may differ from the exact
 * mean used here.
 */
export function nestScales(absmax: Float32Array, offset: number = meanOf(absmax)): Nf4Scales {
  const centered = absmax.map((value) => value - offset);
  const { codes, absmax: outer } = quantizeBlockwise(centered, nestedBlock);
  return { kind: "nested", codes, absmax: outer, offset };
}

function meanOf(values: Float32Array): number {
  return Math.fround(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
}

/**
 * Converts scales to float32.
 *
 * @param into one element per block
 */
export function writeScales(scales: Nf4Scales, into: Float32Array): void {
  if (scales.kind === "plain") {
    into.set(scales.absmax);
    return;
  }
  dequantizeBlockwise(scales.codes, scales.absmax, nestedBlock, into);
  for (let block = 0; block < into.length; block++) into[block] = (into[block] as number) + scales.offset;
}

/** Dequantizes weights to float32; a plain reference for the kernel that the engine uses at run time. */
export function dequantizeNf4({ codes, scales }: Nf4Tensor, length: number): Float32Array<ArrayBuffer> {
  const absmax = new Float32Array(Math.ceil(length / nf4Block));
  writeScales(scales, absmax);
  return Float32Array.from({ length }, (_, at) => {
    const pair = codes[at >> 1] as number;
    const value = nf4Values[at % 2 === 0 ? pair >> 4 : pair & 15] as number;
    return Math.fround(value) * (absmax[Math.floor(at / nf4Block)] as number);
  });
}
