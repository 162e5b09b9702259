/** @file The operators on this machine; skipped with a count where the processor has none. */
import { describe, expect, test } from "vitest";
import { differentiate } from "../gradient/differentiate.ts";
import { bf16Product, gemm } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import { cutProgram } from "../onnx/program.ts";
import { createSession } from "../runtime/session.ts";
import { operatorDomain } from "./operators.ts";
import { hasRightProducts, productsAreRight } from "./self-test.ts";

const here = operatorDomain() !== null;

describe.skipIf(!here)("products in bfloat16", () => {
  test("agree with loops on one and two threads", async () => {
    expect(await hasRightProducts(2)).toBe(true);
    expect(await productsAreRight({ threads: 1 })).toBe(true);
  });

  test("have the gradients of products in float32", async () => {
    const [n, inner, columns] = [5, 128, 64];
    const run = async (isBf16: boolean): Promise<Record<string, Float32Array>> => {
      const graph = new Graph();
      const [x, w, start] = [
        graph.input("x", [n, inner]),
        graph.input("w", [columns, inner]),
        graph.input("start", [n, columns]),
      ];
      const y = isBf16
        ? bf16Product(x, { values: w }, { transposeB: true }, { addend: start })
        : gemm(x, w, { transposeB: true }, start);
      // x is used twice, so that its gradients are added up
      const z = isBf16
        ? bf16Product(y, { values: w }, { transposeB: false }, { addend: x })
        : gemm(y, w, {}, x);
      const seed = graph.input("seed", [n, inner]);
      const found = differentiate(new Map([[z, seed]]), [x, w, start]);
      const outputs = [x, w, start].map((one): [string, Value] => [`g.${one.name}`, found.get(one) as Value]);
      const session = await createSession(cutProgram(new Map([["z", z], ...outputs])), { threads: 1 });
      const wave = (count: number, step: number): Float32Array =>
        Float32Array.from({ length: count }, (_, at) => Math.sin(at * step));
      const feeds = { x: wave(n * inner, 0.7), w: wave(columns * inner, 1.3), start: wave(n * columns, 0.3) };
      const results = {
        ...{ z: new Float32Array(n * inner), "g.x": new Float32Array(n * inner) },
        ...{ "g.w": new Float32Array(columns * inner), "g.start": new Float32Array(n * columns) },
      };
      await session.run({}, { ...feeds, seed: wave(n * inner, 2.1) }, results);
      await session.close();
      return results;
    };
    const [found, expected] = [await run(true), await run(false)];
    for (const [name, values] of Object.entries(expected)) {
      const scale = Math.max(...values.map(Math.abs));
      const errors = values.map((one, at) => Math.abs(one - (found[name]?.[at] as number)));
      expect(Math.max(...errors) / scale, name).toBeLessThan(0.04);
      expect(scale, name).toBeGreaterThan(0.1);
    }
  });

  test("are not trusted where one number of many is wrong", async () => {
    const wrong: typeof createSession = async (program, options) => {
      const session = await createSession(program, options);
      return {
        ...session,
        run: async (binding, inputs, outputs) => {
          await session.run(binding, inputs, outputs);
          const gx = outputs["gx"] as Float32Array;
          gx[gx.length - 1] = (gx[gx.length - 1] as number) + 1000;
        },
      };
    };
    expect(await productsAreRight({ threads: 1 }, wrong)).toBe(false);
  });
});
