/**
 * @file NF4 codes that make up for each other's errors on the inputs a matrix really gets.
 *
 * Rounding each weight to its nearest value ignores that inputs hang together: an error in one column can be undone by
 * the columns after it. The format is the same, so that whoever reads NF4 reads this.
 */

import {
  blockScales,
  codeOf,
  leastScale,
  type Nf4Tensor,
  nestScales,
  nf4Block,
  nf4Values,
} from "../../weights/index.ts";
import type { InputMoments } from "./input-moments.ts";
import { inputOrder, permuted } from "./input-order.ts";
import { lowerFactor } from "./lower-factor.ts";
import { polishNf4 } from "./polish-nf4.ts";

/** Share of the mean moment that is added to each. @source Frantar et al. 2022 (arXiv 2210.17323), section 4 */
const damping = 0.01;

/** A block's scale is tried at these shares of its largest weight: cutting off one may serve the others. */
const shares = [1.03, 1, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79];

const levels = Float32Array.from(nf4Values);

/**
 * Quantizes a matrix so that its products with inputs of these moments change little: rounds column after column, each
 * making up for those before it, and goes over the codes again under the scales as they are stored.
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
  const rounding: Rounding = {
    values,
    codes: new Uint8Array(Math.ceil(values.length / 2)),
    scales: blockScales(values),
    isChosen: new Uint8Array(Math.ceil(values.length / nf4Block)),
  };
  for (const [at, block] of moments.blocks.entries()) {
    const from = at * moments.width;
    const width = Math.min(moments.width, columns - from);
    const part = partOf(block, width, columns);
    for (let row = 0; row < rows; row++) roundRow(rounding, row * columns + from, part);
  }
  const { codes, scales } = rounding;
  if (values.length % 2 === 1) codes[codes.length - 1] = (codes.at(-1) as number) | codeOf(0);
  const tensor: Nf4Tensor = {
    codes,
    scales: nested ? nestScales(scales) : { kind: "plain", absmax: scales },
  };
  polishNf4(tensor, values, rows, moments, damping);
  return tensor;
}

interface Rounding {
  readonly values: Float32Array;
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  /** Whether a scale is final: one that two rows share is chosen with the first of them. */
  readonly isChosen: Uint8Array;
}

/** What is known of the inputs that a block of moments speaks of. */
interface Part {
  /** In which order they are rounded. */
  readonly order: Uint32Array;
  /** In that order. */
  readonly factor: Float32Array;
  /** What an error of an input costs that nothing after it makes up for. */
  readonly costs: Float64Array;
  /** Of one row: `w - q`, and what is to be rounded. */
  readonly errors: Float32Array;
  readonly targets: Float32Array;
}

function partOf(block: Float64Array, width: number, columns: number): Part {
  const order = inputOrder(block, width, columns);
  const { factor, corners } = lowerFactor(permuted(block, width, order), width, damping);
  return {
    ...{ order, factor: Float32Array.from(factor), costs: corners },
    ...{ errors: new Float32Array(width), targets: new Float32Array(width) },
  };
}

/** Rounds the weights of a row from `start` on. */
function roundRow({ values, codes, scales, isChosen }: Rounding, start: number, part: Part): void {
  const { order, factor, errors, targets } = part;
  const width = order.length;
  for (let from = 0; from < width; ) {
    // As far as the weights of one scale go.
    const index = Math.floor((start + (order[from] as number)) / nf4Block);
    const to = Math.min(width, from + nf4Block - ((start + from) % nf4Block));
    for (let at = from; at < to; at++)
      targets[at] =
        (values[start + (order[at] as number)] as number) + owed(factor, errors, at * width, 0, from);
    if (isChosen[index] === 0) {
      isChosen[index] = 1;
      scales[index] = scaleFor(scales[index] as number, part, from, to);
    }
    const scale = scales[index] as number;
    const inverse = 1 / Math.max(scale, leastScale);
    for (let at = from; at < to; at++) {
      const target = (targets[at] as number) + owed(factor, errors, at * width, from, at);
      const code = nearest(target * inverse);
      const place = start + (order[at] as number);
      codes[place >> 1] = (codes[place >> 1] as number) | (place % 2 === 0 ? code << 4 : code);
      errors[at] = (values[place] as number) - (levels[code] as number) * scale;
    }
    from = to;
  }
}

/** The code for a weight over its scale. */
function nearest(scaled: number): number {
  return codeOf(Math.min(1, Math.max(-1, Math.fround(scaled))));
}

/**
 * The scale of a block, once it is known what the columns before it owe: the share of the largest weight that costs
 * least. A block of which a part lies in another row or part, and is rounded at another time, keeps room for the
 * largest of all.
 *
 * @param otherwise where it would not be finite
 */
function scaleFor(otherwise: number, { targets, costs }: Part, from: number, to: number): number {
  let most = 0;
  for (let at = from; at < to; at++) most = Math.max(most, Math.abs(targets[at] as number));
  if (to - from < nf4Block) most = Math.max(most, otherwise);
  if (!Number.isFinite(most)) return otherwise;
  if (to - from < nf4Block) return Math.fround(most);
  let [best, least] = [most, Number.POSITIVE_INFINITY];
  for (const share of shares) {
    const scale = Math.fround(most * share);
    const inverse = 1 / Math.max(scale, leastScale);
    let cost = 0;
    for (let at = from; at < to; at++) {
      const target = targets[at] as number;
      const error = target - (levels[nearest(target * inverse)] as number) * scale;
      cost += (costs[at] as number) * error * error;
    }
    if (cost < least) [best, least] = [scale, cost];
  }
  return Number.isFinite(best) ? Math.fround(best) : otherwise;
}

/** What columns from one up to before another owe to a row of the factor. */
function owed(factor: Float32Array, errors: Float32Array, row: number, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += (factor[row + at] as number) * (errors[at] as number);
  return sum;
}
