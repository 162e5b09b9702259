import { describe, expect, test } from "vitest";
import { differentiate } from "../gradient/differentiate.ts";
import { gemm } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { cutProgram } from "../onnx/program.ts";
import { createSession } from "../runtime/session.ts";
import { cheaperSquares, type SquaresBy, squareSums } from "./squares.ts";

const [tokens, inputs, outputs] = [5, 7, 3];

/** Irregular numbers, some of them negative. */
function numbers(count: number, start: number): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => Math.sin(12.9898 * (at + start)) * 2);
}

async function found(by: SquaresBy, x: Float32Array, delta: Float32Array): Promise<Float32Array[]> {
  const graph = new Graph();
  const weight = graph.input("w", [outputs, inputs]);
  const y = gemm(graph.input("x", ["N", inputs]), weight, { transposeB: true });
  const gradient = differentiate(new Map([[y, graph.input("delta", ["N", outputs])]]), [weight]).get(weight);
  if (!gradient) throw new Error("no gradient");
  const session = await createSession(cutProgram(new Map(Object.entries(squareSums(gradient, by)))), {
    threads: 1,
  });
  const [rows, columns] = [new Float32Array(outputs), new Float32Array(inputs)];
  await session.run({ N: tokens }, { x, delta }, { rows, columns });
  await session.close();
  return [rows, columns];
}

describe("sums of a gradient's squares", () => {
  test.each(["products", "gradient"] as const)("from %s are those of the gradient", async (by) => {
    const [x, delta] = [numbers(tokens * inputs, 1), numbers(tokens * outputs, 50)];
    const [rows, columns] = [new Float64Array(outputs), new Float64Array(inputs)];
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        let g = 0;
        for (let n = 0; n < tokens; n++) g += (delta[n * outputs + o] ?? 0) * (x[n * inputs + i] ?? 0);
        rows[o] = (rows[o] ?? 0) + g * g;
        columns[i] = (columns[i] ?? 0) + g * g;
      }
    }
    const [byRow, byColumn] = await found(by, x, delta);
    for (const [at, sum] of rows.entries()) expect((byRow?.[at] ?? 0) / sum).toBeCloseTo(1, 4);
    for (const [at, sum] of columns.entries()) expect((byColumn?.[at] ?? 0) / sum).toBeCloseTo(1, 4);
  });

  test("short rows of wide matrices are cheaper by products, long rows by the gradient", () => {
    expect(cheaperSquares(128, [[576, 1536]])).toBe("products");
    expect(cheaperSquares(1024, [[576, 1536]])).toBe("gradient");
  });
});
