/**
 * @file Blockwise attention with standard operators, for machines that cannot run the machine code.
 *
 * Each block of queries is one run of a small program over the keys that it attends to, so that only one block's
 * scores exist at a time.
 */
import type { Segment } from "../batch/attention-tables.ts";
import { differentiate } from "../gradient/differentiate.ts";
import { joinHeads, splitHeads } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import { lookAt, type Scoring } from "../models/attention.ts";
import { cutProgram, type Program } from "../onnx/program.ts";
import { addInto } from "../pass/add-into.ts";
import { openSession, type Session } from "../runtime/session.ts";
import type { AttentionNumbers } from "./plain-attention.ts";

/** Maximum scores per block: 64 MB; a gradient holds a few copies. */
const maxScores = 1 << 24;
/** Maximum queries per block: in longer blocks the causal mask would discard much of the work. */
const maxQueries = 256;

/** Added to scores of masked positions; far below any score. */
const hidden = -1e30;

/** The rows of a run, and the sliding window: the number of keys that a query attends to, itself included. */
export interface Rows {
  readonly segments: readonly Segment[];
  readonly window: number;
}

/** The forward and gradient programs of one head shape. */
export class BlockPrograms {
  private readonly scoring: Scoring;
  private readonly forward: Session;
  private readonly backward: Session;

  /** @throws {TunewiseError} `ENGINE_RUNTIME_FAILED` */
  constructor(scoring: Scoring, threads: number) {
    this.scoring = scoring;
    this.forward = openSession(blockProgram(scoring, "forward"), { threads });
    this.backward = openSession(blockProgram(scoring, "gradient"), { threads });
  }

  /** The result `[N, H*E]` of `query` `[N, H*E]`, `key` and `value` `[N, K*E]`. */
  mix(given: Omit<AttentionNumbers, "gradient">, rows: Rows): Float32Array {
    const mixed = new Float32Array(given.query.length);
    for (const block of this.blocks(rows)) {
      const inputs = this.inputsOf(block, given, rows.window);
      this.forward.runNow(sizesOf(block), inputs, { mixed: this.queriesOf(block, mixed) });
    }
    return mixed;
  }

  /** The gradients of queries, keys and values, given the result's gradient. */
  gradients(given: AttentionNumbers, rows: Rows): Omit<AttentionNumbers, "gradient"> {
    const query = new Float32Array(given.query.length);
    const [key, value] = [new Float32Array(given.key.length), new Float32Array(given.key.length)];
    for (const block of this.blocks(rows)) {
      const inputs = this.inputsOf(block, given, rows.window);
      const gradient = this.queriesOf(block, given.gradient);
      const length = inputs.key.length;
      const found = { "g.key": new Float32Array(length), "g.value": new Float32Array(length) };
      const outputs = { ...found, "g.query": this.queriesOf(block, query) };
      this.backward.runNow(sizesOf(block), { ...inputs, gradient }, outputs);
      this.addKeys(block, key, found["g.key"]);
      this.addKeys(block, value, found["g.value"]);
    }
    return { query, key, value };
  }

  /** Splits the queries into blocks, each as long as the limits on queries and scores allow. */
  private *blocks({ segments, window }: Rows): Generator<QueryBlock> {
    for (const { start, end, memory } of segments) {
      for (let first = start; first < end; ) {
        const seen = Math.min(memory + end - start, window + maxQueries);
        const most = Math.max(1, Math.min(maxQueries, Math.floor(maxScores / (this.scoring.heads * seen))));
        const count = Math.min(most, end - first);
        const shift = memory - start;
        const far = Math.min(memory, Math.max(0, first + shift - window + 1));
        const near = Math.max(start, first - window + 1);
        yield { first, count, far: [far, memory], near: [near, first + count], shift };
        first += count;
      }
    }
  }

  private inputsOf(
    block: QueryBlock,
    { query, key, value }: Omit<AttentionNumbers, "gradient">,
    window: number,
  ): Record<"query" | "key" | "value" | "mask", Float32Array> {
    return {
      query: this.queriesOf(block, query),
      key: this.keysOf(block, key),
      value: this.keysOf(block, value),
      mask: maskOf(block, window),
    };
  }

  private queriesOf({ first, count }: QueryBlock, numbers: Float32Array): Float32Array {
    const width = this.scoring.heads * this.scoring.headWidth;
    return numbers.subarray(first * width, (first + count) * width);
  }

  private keysOf({ far, near }: QueryBlock, numbers: Float32Array): Float32Array {
    const width = this.scoring.kvHeads * this.scoring.headWidth;
    const own = numbers.subarray(near[0] * width, near[1] * width);
    if (lengthOf(far) === 0) return own;
    const all = new Float32Array((lengthOf(far) + lengthOf(near)) * width);
    all.set(numbers.subarray(far[0] * width, far[1] * width));
    all.set(own, lengthOf(far) * width);
    return all;
  }

  private addKeys({ far, near }: QueryBlock, sum: Float32Array, part: Float32Array): void {
    const width = this.scoring.kvHeads * this.scoring.headWidth;
    const split = lengthOf(far) * width;
    addInto(sum.subarray(far[0] * width, far[1] * width), part.subarray(0, split));
    addInto(sum.subarray(near[0] * width, near[1] * width), part.subarray(split));
  }
}

type Span = readonly [from: number, to: number];

/** A block of queries and the keys it attends to: `far` in the prefix, `near` in its own row. */
interface QueryBlock {
  readonly first: number;
  readonly count: number;
  readonly far: Span;
  readonly near: Span;
  /** Added to the difference of flat positions to get the distance from a query to a key of the prefix. */
  readonly shift: number;
}

const lengthOf = ([from, to]: Span): number => to - from;

function sizesOf({ count, far, near }: QueryBlock): { readonly L: number; readonly M: number } {
  return { L: count, M: lengthOf(far) + lengthOf(near) };
}

/** `[1, 1, 1, count, keys]` */
function maskOf({ first, count, far, near, shift }: QueryBlock, window: number): Float32Array {
  const keys = lengthOf(far) + lengthOf(near);
  const mask = new Float32Array(count * keys);
  for (let row = 0; row < count; row++) {
    const query = first + row;
    for (let at = 0; at < keys; at++) {
      const distance =
        at < lengthOf(far) ? query + shift - far[0] - at : query - near[0] - (at - lengthOf(far));
      if (distance < 0 || distance >= window) mask[row * keys + at] = hidden;
    }
  }
  return mask;
}

function blockProgram(scoring: Scoring, kind: "forward" | "gradient"): Program {
  const graph = new Graph();
  const { heads, kvHeads, headWidth } = scoring;
  const query = graph.input("query", ["L", heads * headWidth]);
  const [key, value] = ["key", "value"].map((name) => graph.input(name, ["M", kvHeads * headWidth])) as [
    Value,
    Value,
  ];
  const mask = graph.input("mask", [1, 1, 1, "L", "M"]);
  const split = (x: Value): Value => splitHeads(x, 1, "M", kvHeads, headWidth);
  const seen = { key: split(key), value: split(value), length: "M", mask };
  const mixed = lookAt(splitHeads(query, 1, "L", heads, headWidth), [seen], 1, "L", scoring);
  const joined = joinHeads(mixed, 1, "L", heads, headWidth);
  if (kind === "forward") return cutProgram(new Map([["mixed", joined]]));
  const gradient = graph.input("gradient", joined.shape);
  const found = differentiate(new Map([[joined, gradient]]), [query, key, value]);
  return cutProgram(new Map([query, key, value].map((one) => [`g.${one.name}`, found.get(one) as Value])));
}
