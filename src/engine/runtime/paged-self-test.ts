/** @file Compares attention to pages with plain loops. */
import { mulberry32 } from "../../math/index.ts";
import { type AttentionShape, pagedAttention } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { pageTokens } from "../jit/operator-kinds.ts";
import { cutProgram } from "../onnx/program.ts";
import type { createSession } from "./session.ts";

/** No cached token, few, a page but one, whole pages, and more. */
const lengths = [0, 3, pageTokens - 1, pageTokens, 2 * pageTokens + 1, 70];
const pages = 3;
/** Heads that fill no group of 4, and more than one; widths of one pass over the values, and of several. */
const shapes: readonly AttentionShape[] = [
  { heads: 6, kvHeads: 2, width: 64, scale: 0.125, cap: 0 },
  { heads: 7, kvHeads: 1, width: 32, scale: 0.3, cap: 0 },
];
/** Of sums of up to 72 products of numbers below 1, in float32. */
const tolerance = 2e-5;

/** Whether rows of these lengths are attended to as the definition says. */
export async function pagedAttentionIsRight(
  options: { readonly threads: number },
  open: typeof createSession,
): Promise<boolean> {
  for (const shape of shapes) if (!(await isRight(shape, options, open))) return false;
  return true;
}

async function isRight(
  shape: AttentionShape,
  options: { readonly threads: number },
  open: typeof createSession,
): Promise<boolean> {
  const { heads, kvHeads, width } = shape;
  const rows = lengths.length;
  const graph = new Graph();
  const [query, key, value] = [
    graph.input("query", [rows, heads * width]),
    graph.input("key", [rows, kvHeads * width]),
    graph.input("value", [rows, kvHeads * width]),
  ];
  const cached = [pages, rows, kvHeads, pageTokens, width];
  const cache = {
    key: graph.input("cache.key", cached),
    value: graph.input("cache.value", cached),
    lengths: graph.input("lengths", [rows], "int64"),
  };
  const outputs = new Map([["mixed", pagedAttention([query, key, value], cache, shape)]]);
  const session = await open(cutProgram(outputs), options);
  try {
    const uniform = mulberry32(1);
    const random = (count: number): Float32Array =>
      Float32Array.from({ length: count }, () => 2 * uniform() - 1);
    const cachedCount = cached.reduce((product, size) => product * size, 1);
    const numbers = {
      query: random(rows * heads * width),
      ...{ key: random(rows * kvHeads * width), value: random(rows * kvHeads * width) },
      ...{ "cache.key": random(cachedCount), "cache.value": random(cachedCount) },
    };
    const mixed = new Float32Array(rows * heads * width);
    await session.run({}, { ...numbers, lengths: BigInt64Array.from(lengths, BigInt) }, { mixed });
    return mixed.every((found, at) => {
      const [row, head, place] = [
        Math.floor(at / (heads * width)),
        Math.floor(at / width) % heads,
        at % width,
      ];
      const right = mixedAt(numbers, shape, { row, head, place });
      return Math.abs(found - right) <= tolerance;
    });
  } finally {
    await session.close();
  }
}

type Numbers = Readonly<Record<"query" | "key" | "value" | "cache.key" | "cache.value", Float32Array>>;

/** One number of the result. @source Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1 */
function mixedAt(
  numbers: Numbers,
  { heads, kvHeads, width, scale }: AttentionShape,
  { row, head, place }: { readonly row: number; readonly head: number; readonly place: number },
): number {
  const own = Math.floor((head * kvHeads) / heads);
  const length = lengths[row] as number;
  /** Where a token's key or value begins: in the cache, or that of the new token. */
  const startOf = (token: number): number => {
    if (token === length) return (row * kvHeads + own) * width;
    const page = Math.floor(token / pageTokens);
    return (((page * lengths.length + row) * kvHeads + own) * pageTokens + (token % pageTokens)) * width;
  };
  const of = (name: "key" | "value", token: number): Float32Array =>
    numbers[token === length ? name : (`cache.${name}` as const)];
  const from = (row * heads + head) * width;
  let [sum, mixed] = [0, 0];
  for (let token = 0; token <= length; token++) {
    let score = 0;
    for (let at = 0; at < width; at++)
      score += (numbers.query[from + at] as number) * (of("key", token)[startOf(token) + at] as number);
    const weight = Math.exp(scale * score);
    sum += weight;
    mixed += weight * (of("value", token)[startOf(token) + place] as number);
  }
  return mixed / sum;
}
