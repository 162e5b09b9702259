/**
 * @file Calibrated NF4 quantization (GPTQ): codes compensate for each other's errors on the inputs that a matrix
 *   actually receives.
 *
 * Rounding each weight to its nearest code ignores that inputs are correlated: an error in one column can be
 * compensated by the columns after it. The format stays the same, so every NF4 reader can read it.
 */

import {
  blockScales,
  codeOf,
  minScale,
  type Nf4Tensor,
  nestScales,
  nf4Block,
  nf4Values,
} from "../weights/index.ts";
import { type InputMoments, refineNf4 } from "./refine-nf4.ts";

/** Damping, as a share of the mean moment. @source Frantar et al. 2022 (arXiv 2210.17323), section 4 */
const damping = 0.01;

/** Candidate scales of a block, as shares of its largest weight: clipping one weight may improve the others. */
const shares = [1.03, 1, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79];

const levels = Float32Array.from(nf4Values);

/**
 * Quantizes a matrix so that its products with inputs of these moments change little: rounds column after column,
 * each compensating for those before it, then refines the codes under the final, stored scales.
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
  refineNf4(tensor, values, rows, moments, damping);
  return tensor;
}

interface Rounding {
  readonly values: Float32Array;
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  /** Whether a scale is final; a scale shared by two rows is chosen when the first one is rounded. */
  readonly isChosen: Uint8Array;
}

/** One block of moments, prepared for rounding. */
interface Part {
  /** Rounding order of the inputs. */
  readonly order: Uint32Array;
  /** In rounding order. */
  readonly factor: Float32Array;
  /** Cost of an error of each input that no later input compensates for. */
  readonly costs: Float64Array;
  /** For one row: the errors `w - q`, and the values to round. */
  readonly errors: Float32Array;
  readonly targets: Float32Array;
}

function partOf(block: Float64Array, width: number, columns: number): Part {
  const order = inputOrder(block, width, columns);
  const { factor, corners } = lowerFactor(permuted(block, width, order), width, damping);
  return {
    order,
    factor: Float32Array.from(factor),
    costs: corners,
    errors: new Float32Array(width),
    targets: new Float32Array(width),
  };
}

/** Rounds the weights of a row, starting at `start`. */
function roundRow({ values, codes, scales, isChosen }: Rounding, start: number, part: Part): void {
  const { order, factor, errors, targets } = part;
  const width = order.length;
  for (let from = 0; from < width; ) {
    // the weights that share a scale
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
    const inverse = 1 / Math.max(scale, minScale);
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

/** The code for a weight divided by its scale. */
function nearest(scaled: number): number {
  return codeOf(Math.min(1, Math.max(-1, Math.fround(scaled))));
}

/**
 * Chooses the scale of a block once the errors of earlier columns are known: the candidate with the lowest cost. If
 * part of a block lies in another row or part, which is rounded separately, the scale is the largest weight of all,
 * without clipping.
 *
 * @param otherwise used if the scale would not be finite
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
    const inverse = 1 / Math.max(scale, minScale);
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

/** The correction that the errors of columns `from` to `to` contribute, by one row of the factor. */
function owed(factor: Float32Array, errors: Float32Array, row: number, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += (factor[row + at] as number) * (errors[at] as number);
  return sum;
}

/**
 * Rounding order of a matrix's inputs (GPTQ's "act order"): those with the largest moments first, while many inputs
 * remain that can compensate.
 *
 * Weights that share a scale stay together, since it is chosen when the first of them is rounded: blocks are ordered
 * by their total moment, and inputs within a block by theirs. If rows end within a block the natural order is used.
 *
 * @param moments `[width, width]`, row-major
 * @param columns of the complete matrix
 * @source the order of Frantar et al. 2022's program GPTQ ("act order"), by blocks
 */
export function inputOrder(moments: Float64Array, width: number, columns: number): Uint32Array {
  const natural = Uint32Array.from({ length: width }, (_, at) => at);
  if (width % nf4Block !== 0 || columns % nf4Block !== 0) return natural;
  const weightOf = (input: number): number => moments[input * width + input] as number;
  const blocks = Array.from({ length: width / nf4Block }, (_, block) =>
    natural.slice(block * nf4Block, (block + 1) * nf4Block).sort((a, b) => weightOf(b) - weightOf(a)),
  );
  const sums = new Map(
    blocks.map((block) => [block, block.reduce((sum, input) => sum + weightOf(input), 0)]),
  );
  blocks.sort((a, b) => (sums.get(b) as number) - (sums.get(a) as number));
  return Uint32Array.from(blocks.flatMap((block) => [...block]));
}

/** Permutes rows and columns of a matrix `[width, width]`. */
function permuted(matrix: Float64Array, width: number, order: Uint32Array): Float64Array {
  const made = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    const row = (order[i] as number) * width;
    for (let k = 0; k < width; k++) made[i * width + k] = matrix[row + (order[k] as number)] as number;
  }
  return made;
}

/**
 * A symmetric positive matrix as C^T C with C lower triangular: `factor` is `c`; `corners` are the squares
 * `C[i][i]^2`.
 */
interface LowerFactor {
  readonly factor: Float64Array;
  readonly corners: Float64Array;
}

/**
 * The factor, each row divided by its diagonal: `c[i][k] = C[i][k] / C[i][i]`, 1 on the diagonal.
 *
 * With it x^T H x is a sum of squares of `x[i] + sum over k < i of c[i][k] x[k]`, each times C[i][i]^2: entry i can
 * compensate for the entries before it.
 *
 * @param matrix `[n, n]`, row-major; only its lower half is read
 * @param damping added to the diagonal, as a share of its mean, so that no direction has zero weight
 * @source Golub and Van Loan, Matrix Computations, section 4.2, from the last row up
 */
export function lowerFactor(matrix: Float64Array, n: number, damping: number): LowerFactor {
  let trace = 0;
  for (let at = 0; at < n; at++) trace += matrix[at * n + at] as number;
  const added = trace > 0 ? (damping * trace) / n : 1;
  const rest = Float64Array.from(matrix);
  for (let at = 0; at < n; at++) rest[at * n + at] = (rest[at * n + at] as number) + added;
  const factor = new Float64Array(n * n);
  const corners = new Float64Array(n);
  // H = C^T C: the last row of C is the last row of H over the root of its corner; its contribution is then
  // subtracted
  for (let row = n - 1; row >= 0; row--) {
    const corner = rest[row * n + row] as number;
    corners[row] = corner;
    factor[row * n + row] = 1;
    for (let at = 0; at < row; at++) factor[row * n + at] = (rest[row * n + at] as number) / corner;
    for (let i = 0; i < row; i++) {
      const share = rest[row * n + i] as number;
      if (share === 0) continue;
      for (let k = 0; k <= i; k++) {
        rest[i * n + k] = (rest[i * n + k] as number) - share * (factor[row * n + k] as number);
      }
    }
  }
  return { factor, corners };
}
