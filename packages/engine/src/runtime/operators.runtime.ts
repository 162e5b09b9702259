/** @file Tests the engine's own operators on this machine; skipped if the processor does not support them. */
import { describe, expect, test } from "vitest";
import { differentiate } from "../gradient/differentiate.ts";
import { bf16Product, gemm } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import { operatorDomain } from "../jit/operators.ts";
import { cutProgram } from "../onnx/program.ts";
import { productsAreRight, whyNotBf16 } from "./self-test.ts";
import { createSession } from "./session.ts";

const here = operatorDomain() !== null;

describe.skipIf(!here)("products in bfloat16", () => {
  test("agree with loops on one and two threads", async () => {
    expect(await whyNotBf16(2)).toBe(null);
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
      // x is used twice, so that its gradient is a sum of two
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
        z: new Float32Array(n * inner),
        "g.x": new Float32Array(n * inner),
        "g.w": new Float32Array(columns * inner),
        "g.start": new Float32Array(n * columns),
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

  test("are not trusted where one number of any result is wrong", async () => {
    // runs the self-test once per result, each time with another result corrupted
    const results = new Set<string>();
    const runWith = async (wrongName: string | null): Promise<boolean> =>
      productsAreRight({ threads: 1 }, async (program, options) => {
        const session = await createSession(program, options);
        return {
          ...session,
          run: async (binding, inputs, outputs) => {
            await session.run(binding, inputs, outputs);
            for (const name of Object.keys(outputs)) results.add(name);
            const numbers = outputs[wrongName ?? ""] as Float32Array | undefined;
            if (numbers) numbers[numbers.length - 1] = (numbers.at(-1) as number) + 1000;
          },
        };
      });
    expect(await runWith(null)).toBe(true);
    expect(results.size).toBe(24 + 3 + 2 + 1);
    for (const name of results) expect(await runWith(name), name).toBe(false);
  });

  test("of no rows are empty, and their thin products zero", async () => {
    const graph = new Graph();
    const [x, w, low] = [graph.input("x", [0, 128]), graph.input("w", [64, 128]), graph.input("low", [0, 8])];
    const outputs = new Map([
      ["y", bf16Product(x, { values: w }, { transposeB: true })],
      ["thin", gemm(x, low, { transposeA: true, thin: true })],
    ]);
    const session = await createSession(cutProgram(outputs), { threads: 2 });
    const found = { y: new Float32Array(0), thin: new Float32Array(128 * 8).fill(7) };
    const none = new Float32Array(0);
    await session.run({}, { x: none, w: new Float32Array(64 * 128), low: none }, found);
    await session.close();
    expect(found.thin.every((one) => one === 0)).toBe(true);
  });
});
