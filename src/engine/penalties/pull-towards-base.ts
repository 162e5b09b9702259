/**
 * @file The pull of single weights back to where they were.
 */
import { mean } from "../../math/index.ts";
import type { FisherTensor } from "./fisher.ts";

/** Brain floats widened at once: they would take twice their memory if all were. */
const piece = 4096;

/**
 * Adds factor F (w - w0) to the gradient.
 *
 * @param importance F; `null`: 1 everywhere
 * @returns the sum of F (w - w0)^2
 * @source Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3
 */
export function pullTowardsBase(
  values: Float32Array,
  anchor: Float32Array,
  importance: FisherTensor | null,
  factor: number,
  gradient: Float32Array,
): number {
  const move = { values, anchor, factor, gradient };
  const weights = new Float32Array(Math.min(piece, values.length)).fill(1);
  let sum = 0;
  if (importance?.kind === "factored") {
    const { rows, columns } = importance;
    const middle = mean(columns);
    const inverse = middle > 0 ? 1 / middle : 0;
    for (let row = 0; row < rows.length; row++) {
      sum += pullPiece(move, row * columns.length, columns, (rows[row] as number) * inverse);
    }
    return sum;
  }
  const words = new Uint32Array(weights.buffer);
  for (let from = 0; from < values.length; from += piece) {
    const count = Math.min(piece, values.length - from);
    if (importance)
      for (let at = 0; at < count; at++) words[at] = (importance.bits[from + at] as number) << 16;
    sum += pullPiece(move, from, weights.subarray(0, count), 1);
  }
  return sum;
}

/** What is pulled, and where to. */
interface Move {
  readonly values: Float32Array;
  readonly anchor: Float32Array;
  readonly factor: number;
  readonly gradient: Float32Array;
}

/** One loop over plain arrays with a sum of its own: a closure over the sum is several times slower. */
function pullPiece(
  { values, anchor, factor, gradient }: Move,
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
