/**
 * @file NF4 codes that make up for each other's errors on the inputs a matrix really gets.
 *
 * Rounding each weight to its nearest value ignores that inputs hang together: an error in one column can be undone by
 * the columns after it. The format is the same, so that whoever reads NF4 reads this.
 */
import { lowerFactor } from "./lower-factor.ts";
import { blockScales, codeOf, leastScale, type Nf4Tensor, nestScales } from "./nf4.ts";
import { nf4Values } from "./nf4-values.ts";

/** Sums of products of a matrix's inputs, x x^T, in blocks along the diagonal. */
export interface InputMoments {
  /** Inputs of a block; the last one may be smaller. */
  readonly width: number;
  /** `[width, width]` each, row-major. */
  readonly blocks: readonly Float64Array[];
}

/** Share of the mean moment that is added to each. @source Frantar et al. 2022 (arXiv 2210.17323), section 4 */
const damping = 0.01;

const levels = Float32Array.from(nf4Values);

/**
 * Quantizes a matrix so that its products with inputs of these moments change little.
 *
 * @param values `[rows, columns]`
 * @param nested whether the scales are quantized as well
 * @source Frantar et al. 2022 (arXiv 2210.17323), GPTQ, in the form of Babai's nearest plane (Chen et al. 2025, arXiv
 *   2507.18553): column i is rounded from w[i] + sum over k < i of c[i][k] (w[k] - q[k])
 */
export function calibrateNf4(
  values: Float32Array,
  rows: number,
  moments: InputMoments,
  nested: boolean,
): Nf4Tensor {
  const columns = values.length / rows;
  const scales = blockScales(values);
  const isChosen = new Uint8Array(scales.length);
  const codes = new Uint8Array(Math.ceil(values.length / 2));
  for (const [at, block] of moments.blocks.entries()) {
    const from = at * moments.width;
    const width = Math.min(moments.width, columns - from);
    const factor = Float32Array.from(lowerFactor(block, width, damping));
    const errors = new Float32Array(width);
    const targets = new Float32Array(width);
    for (let row = 0; row < rows; row++) {
      const start = row * columns + from;
      for (let column = 0; column < width; ) {
        const index = (start + column) >> blockShift;
        // As far as the weights of one scale go.
        const end = Math.min(width, ((index + 1) << blockShift) - start);
        for (let next = column; next < end; next++)
          targets[next] = (values[start + next] as number) + owed(factor, errors, next * width, 0, column);
        if (isChosen[index] === 0) {
          isChosen[index] = 1;
          scales[index] = scaleFor(values, targets, start, column, end, scales[index] as number);
        }
        const scale = scales[index] as number;
        const inverse = 1 / Math.max(scale, leastScale);
        for (let next = column; next < end; next++) {
          const target = (targets[next] as number) + owed(factor, errors, next * width, column, next);
          const code = codeOf(Math.min(1, Math.max(-1, Math.fround(target * inverse))));
          const place = start + next;
          codes[place >> 1] = (codes[place >> 1] as number) | (place % 2 === 0 ? code << 4 : code);
          errors[next] = (values[place] as number) - (levels[code] as number) * scale;
        }
        column = end;
      }
    }
  }
  if (values.length % 2 === 1) codes[codes.length - 1] = (codes.at(-1) as number) | codeOf(0);
  return { codes, scales: nested ? nestScales(scales) : { kind: "plain", absmax: scales } };
}

/**
 * The scale of a block, once it is known what the columns before it owe: the largest of what is to be rounded, where
 * the block lies in this part of this row, and of the weights as they are in the rest of it, which is in another row or
 * part and rounded at another time.
 */
function scaleFor(
  values: Float32Array,
  targets: Float32Array,
  start: number,
  column: number,
  end: number,
  otherwise: number,
): number {
  const first = ((start + column) >> blockShift) << blockShift;
  const last = Math.min(values.length, first + (1 << blockShift));
  let most = 0;
  for (let place = first; place < last; place++) {
    const isHere = place >= start + column && place < start + end;
    most = Math.max(most, Math.abs((isHere ? targets[place - start] : values[place]) as number));
  }
  return Number.isFinite(most) ? Math.fround(most) : otherwise;
}

/** 64 weights share a scale. */
const blockShift = 6;

/** What columns from one up to before another owe to a row of the factor. */
function owed(factor: Float32Array, errors: Float32Array, row: number, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += (factor[row + at] as number) * (errors[at] as number);
  return sum;
}
