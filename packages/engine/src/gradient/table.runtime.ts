/** Checks every row of the gradient table against finite differences, and every lowering against its definition. */
import { describe, expect, test } from "vitest";
import { chooseAttention } from "../attention/choose.ts";
import { attentionTables } from "../batch/attention-tables.ts";
import * as build from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { type Dim, elementCount, evaluateShape } from "../graph/shape.ts";
import type { OperationName, Value } from "../graph/value.ts";
import { laneCount } from "../jit/flash-frame.ts";
import { cutProgram } from "../onnx/program.ts";
import { createSession, type Numbers } from "../runtime/session.ts";
import { differentiate } from "./differentiate.ts";
import { gradients } from "./table.ts";

interface Case {
  readonly shapes: readonly (readonly Dim[])[];
  readonly make: (...inputs: Value[]) => Value;
  /** Values of the int64 inputs, which follow the float inputs. */
  readonly indices?: readonly (readonly number[])[];
  readonly positive?: boolean;
}

const { operators } = await chooseAttention({ headWidth: 8 }, 1);

const binding = { N: 3, B: 2, T: 4, P: 2 };

const cases: Partial<Record<OperationName, readonly Case[]>> = {
  add: [{ shapes: [["N", 4], [4]], make: build.add }],
  subtract: [
    {
      shapes: [
        ["N", 1],
        ["N", 4],
      ],
      make: build.subtract,
    },
  ],
  multiply: [
    {
      shapes: [
        ["N", 4],
        ["N", 4],
      ],
      make: build.multiply,
    },
    {
      shapes: [
        ["N", 4],
        [1, 4],
      ],
      make: build.multiply,
    },
  ],
  gemm: [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      shapes: [transposeA ? [5, "N"] : ["N", 5], transposeB ? [6, 5] : [5, 6], ["N", 6]],
      make: (a: Value, b: Value, c: Value) => build.gemm(a, b, { transposeA, transposeB, alpha: 0.7 }, c),
    })),
  ),
  matmul: [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      shapes: [transposeA ? ["B", 2, 5, "T"] : ["B", 2, "T", 5], transposeB ? [1, 2, 3, 5] : [1, 2, 5, 3]],
      make: (a: Value, b: Value) => build.matmul(a, b, { transposeA, transposeB, alpha: 0.7 }),
    })),
  ),
  reshape: [{ shapes: [["B", "T", 6]], make: (x) => build.reshape(x, ["B", "T", 2, 3]) }],
  transpose: [{ shapes: [["B", "T", 2, 3]], make: (x) => build.transpose(x, [2, 0, 3, 1]) }],
  softmax: [{ shapes: [["N", 5]], make: build.softmax }],
  attention: [
    {
      shapes: [
        ["B", 2, "T", "P"],
        ["B", 2, "P", 3],
      ],
      make: (s, v) => build.attention(s, [v]),
    },
    {
      shapes: [
        ["B", 2, "T", "P+T"],
        [1, 2, "P", 3],
        ["B", 2, "T", 3],
      ],
      make: (s, near, far) => build.attention(s, [near, far]),
    },
  ],
  "block-attention": [
    {
      shapes: [
        ["N", 16],
        ["N", 8],
        ["N", 8],
      ],
      make: (q, k, v) => inBlocks(q, k, v, 0),
    },
    {
      shapes: [
        ["N", 16],
        ["N", 8],
        ["N", 8],
      ],
      make: (q, k, v) => inBlocks(q, k, v, 2),
    },
  ],
  "rms-norm": [{ shapes: [["N", 5], [5]], make: (x, w) => build.rmsNorm(x, w, 1e-3) }],
  silu: [{ shapes: [["N", 5]], make: (x) => build.elementwise("silu", x) }],
  gelu: [{ shapes: [["N", 5]], make: (x) => build.elementwise("gelu", x) }],
  exponential: [{ shapes: [["N", 5]], make: (x) => build.elementwise("exponential", x) }],
  erf: [{ shapes: [["N", 5]], make: (x) => build.elementwise("erf", x) }],
  largest: [{ shapes: [["N", 5]], make: (x) => build.multiply(x, build.largest(x, 2)) }],
  center: [{ shapes: [["N", 5]], make: build.center }],
  "gelu-tanh": [{ shapes: [["N", 5]], make: (x) => build.elementwise("gelu-tanh", x) }],
  sigmoid: [{ shapes: [["N", 5]], make: (x) => build.elementwise("sigmoid", x) }],
  tanh: [{ shapes: [["N", 5]], make: (x) => build.elementwise("tanh", x) }],
  log: [{ shapes: [["N", 5]], make: (x) => build.elementwise("log", x), positive: true }],
  reciprocal: [{ shapes: [["N", 5]], make: (x) => build.elementwise("reciprocal", x), positive: true }],
  "square-root": [{ shapes: [["N", 5]], make: (x) => build.elementwise("square-root", x), positive: true }],
  rotate: [
    {
      // cosines and sines have no gradient, so they are computed from constants, one row per row of x
      shapes: [["N", 8]],
      make: (x) => build.rotate(x, angles(x, Math.cos), angles(x, Math.sin), 2),
    },
    {
      // rotates four of six elements
      shapes: [["N", 12]],
      make: (x) => build.rotate(x, angles(x, Math.cos), angles(x, Math.sin), 2),
    },
  ],
  "take-rows": [
    {
      shapes: [["N", 4]],
      indices: [
        [2, 0, 1],
        [1, 2, 0],
      ],
      make: (x, index, inverse) => build.takeRows(x, index as Value, inverse),
    },
  ],
  concat: [
    {
      shapes: [
        ["B", "P"],
        ["B", "T"],
      ],
      make: (a, b) => build.concat([a, b, a], 1),
    },
  ],
  slice: [{ shapes: [["B", "P+T"]], make: (x) => build.slice(x, 1, "P", "T", 0) }],
  pad: [{ shapes: [["B", "T"]], make: (x) => build.pad(x, 1, "P", 1) }],
};

describe("every row of the gradient table agrees with finite differences", () => {
  for (const op of Object.keys(gradients) as OperationName[]) {
    const rows = cases[op];
    // not every processor supports these operators; tests in jit/ compare them with others
    if (op === "narrow" || op === "widen" || op === "bf16-product" || op.startsWith("swiglu")) continue;
    if (!rows) {
      test(`${op} refuses to be differentiated`, () => {
        const graph = new Graph();
        const x = graph.input("x", [2, 2]);
        const norm = build.rmsNorm(x, graph.input("w", [2]), 1e-3);
        // attention operations would need more inputs to be built
        const y = op.includes("attention")
          ? x
          : op === "take-along"
            ? graph.apply(op, [x, graph.constant([0, 1], [2, 1], "int64")])
            : graph.apply(op, [op === "inverse-rms" ? norm : x], { axis: 1 });
        expect(() => gradients[op](y, y)).toThrow("has no gradient");
      });
      continue;
    }
    test.each(rows.map((row, index) => [`${op} ${index}`, row] as const))("%s", async (_, row) => {
      await compareWithDifferences(row);
    });
  }
});

async function compareWithDifferences(row: Case): Promise<void> {
  const graph = new Graph();
  const inputs = row.shapes.map((shape, index) => graph.input(`x${index}`, shape));
  const indices = (row.indices ?? []).map((values, index) =>
    graph.input(`i${index}`, [values.length], "int64"),
  );
  const y = row.make(...inputs, ...indices);
  const g = graph.input("g", y.shape);
  const found = differentiate(new Map([[y, g]]), inputs);
  const outputs = new Map<string, Value>([["y", y]]);
  for (const [index, input] of inputs.entries()) outputs.set(`d${index}`, found.get(input) as Value);
  const session = await createSession(cutProgram(outputs), { threads: 1, attention: operators });

  const random = numbers(row.positive === true);
  const feeds: Record<string, Numbers> = { g: random(count(y.shape)) };
  inputs.forEach((input, index) => {
    feeds[`x${index}`] = random(count(input.shape));
  });
  (row.indices ?? []).forEach((values, index) => {
    feeds[`i${index}`] = BigInt64Array.from(values, BigInt);
  });
  const results = (): Record<string, Float32Array> =>
    Object.fromEntries([...outputs].map(([name, value]) => [name, new Float32Array(count(value.shape))]));
  const base = results();
  await session.run(binding, feeds, base);

  const step = 5e-3;
  for (const [index] of inputs.entries()) {
    const x = feeds[`x${index}`] as Float32Array;
    for (let element = 0; element < x.length; element++) {
      const kept = x[element] as number;
      const side = async (amount: number): Promise<number> => {
        x[element] = kept + amount;
        const moved = results();
        await session.run(binding, feeds, moved);
        x[element] = kept;
        return dot(moved["y"] as Float32Array, feeds["g"] as Float32Array);
      };
      const slope = ((await side(step)) - (await side(-step))) / (2 * step);
      const gradient = base[`d${index}`]?.[element] as number;
      expect(
        Math.abs(gradient - slope),
        `input ${index} element ${element}: ${gradient} against ${slope}`,
      ).toBeLessThan(2e-3 * (1 + Math.abs(slope)));
    }
  }
  await session.close();
}

/** Two query heads per key head. */
function inBlocks(query: Value, key: Value, value: Value, cap: number): Value {
  const { feeds } = attentionTables([{ start: 0, end: binding.N, memory: 0 }], laneCount, 2);
  const table = (name: string, columns: number): Value => {
    const numbers = Array.from(feeds[`rows.${name}`] as BigInt64Array, Number);
    return query.graph.constant(numbers, [numbers.length / columns, columns], "int64");
  };
  const tables = {
    window: table("window", 1),
    segments: table("segments", 3),
    queryBlocks: table("query.blocks", 4),
    querySpans: table("query.spans", 3),
    keyBlocks: table("key.blocks", 4),
    keySpans: table("key.spans", 3),
  };
  const shape = { heads: 2, kvHeads: 1, width: 8, scale: 0.4, cap };
  return build.blockAttention([query, key, value], tables, shape);
}

function angles(x: Value, wave: (angle: number) => number): Value {
  return x.graph.constant(
    Array.from({ length: binding.N * 2 }, (_, index) => wave(index + 1)),
    [binding.N, 2],
  );
}

function numbers(positive: boolean): (length: number) => Float32Array {
  let state = 12345;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
  return (length) => Float32Array.from({ length }, () => (positive ? 0.5 + next() : 2 * next() - 1));
}

const count = (shape: readonly Dim[]): number => elementCount(evaluateShape(shape, binding));
const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
