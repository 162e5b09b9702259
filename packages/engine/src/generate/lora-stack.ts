/**
 * @file LoRA adapters of one base, stacked, so that one pass computes rows of several adapters.
 *
 * The base's products are computed for all tokens together. For the low-rank products, tokens are gathered into a grid
 * with one line per adapter, and each line is multiplied by the matrices of its adapter:
 *
 *     tokens   0 1 2 3 4        adapter 0  [ 0 3 . ]  x A0 B0
 *     adapter  0 1 - 0 1   ──►  adapter 1  [ 1 4 . ]  x A1 B1  ──►  added to tokens 0 1 3 4
 *
 * Empty places have the scale 0. Tokens without an adapter, such as token 2, add an empty place.
 *
 * @source Sheng et al. 2023 (arXiv 2311.03285, S-LoRA), section 5: batched computation of heterogeneous adapters
 */

import type { LoraAdapter } from "../adapters/lora.ts";
import { type Architecture, isTarget, projections } from "../models/architecture.ts";
import type { TunedShape } from "../models/layer.ts";
import type { Tuned } from "../pass/loaded-model.ts";
import type { Feeds } from "../runtime/session.ts";

/** The adapters of a pass: weights, and the inputs that assign its tokens to them. */
export interface PassAdapters {
  readonly tuned: Tuned;
  readonly feeds: Feeds;
  /** G, the number of adapters, and M, the tokens per adapter. */
  readonly sizes: { readonly G: number; readonly M: number };
}

/** Assigns the tokens of a pass to adapters; `null` if none of its rows has one. */
export type RowAdapters = (lengths: readonly number[], tokens: number) => PassAdapters | null;

/** Copies of several adapters, whose own arrays are not needed afterwards. */
export class LoraStack {
  /** Number of adapters. */
  readonly count: number;
  private readonly layers: readonly StackedLayer[];
  private readonly shape: TunedShape;
  private readonly scalings: readonly number[];
  private readonly views = new Map<string, Tuned>();

  constructor(model: Architecture, adapters: readonly LoraAdapter[]) {
    this.count = adapters.length;
    const rank = Math.max(...adapters.map(({ shape }) => shape.rank));
    const chosen = projections(model).filter((one) =>
      adapters.some(({ shape }) => shape.targets.some((target) => isTarget(one, target))),
    );
    const targets = chosen.map(({ name }) => name);
    this.shape = { kind: "lora", rank, scaling: 1, dropout: false, targets, isStacked: true };
    this.scalings = adapters.map(({ shape }) => shape.scaling);
    this.layers = Array.from({ length: model.layers }, (_, layer) => {
      const ports = chosen.flatMap(({ name, inputWidth, outputWidth }) => {
        const a = { name: `${name}.A`, size: inputWidth * rank, array: new Float32Array(0) };
        const b = { name: `${name}.B`, size: outputWidth * rank, array: new Float32Array(0) };
        a.array = new Float32Array(a.size * adapters.length);
        b.array = new Float32Array(b.size * adapters.length);
        for (const [at, adapter] of adapters.entries()) {
          const own = adapter.layers[layer] ?? {};
          transposeInto(own[a.name], adapter.shape.rank, inputWidth, rank, a.array.subarray(at * a.size));
          const turned = b.array.subarray(at * b.size);
          transposeInto(own[b.name], outputWidth, adapter.shape.rank, outputWidth, turned);
        }
        return [a, b];
      });
      return ports;
    });
  }

  /** @param adapterOfRow index of each row's adapter; -1 for the base */
  rows(adapterOfRow: readonly number[]): RowAdapters {
    return (lengths, tokens) => this.pass(adapterOfRow, lengths, tokens);
  }

  private pass(
    adapterOfRow: readonly number[],
    lengths: readonly number[],
    tokens: number,
  ): PassAdapters | null {
    const used = adapterOfRow.filter((adapter, row) => adapter >= 0 && (lengths[row] as number) > 0);
    if (used.length === 0) return null;
    const first = Math.min(...used);
    const G = Math.max(...used) - first + 1;
    const counts = new Int32Array(G);
    for (const [row, length] of lengths.entries()) {
      const adapter = adapterOfRow[row] as number;
      if (adapter >= 0) counts[adapter - first] = (counts[adapter - first] as number) + length;
    }
    const longest = counts.reduce((most, count) => Math.max(most, count), 0);
    const adapted = counts.reduce((sum, count) => sum + count, 0);
    let empty = counts.findIndex((count) => count < longest);
    // tokens without an adapter need an empty place
    const M = empty < 0 && adapted < tokens ? longest + 1 : longest;
    if (empty < 0) empty = 0;
    const index = new BigInt64Array(G * M);
    const inverse = new BigInt64Array(tokens).fill(BigInt(empty * M + M - 1));
    const scales = new Float32Array(G * M);
    const filled = new Int32Array(G);
    let token = 0;
    for (const [row, length] of lengths.entries()) {
      const line = (adapterOfRow[row] as number) - first;
      for (let at = 0; at < length; at++, token++) {
        if ((adapterOfRow[row] as number) < 0) continue;
        const place = line * M + (filled[line] as number);
        filled[line] = (filled[line] as number) + 1;
        index[place] = BigInt(token);
        inverse[token] = BigInt(place);
        scales[place] = this.scalings[line + first] as number;
      }
    }
    const feeds = { "adapters.index": index, "adapters.inverse": inverse, "adapters.scales": scales };
    return { tuned: this.view(first, G), feeds, sizes: { G, M } };
  }

  /** Weights of adjacent adapters. */
  private view(first: number, count: number): Tuned {
    const key = `${first} ${count}`;
    const known = this.views.get(key);
    if (known) return known;
    const layers = this.layers.map((ports) =>
      Object.fromEntries(
        ports.map(({ name, size, array }) => [name, array.subarray(first * size, (first + count) * size)]),
      ),
    );
    const made = { layers, root: {}, isWhole: () => false, forwardShape: this.shape };
    this.views.set(key, made);
    return made;
  }
}

/** Weights of all adapters by port: `q_proj.A` `[G, in, R]` and `q_proj.B` `[G, R, out]`. */
type StackedLayer = readonly {
  readonly name: string;
  /** Values per adapter. */
  readonly size: number;
  readonly array: Float32Array;
}[];

/**
 * Writes the transposed matrix; a target that an adapter lacks, and ranks beyond its own, stay 0.
 *
 * @param from `[rows, columns]`, or `undefined`
 * @param width of a row of `into`
 */
function transposeInto(
  from: Float32Array | undefined,
  rows: number,
  columns: number,
  width: number,
  into: Float32Array,
): void {
  if (!from) return;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      into[column * width + row] = from[row * columns + column] as number;
    }
  }
}
