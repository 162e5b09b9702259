/** @file Compares blockwise attention with plain loops before the engine uses it. */
import { mulberry32 } from "@tunewise/core/math";
import { attentionTables, type Segment } from "../batch/attention-tables.ts";
import { differentiate } from "../gradient/differentiate.ts";
import { type AttentionShape, blockAttention } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import { laneCount } from "../jit/flash-frame.ts";
import type { FlashNumbers } from "../jit/flash-products.ts";
import { tableInputs } from "../models/layout.ts";
import type { Pointer } from "../native/library.ts";
import { cutProgram, type Program } from "../onnx/program.ts";
import { createSession, type Session } from "../runtime/session.ts";
import { type AttentionNumbers, plainAttention } from "./plain-attention.ts";

/** A prefix longer than one block, a row longer than a chunk and two blocks, and a row of a few tokens. */
const segments: readonly Segment[] = [
  { start: 0, end: 67, memory: 0 },
  { start: 67, end: 198, memory: 67 },
  { start: 198, end: 203, memory: 67 },
];
const tokens = 203;
/** Three query heads per key head; widths that are not powers of two. */
const base = { heads: 6, kvHeads: 2, scale: 0.3 };
const widths = { float32: 24, bfloat16: 96 } as const;
const cases = [
  { windows: [null, 50], cap: 0 },
  { windows: [null], cap: 3 },
] as const;
/**
 * Maximum error relative to a result's largest number: float32 sums of a few hundred terms, or factors rounded to 8
 * bits.
 */
const tolerance = { float32: 2e-5, bfloat16: 2e-2 } as const;

/** Opens programs; a test passes one that returns wrong results. */
export type Open = typeof createSession;

/** Whether results and gradients are correct for rows with and without a prefix, a window and a cap. */
export async function attentionIsRight(
  {
    numbers,
    ...options
  }: { readonly threads: number; readonly attention: Pointer; readonly numbers: FlashNumbers },
  open: Open = createSession,
): Promise<boolean> {
  try {
    for (const { windows, cap } of cases) {
      const shape = { ...base, width: widths[numbers], cap };
      const session = await open(attentionProgram(shape), options);
      try {
        for (const window of windows)
          if (!(await isRight(session, window, shape, tolerance[numbers]))) return false;
      } finally {
        await session.close();
      }
    }
    return true;
  } catch {
    return false;
  }
}

function agree(found: Float32Array, expected: Float64Array, limit: number): boolean {
  const scale = expected.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return found.every((one, at) => Math.abs(one - (expected[at] as number)) <= limit * scale);
}

/** A program with attention and its gradients. Outputs: `mixed`, and from `gradient`: `g.query`, `g.key`, `g.value`. */
export function attentionProgram(shape: AttentionShape): Program {
  const graph = new Graph();
  const { heads, kvHeads, width } = shape;
  const [query, key, value] = (["query", "key", "value"] as const).map((name) =>
    graph.input(name, ["N", (name === "query" ? heads : kvHeads) * width]),
  ) as [Value, Value, Value];
  const mixed = blockAttention([query, key, value], tableInputs(graph), shape);
  const gradient = graph.input("gradient", mixed.shape);
  const found = differentiate(new Map([[mixed, gradient]]), [query, key, value]);
  const outputs = [query, key, value].map((one) => [`g.${one.name}`, found.get(one) as Value] as const);
  return cutProgram(new Map([["mixed", mixed], ...outputs]));
}

async function isRight(
  session: Session,
  window: number | null,
  shape: AttentionShape,
  limit: number,
): Promise<boolean> {
  const numbers = someNumbers(shape.width);
  const { feeds, sizes } = attentionTables(segments, laneCount, window);
  const { query, key } = numbers;
  const results = {
    mixed: new Float32Array(query.length),
    "g.query": new Float32Array(query.length),
    "g.key": new Float32Array(key.length),
    "g.value": new Float32Array(key.length),
  };
  await session.run({ N: tokens, ...sizes }, { ...numbers, ...feeds }, results);
  const expected = plainAttention(numbers, segments, window, shape);
  return (
    agree(results.mixed, expected.mixed, limit) &&
    agree(results["g.query"], expected.query, limit) &&
    agree(results["g.key"], expected.key, limit) &&
    agree(results["g.value"], expected.value, limit)
  );
}

/** Reproducible numbers between -1 and 1. */
function someNumbers(width: number): AttentionNumbers {
  const uniform = mulberry32(1);
  const random = (heads: number): Float32Array =>
    Float32Array.from({ length: tokens * heads * width }, () => 2 * uniform() - 1);
  const { heads, kvHeads } = base;
  return { query: random(heads), key: random(kvHeads), value: random(kvHeads), gradient: random(heads) };
}
