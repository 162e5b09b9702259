/**
 * @file Measures what this machine can do: the rate of bare matrix products.
 */
import { gemm } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { cutProgram } from "../onnx/program.ts";
import { createSession, type RuntimeOptions } from "./session.ts";

/** Sizes like those of a small model's feed-forward at 512 tokens: large enough for full speed. */
const [rows, inner, columns] = [512, 1024, 1536];

/**
 * Rate of float32 matrix products in FLOP/s: the best of several runs, since others may use the machine too.
 *
 * @param elapsedSeconds seconds since some start
 * @param repeats runs after a first one that is not counted
 */
export async function measureMatrixRate(
  options: RuntimeOptions,
  elapsedSeconds: () => number,
  repeats = 12,
): Promise<number> {
  const graph = new Graph();
  const product = gemm(graph.input("a", [rows, inner]), graph.input("b", [columns, inner]), {
    transposeB: true,
  });
  const session = await createSession(cutProgram(new Map([["y", product]])), options);
  const inputs = {
    a: new Float32Array(rows * inner).fill(0.5),
    b: new Float32Array(columns * inner).fill(0.25),
  };
  const y = new Float32Array(rows * columns);
  await session.run({}, inputs, { y });
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = elapsedSeconds();
    await session.run({}, inputs, { y });
    best = Math.min(best, elapsedSeconds() - start);
  }
  await session.close();
  return (2 * rows * inner * columns) / best;
}
