/**
 * @file Measures what this machine can do: the rate of bare matrix products.
 */
import { gemm } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { cutProgram } from "../onnx/program.ts";
import { createSession, type RuntimeOptions } from "./session.ts";

/** Sizes like those of a small model's feed-forward at 512 tokens: large enough for full speed. */
const [rows, inner, columns] = [512, 1024, 1536];

/** What was measured. */
export interface MatrixSpeed {
  readonly flopsPerSecond: number;
  /** Processor time that the threads got, as a share of what they would have had alone: 1 on a quiet machine. */
  readonly processorShare: number;
}

/** Clocks of the process: seconds since some start, and seconds of the processor over all threads. */
export interface Clocks {
  readonly elapsedSeconds: () => number;
  readonly processorSeconds: () => number;
}

/**
 * Rate of float32 matrix products in FLOP/s: the best of several runs, since others may use the machine too, and how
 * much of the processor it had in that run.
 *
 * @param repeats runs after a first one that is not counted
 */
export async function measureMatrixSpeed(
  options: RuntimeOptions & { readonly threads: number },
  { elapsedSeconds, processorSeconds }: Clocks,
  repeats = 12,
): Promise<MatrixSpeed> {
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
  let best = { seconds: Number.POSITIVE_INFINITY, processor: 0 };
  for (let repeat = 0; repeat < repeats; repeat++) {
    const [start, used] = [elapsedSeconds(), processorSeconds()];
    await session.run({}, inputs, { y });
    const seconds = elapsedSeconds() - start;
    if (seconds < best.seconds) best = { seconds, processor: processorSeconds() - used };
  }
  await session.close();
  return {
    flopsPerSecond: (2 * rows * inner * columns) / best.seconds,
    processorShare: Math.min(1, best.processor / (best.seconds * options.threads)),
  };
}

/** The rate alone. @param elapsedSeconds seconds since some start */
export async function measureMatrixRate(
  options: RuntimeOptions & { readonly threads: number },
  elapsedSeconds: () => number,
  repeats = 12,
): Promise<number> {
  const clocks = { elapsedSeconds, processorSeconds: () => 0 };
  return (await measureMatrixSpeed(options, clocks, repeats)).flopsPerSecond;
}
