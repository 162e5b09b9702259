/** @file Measures the rate of matrix products on this machine. */
import { bf16Product, gemm } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Compute } from "../models/matrix-format.ts";
import { cutProgram } from "../onnx/program.ts";
import { createSession, type RuntimeOptions } from "./session.ts";

/** Sizes of a small model's feed-forward at 512 tokens: large enough for full speed. */
const [rows, inner, columns] = [512, 1024, 1536];

/** Options of a measurement. */
export interface SpeedOptions extends RuntimeOptions {
  /** Number format of the factors. */
  readonly compute: Compute;
}

/** Result of a measurement. */
export interface MatrixSpeed {
  readonly flopsPerSecond: number;
  /** Processor time of the threads, as a share of what they would get on an idle machine. */
  readonly processorShare: number;
}

/** Clocks of the process: elapsed seconds since some start, and processor seconds over all threads. */
export interface Clocks {
  readonly elapsedSeconds: () => number;
  readonly processorSeconds: () => number;
}

/**
 * Rate of matrix products in FLOP/s, the best of several runs because other processes may be using the machine; and the
 * processor share in that run.
 *
 * @param repeats runs after a warm-up run that is not counted
 */
export async function measureMatrixSpeed(
  { compute, ...options }: SpeedOptions,
  { elapsedSeconds, processorSeconds }: Clocks,
  repeats = 12,
): Promise<MatrixSpeed> {
  const graph = new Graph();
  const [a, b] = [graph.input("a", [rows, inner]), graph.input("b", [columns, inner])];
  const transposed = { transposeB: true };
  const product = compute === "bf16" ? bf16Product(a, { values: b }, transposed) : gemm(a, b, transposed);
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

/** Only the rate. @param elapsedSeconds seconds since some start */
export async function measureMatrixRate(
  options: SpeedOptions,
  elapsedSeconds: () => number,
  repeats = 12,
): Promise<number> {
  const clocks = { elapsedSeconds, processorSeconds: () => 0 };
  return (await measureMatrixSpeed(options, clocks, repeats)).flopsPerSecond;
}
