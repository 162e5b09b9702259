/**
 * @file Programs for the penalty on the update s B A of a frozen matrix.
 *
 *     F full:      D = s B A      G = F D      dB = s G A^T      dA = s B^T G      sum = <G, D>
 *     F = u v^T:   M = B^T diag(u) B, N = A diag(v) A^T, both [R, R]
 *                  dB = s^2 diag(u) B N      dA = s^2 M A diag(v)      sum = s^2 <M, N>
 *
 * The second form never creates a matrix as large as the weight; L2-SP is its case u = v = 1.
 */
import { gemm, multiply, reduce, scale } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { cutProgram, type Program } from "../onnx/program.ts";

/** Penalty and gradients with one importance per weight: inputs `A`, `B`, `F`; outputs `dA`, `dB`, `sum`. */
export function fullPenaltyProgram(
  outputWidth: number,
  inputWidth: number,
  rank: number,
  scaling: number,
): Program {
  const graph = new Graph();
  const a = graph.input("A", [rank, inputWidth]);
  const b = graph.input("B", [outputWidth, rank]);
  const f = graph.input("F", [outputWidth, inputWidth]);
  const d = gemm(b, a, { alpha: scaling });
  const g = multiply(f, d);
  return cutProgram(
    new Map([
      ["dA", gemm(b, g, { transposeA: true, alpha: scaling })],
      ["dB", gemm(g, a, { transposeB: true, alpha: scaling })],
      ["sum", reduce("sum", reduce("sum", multiply(g, d), 1), 0)],
    ]),
  );
}

/**
 * Penalty and gradients with importance as an outer product of rows `u` and columns `v`.
 *
 * @source F = u v^T put into the penalty: sum of u_i v_j (B A)_ij^2 = <B^T diag(u) B, A diag(v) A^T>
 */
export function factoredPenaltyProgram(
  outputWidth: number,
  inputWidth: number,
  rank: number,
  scaling: number,
): Program {
  const graph = new Graph();
  const a = graph.input("A", [rank, inputWidth]);
  const b = graph.input("B", [outputWidth, rank]);
  const weightedB = multiply(b, graph.input("u", [outputWidth, 1]));
  const weightedA = multiply(a, graph.input("v", [1, inputWidth]));
  const m = gemm(weightedB, b, { transposeA: true, alpha: scaling * scaling });
  const n = gemm(weightedA, a, { transposeB: true, alpha: scaling * scaling });
  return cutProgram(
    new Map([
      ["dA", gemm(m, weightedA)],
      ["dB", gemm(weightedB, n)],
      // both factors contain the squared scaling, but the sum needs it only once
      ["sum", scale(reduce("sum", reduce("sum", multiply(m, n), 1), 0), 1 / (scaling * scaling))],
    ]),
  );
}
