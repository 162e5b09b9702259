/**
 * @file The pull of single weights back to where they were.
 */
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
export function pull(
  values: Float32Array,
  anchor: Float32Array,
  importance: FisherTensor | null,
  factor: number,
  gradient: Float32Array,
): number {
  let sum = 0;
  const each = (at: number, weight: number): void => {
    const moved = (values[at] as number) - (anchor[at] as number);
    gradient[at] = (gradient[at] as number) + factor * weight * moved;
    sum += weight * moved * moved;
  };
  if (importance === null) {
    for (let at = 0; at < values.length; at++) each(at, 1);
  } else if (importance.kind === "full") {
    const { bits } = importance;
    const words = new Uint32Array(Math.min(piece, bits.length));
    const weights = new Float32Array(words.buffer);
    for (let from = 0; from < values.length; from += piece) {
      const count = Math.min(piece, values.length - from);
      for (let at = 0; at < count; at++) words[at] = (bits[from + at] as number) << 16;
      for (let at = 0; at < count; at++) each(from + at, weights[at] as number);
    }
  } else {
    const { rows, columns } = importance;
    const mean = columns.reduce((total, value) => total + value, 0) / columns.length;
    const inverse = mean > 0 ? 1 / mean : 0;
    for (const [row, byRow] of rows.entries()) {
      const from = row * columns.length;
      for (const [column, byColumn] of columns.entries()) each(from + column, byRow * byColumn * inverse);
    }
  }
  return sum;
}
