/**
 * @file Refines quantized weights by coordinate descent: each code is chosen again while all others are fixed.
 *
 * Rounding column after column cannot revise an early choice, and does not know the scales after their own
 * quantization. Here both are known.
 */

import { codeOf, minScale, type Nf4Tensor, nf4Block, nf4Values, writeScales } from "../weights/index.ts";

/** Second moments of a matrix's inputs, the sums of x x^T, in blocks along the diagonal. */
export interface InputMoments {
  /** Inputs of a block; the last one may be smaller. */
  readonly width: number;
  /** `[width, width]` each, row-major. */
  readonly blocks: readonly Float64Array[];
}

/** Maximum passes over a row; the third pass changes only few codes. */
const rounds = 3;

const levels = Float32Array.from(nf4Values);

/**
 * Changes codes in place if that brings products with inputs of these moments closer to those of the weights.
 *
 * One code after the other is set to the value nearest to the minimum of the squared error along its weight, so that
 * no change increases it (coordinate descent).
 *
 * @param values the weights, `[rows, columns]`
 * @param damping added to the diagonal, as a share of its mean
 */
export function refineNf4(
  tensor: Nf4Tensor,
  values: Float32Array,
  rows: number,
  moments: InputMoments,
  damping: number,
): void {
  const columns = values.length / rows;
  const scales = new Float32Array(Math.ceil(values.length / nf4Block));
  writeScales(tensor.scales, scales);
  for (const [at, block] of moments.blocks.entries()) {
    const from = at * moments.width;
    const width = Math.min(moments.width, columns - from);
    const damped = dampedOf(block, width, damping);
    const slope = new Float64Array(width);
    for (let row = 0; row < rows; row++) {
      const part = { codes: tensor.codes, scales, values, start: row * columns + from };
      slopeOf(part, damped, slope);
      for (let round = 0; round < rounds && refineRow(part, damped, slope); round++);
    }
  }
}

function dampedOf(block: Float64Array, width: number, damping: number): Float64Array {
  let trace = 0;
  for (let at = 0; at < width; at++) trace += block[at * width + at] as number;
  const damped = Float64Array.from(block);
  for (let at = 0; at < width; at++)
    damped[at * width + at] = (damped[at * width + at] as number) + (damping * trace) / width;
  return damped;
}

interface RowPart {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  readonly values: Float32Array;
  readonly start: number;
}

function valueAt({ codes, scales }: RowPart, place: number): number {
  const pair = codes[place >> 1] as number;
  const level = levels[place % 2 === 0 ? pair >> 4 : pair & 15] as number;
  return level * (scales[Math.floor(place / nf4Block)] as number);
}

/** Half the gradient of the squared error: moments times (q - w). */
function slopeOf(part: RowPart, moments: Float64Array, slope: Float64Array): void {
  const width = slope.length;
  slope.fill(0);
  for (let at = 0; at < width; at++) {
    const place = part.start + at;
    addRow(slope, moments, at * width, valueAt(part, place) - (part.values[place] as number));
  }
}

/** Refines a row once; returns whether any code changed. */
function refineRow(part: RowPart, moments: Float64Array, slope: Float64Array): boolean {
  const { codes, scales, start } = part;
  const width = slope.length;
  let isChanged = false;
  for (let at = 0; at < width; at++) {
    const place = start + at;
    const now = valueAt(part, place);
    const scale = scales[Math.floor(place / nf4Block)] as number;
    const wanted =
      (now - (slope[at] as number) / (moments[at * width + at] as number)) / Math.max(scale, minScale);
    if (!Number.isFinite(wanted)) continue;
    const code = codeOf(Math.min(1, Math.max(-1, Math.fround(wanted))));
    const change = (levels[code] as number) * scale - now;
    if (change === 0) continue;
    isChanged = true;
    const pair = codes[place >> 1] as number;
    codes[place >> 1] = place % 2 === 0 ? (pair & 15) | (code << 4) : (pair & 240) | code;
    addRow(slope, moments, at * width, change);
  }
  return isChanged;
}

function addRow(into: Float64Array, matrix: Float64Array, row: number, times: number): void {
  for (let at = 0; at < into.length; at++)
    into[at] = (into[at] as number) + (matrix[row + at] as number) * times;
}
