/** @file Compares paged attention with plain loops. */
import { mulberry32 } from "@tunewise/core/math";
import { type AttentionShape, pagedAttention } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { pageTokens } from "../jit/operator-kinds.ts";
import { cutProgram } from "../onnx/program.ts";
import { narrowToBFloat16, widenBFloat16 } from "../weights/index.ts";
import type { createSession } from "./session.ts";

/** Cached tokens per row: none, few, a page minus one, a page, and more; all have space for one more token. */
const lengths = [0, 3, pageTokens - 1, pageTokens, 2 * pageTokens + 1, 70];
const pages = 3;
/** Fewer than 4 query heads per key head, and more; widths that need one pass over the values, and several. */
const shapes: readonly AttentionShape[] = [
  { heads: 6, kvHeads: 2, width: 64, scale: 0.125, cap: 0 },
  { heads: 7, kvHeads: 1, width: 32, scale: 0.3, cap: 0 },
];
/** Absolute error of float32 sums of up to 71 products of numbers below 1. */
const tolerance = 2e-5;

/** Whether the operator's results match the definition for rows of these lengths. */
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
    key: graph.input("cache.key", cached, "bfloat16"),
    value: graph.input("cache.value", cached, "bfloat16"),
    lengths: graph.input("lengths", [rows], "int64"),
  };
  const outputs = new Map([["mixed", pagedAttention([query, key, value], cache, shape)]]);
  const session = await open(cutProgram(outputs), options);
  try {
    const uniform = mulberry32(1);
    const random = (count: number): Float32Array =>
      Float32Array.from({ length: count }, () => 2 * uniform() - 1);
    const cachedCount = cached.reduce((product, size) => product * size, 1);
    const given = {
      query: random(rows * heads * width),
      key: random(rows * kvHeads * width),
      value: random(rows * kvHeads * width),
    };
    const [keys, values] = [narrowToBFloat16(random(cachedCount)), narrowToBFloat16(random(cachedCount))];
    const stored = {
      "cache.key": storedIn(keys, given.key, shape),
      "cache.value": storedIn(values, given.value, shape),
    };
    const mixed = new Float32Array(rows * heads * width);
    const feeds = { ...given, "cache.key": keys, "cache.value": values };
    await session.run({}, { ...feeds, lengths: BigInt64Array.from(lengths, BigInt) }, { mixed });
    if (!isSame(keys, stored["cache.key"]) || !isSame(values, stored["cache.value"])) return false;
    const numbers = {
      query: given.query,
      "cache.key": widened(stored["cache.key"]),
      "cache.value": widened(stored["cache.value"]),
    };
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

type Numbers = Readonly<Record<"query" | "cache.key" | "cache.value", Float32Array>>;

/** Offset of a token's key or value in the cache. */
function startOf(token: number, row: number, kvHead: number, { kvHeads, width }: AttentionShape): number {
  const page = Math.floor(token / pageTokens);
  return (((page * lengths.length + row) * kvHeads + kvHead) * pageTokens + (token % pageTokens)) * width;
}

/** A copy of the cache with each row's new token appended. */
function storedIn(cache: Uint16Array, own: Float32Array, shape: AttentionShape): Uint16Array {
  const { kvHeads, width } = shape;
  const [stored, bits] = [cache.slice(), narrowToBFloat16(own)];
  for (const [row, length] of lengths.entries()) {
    for (let head = 0; head < kvHeads; head++) {
      const from = (row * kvHeads + head) * width;
      stored.set(bits.subarray(from, from + width), startOf(length, row, head, shape));
    }
  }
  return stored;
}

const isSame = (found: Uint16Array, right: Uint16Array): boolean =>
  found.every((one, at) => one === right[at]);
const widened = (bits: Uint16Array): Float32Array => widenBFloat16(new Uint8Array(bits.buffer));

/** One number of the result. @source Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1 */
function mixedAt(
  numbers: Numbers,
  shape: AttentionShape,
  { row, head, place }: { readonly row: number; readonly head: number; readonly place: number },
): number {
  const { heads, kvHeads, width, scale } = shape;
  const own = Math.floor((head * kvHeads) / heads);
  const length = lengths[row] as number;
  const from = (row * heads + head) * width;
  let [sum, mixed] = [0, 0];
  for (let token = 0; token <= length; token++) {
    let score = 0;
    const start = startOf(token, row, own, shape);
    for (let at = 0; at < width; at++)
      score += (numbers.query[from + at] as number) * (numbers["cache.key"][start + at] as number);
    const weight = Math.exp(scale * score);
    sum += weight;
    mixed += weight * (numbers["cache.value"][start + place] as number);
  }
  return mixed / sum;
}
