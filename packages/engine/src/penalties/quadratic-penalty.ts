/** @file The quadratic penalty on the distance of full weights from the base. */
import { mean } from "@tunewise/core/math";
import type { FisherTensor } from "./fisher.ts";

/** Number of bfloat16 values widened at once, so that a float32 copy of the tensor is never needed. */
const chunk = 4096;

/**
 * Adds factor F (w - w0) to the gradient.
 *
 * @param importance F; `null` means 1 everywhere
 * @returns the sum of F (w - w0)^2
 * @source Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3
 */
export function addQuadraticPenalty(
  values: Float32Array,
  anchor: Float32Array,
  importance: FisherTensor | null,
  factor: number,
  gradient: Float32Array,
): number {
  const move = { values, anchor, factor, gradient };
  const weights = new Float32Array(Math.min(chunk, values.length)).fill(1);
  let sum = 0;
  if (importance?.kind === "factored") {
    const { rows, columns } = importance;
    const middle = mean(columns);
    const inverse = middle > 0 ? 1 / middle : 0;
    for (let row = 0; row < rows.length; row++) {
      sum += addChunk(move, row * columns.length, columns, (rows[row] as number) * inverse);
    }
    return sum;
  }
  const words = new Uint32Array(weights.buffer);
  for (let from = 0; from < values.length; from += chunk) {
    const count = Math.min(chunk, values.length - from);
    if (importance)
      for (let at = 0; at < count; at++) words[at] = (importance.bits[from + at] as number) << 16;
    sum += addChunk(move, from, weights.subarray(0, count), 1);
  }
  return sum;
}

/** The tensor, its base values and its gradient. */
interface Term {
  readonly values: Float32Array;
  readonly anchor: Float32Array;
  readonly factor: number;
  readonly gradient: Float32Array;
}

/** A loop over plain arrays with its own sum: a closure over the sum is several times slower. */
function addChunk(
  { values, anchor, factor, gradient }: Term,
  from: number,
  weights: Float32Array,
  scale: number,
): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at++) {
    const moved = (values[from + at] as number) - (anchor[from + at] as number);
    const pulled = (weights[at] as number) * scale * moved;
    gradient[from + at] = (gradient[from + at] as number) + factor * pulled;
    sum += pulled * moved;
  }
  return sum;
}
