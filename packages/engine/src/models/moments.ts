/** @file Second moments of the inputs of a layer's projections, for calibrated quantization. */

import { gemm, slice } from "../graph/build.ts";
import type { Value } from "../graph/value.ts";
import { nf4Block } from "../weights/index.ts";
import { type Architecture, projections } from "./architecture.ts";

/** Maximum width of a block: factorizing it takes some seconds, and 8 times as long at twice the width. */
const widest = 2048;

/** Block width for a projection with `inputs` inputs, a multiple of the number of weights that share a scale. */
export function momentWidth(inputs: number): number {
  return Math.ceil(inputs / Math.ceil(inputs / widest) / nf4Block) * nf4Block;
}

/** One input of a layer: the projections that use it, and its blocks `[from, from + width)`. */
export interface MomentPort {
  readonly paths: readonly string[];
  readonly blocks: readonly { readonly name: string; readonly from: number; readonly width: number }[];
}

/** The inputs of a layer, each once. */
export function momentPorts(model: Architecture, inputs: ReadonlyMap<string, Value>): MomentPort[] {
  const byInput = new Map<Value, string[]>();
  for (const { path } of projections(model)) {
    const input = inputs.get(path);
    if (input) byInput.set(input, [...(byInput.get(input) ?? []), path]);
  }
  return [...byInput.values()].map((paths) => {
    const columns = projections(model).find(({ path }) => path === paths[0])?.inputWidth ?? 0;
    const width = momentWidth(columns);
    const blocks = Array.from({ length: Math.ceil(columns / width) }, (_, at) => ({
      name: `moments.${paths[0]}.${at}`,
      from: at * width,
      width: Math.min(width, columns - at * width),
    }));
    return { paths, blocks };
  });
}

/** X^T X of each block, `[width, width]`. */
export function momentOutputs(
  model: Architecture,
  inputs: ReadonlyMap<string, Value>,
): readonly (readonly [string, Value])[] {
  return momentPorts(model, inputs).flatMap(({ paths, blocks }) => {
    const x = inputs.get(paths[0] ?? "") as Value;
    const columns = blocks.reduce((sum, { width }) => sum + width, 0);
    return blocks.map(({ name, from, width }) => {
      const part = width === columns ? x : slice(x, 1, from, width, columns - from - width);
      return [name, gemm(part, part, { transposeA: true })] as const;
    });
  });
}
