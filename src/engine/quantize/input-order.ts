/**
 * @file In which order the inputs of a matrix are rounded: those that weigh most first, while many are left that can
 * make up for them.
 */
import { nf4Block } from "../../weights/index.ts";

/**
 * Weights that share a scale stay together, since it is chosen when the first of them is rounded: blocks by what their
 * inputs weigh, and inputs within a block. Where rows end within a block the order is that of the matrix.
 *
 * @param moments `[width, width]`, row-major
 * @param columns of the whole matrix
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

/** A matrix `[width, width]` with rows and columns in another order. */
export function permuted(matrix: Float64Array, width: number, order: Uint32Array): Float64Array {
  const made = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    const row = (order[i] as number) * width;
    for (let k = 0; k < width; k++) made[i * width + k] = matrix[row + (order[k] as number)] as number;
  }
  return made;
}
