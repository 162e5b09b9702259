/**
 * @file One decoder layer as a graph: attention and feed-forward with residuals, for every family.
 *
 *     x ─(norm)─ q k v ─ rotate ─ attend ─ o ─(norm)─ + ─(norm)─ gate · up ─ down ─(norm)─ +
 *     └───────────────────────────────────────────────┘ └────────────────────────────────────┘
 */

import type { Role } from "../families/index.ts";
import {
  add,
  addTo,
  attentionStatistics,
  bf16Product,
  canBeThin,
  concat,
  elementwise,
  gemm,
  largest,
  matmul,
  multiply,
  narrow,
  reshape,
  rmsNorm,
  rotate,
  scale,
  slice,
  softmax,
  swiglu,
  takeRows,
  withMore,
} from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Dim } from "../graph/shape.ts";
import type { ElementType, Value } from "../graph/value.ts";
import { nf4Block } from "../weights/index.ts";
import {
  type Architecture,
  type Experts,
  expertPaths,
  isTarget,
  type Projection,
  projections,
  routerPath,
} from "./architecture.ts";
import { attend, attendGrown, attentionsIn, growPast } from "./attention.ts";
import { allTokens, type Layout, type LayoutInputs, layoutInputs } from "./layout.ts";
import { float32Inputs, isBf16, type MatrixInputs, scalesOf } from "./matrix-format.ts";
import { normalize } from "./normalize.ts";
import type { SquaresBy } from "./squares.ts";

/** Shape of a LoRA adapter: rank, scale, and the projections it targets. */
export interface LoraShape {
  readonly rank: number;
  /** alpha / R, or alpha / sqrt(R) with rsLoRA. */
  readonly scaling: number;
  readonly dropout: boolean;
  /** Names such as `q_proj`. */
  readonly targets: readonly string[];
  /** Whether tokens have different adapters, of a stack of G; see `generate/lora-stack.ts`. Without gradients. */
  readonly isStacked?: true;
}

/** The trained parts of a layer: low-rank updates, or full weights by name. */
export type TunedShape =
  | ({ readonly kind: "lora" } & LoraShape)
  | {
      readonly kind: "full";
      readonly trained: readonly string[];
      /** Replaces a matrix's gradient by the sums of its squares: ports `<name>.rows` and `<name>.columns`. */
      readonly squares?: SquaresBy;
    };

/** A layer's graph, with the values at which it is cut into programs. */
export interface LayerGraph {
  readonly graph: Graph;
  readonly x: Value;
  readonly y: Value;
  /** Names of the frozen weight inputs, such as `self_attn.q_proj.weight`. */
  readonly weights: readonly string[];
  /** Trained inputs by name: `q_proj.A` and `q_proj.B`, or `self_attn.q_proj.weight`. */
  readonly trained: ReadonlyMap<string, Value>;
  /** Expensive activations, worth retaining for the backward pass, by their names in the memory plan. */
  readonly kept: ReadonlyMap<string, Value>;
  /** Input of each projection, by path: `[N, I]`; projections of the same input share it. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** Rotated keys, and values, of the layer's own tokens for a KV cache: `[N, K*E]`; with a past, `[B, K, C+T, E]`. */
  readonly key: Value;
  readonly value: Value;
}

/** Name prefix of retained attention weights, which grow with the square of a row's length. */
export const weightsPrefix = "weights.";

/**
 * Builds one layer.
 *
 * @param inputs format in which frozen matrices are passed
 */
export function buildLayer(
  model: Architecture,
  layout: Layout,
  tuned: TunedShape | null,
  inputs: MatrixInputs = float32Inputs,
): LayerGraph {
  const layer = new LayerBuilder(model, layout, tuned, inputs);
  const { graph, kept } = layer;
  const x = graph.input("x", [allTokens(layout), model.hidden]);
  const { mixed, key, value } = layer.attention(x);
  const middle = layer.keep("middle", addTo(x, mixed));
  const y = addTo(middle, layer.feedForward(model.parallel ? x : middle));
  const { weights, trained } = layer;
  return { graph, x, y, weights, trained, kept, inputs: layer.inputs, key, value };
}

/** Inputs that assign tokens to the adapters of a stack. */
interface StackInputs {
  /** The token of each place, `[G*M]`. */
  readonly index: Value;
  /** The place of each token, `[N]`. */
  readonly inverse: Value;
  /** `[G, M, 1]` */
  readonly scales: Value;
}

class LayerBuilder {
  readonly graph: Graph = new Graph();
  readonly kept: Map<string, Value> = new Map();
  readonly trained: Map<string, Value> = new Map();
  readonly weights: string[] = [];
  readonly inputs: Map<string, Value> = new Map();
  private readonly model: Architecture;
  private readonly given: MatrixInputs;
  private readonly byPath: ReadonlyMap<string, Projection>;
  private readonly tokens: Dim;
  private readonly batch: LayoutInputs;
  private readonly lora: LoraShape | null;
  private readonly trainedNames: ReadonlySet<string>;
  private stack: StackInputs | null = null;

  constructor(model: Architecture, layout: Layout, tuned: TunedShape | null, given: MatrixInputs) {
    this.model = model;
    this.given = given;
    this.byPath = new Map(projections(model).map((one) => [one.path, one]));
    this.tokens = allTokens(layout);
    this.batch = layoutInputs(this.graph, layout, model);
    this.lora = tuned?.kind === "lora" ? tuned : null;
    this.trainedNames = new Set(tuned?.kind === "full" ? tuned.trained : []);
  }

  keep(name: string, value: Value): Value {
    this.kept.set(name, value);
    return value;
  }

  attention(x: Value): { mixed: Value; key: Value; value: Value } {
    const { model, tokens, graph } = this;
    const { before, after } = model.norms.attention;
    const pairs = (model.ropes[0]?.width ?? 0) / 2;
    const table = (name: string): Value => graph.input(name, [tokens, pairs]);
    const angles = pairs === 0 ? null : ([table("cosine"), table("sine")] as const);
    const [q, k, v] = this.linear(this.norm(x, before), "query", "key", "value");
    const query = this.headed("q", q, model.heads, angles);
    const own = { query, key: this.headed("k", k, model.kvHeads, angles), value: this.keep("v", v) };
    const grown = this.batch.layout.memory === "past" ? growPast(own, this.batch, model) : null;
    const { key, value } = grown ?? own;
    const seen = grown ? attendGrown(query, grown, this.batch, model) : attend(own, this.batch, model);
    for (const [at, one] of attentionsIn(seen).entries()) {
      this.keep(`attended.${at}`, one);
      const [, , weights] = one.inputs;
      if (weights) this.keep(`${weightsPrefix}${at}`, weights);
    }
    if (seen.op === "block-attention") {
      this.keep("attended", seen);
      this.keep("statistics", attentionStatistics(seen));
    }
    const [out] = this.linear(seen, "output");
    return { mixed: this.residual(after === null ? out : this.norm(this.keep("o", out), after)), key, value };
  }

  feedForward(x: Value): Value {
    const { model } = this;
    const { before, after } = model.norms.feedForward;
    if (model.experts) return this.residual(this.mixture(this.norm(x, before), model.experts));
    const [gate, up] = this.linear(this.norm(x, before), "gate", "up");
    // retained in the format in which they are read: bfloat16 takes half the memory
    const asRead = (value: Value): Value => (gate && this.isFused(gate) ? narrow(value) : value);
    this.keep("gate", asRead(gate ?? up));
    if (gate) this.keep("up", asRead(up));
    const mixed = gate ? this.gated(gate, up) : elementwise(model.activation, up);
    const [out] = this.linear(mixed, "down");
    return this.residual(after === null ? out : this.norm(this.keep("down", out), after));
  }

  /**
   * Mixture of experts: each expert computes all tokens, and its results are multiplied by its weights, most of which
   * are 0. No activations are retained, so that memory holds those of one layer's experts only.
   *
   * @source Shazeer et al. 2017 (arXiv 1701.06538), section 2.1; weights as in transformers `Qwen3MoeTopKRouter`
   */
  private mixture(x: Value, { count, active, isNormalized }: Experts): Value {
    const weights = softmax(this.plain(x, routerPath));
    const chosen = multiply(weights, largest(weights, active));
    const ones = this.graph.constant(Array<number>(count).fill(1), [count, 1]);
    const shares = isNormalized ? multiply(chosen, elementwise("reciprocal", gemm(chosen, ones))) : chosen;
    const results = Array.from({ length: count }, (_, at) => {
      const { gate, up, down } = expertPaths(at);
      const result = this.plain(this.gated(this.plain(x, gate), this.plain(x, up)), down);
      return multiply(result, slice(shares, 1, at, 1, count - at - 1));
    });
    return results.reduce(add);
  }

  /** A projection without an adapter. */
  private plain(x: Value, path: string): Value {
    const { inputWidth, outputWidth } = this.byPath.get(path) as Projection;
    this.inputs.set(path, x);
    return this.product(x, `${path}.weight`, outputWidth, inputWidth);
  }

  private gated(gate: Value, up: Value): Value {
    const { activation } = this.model;
    return this.isFused(gate) ? swiglu(gate, up) : multiply(elementwise(activation, gate), up);
  }

  /** Whether gate and up are combined by one fused operation. */
  private isFused(gate: Value): boolean {
    const [width] = gate.shape.slice(-1) as [number];
    return this.model.activation === "silu" && isBf16(this.given, width, width);
  }

  /** Scales an output that is added to the residual stream. */
  private residual(x: Value): Value {
    return scale(x, this.model.residualScale);
  }

  /** Normalizes queries or keys if the family does, then rotates them. Retains the projection, which is expensive. */
  private headed(name: string, x: Value, heads: number, angles: readonly [Value, Value] | null): Value {
    const { queryKeyNorms, headWidth, epsilon } = this.model;
    const turned = (value: Value): Value => (angles ? rotate(value, ...angles, heads) : value);
    if (queryKeyNorms === "none") return this.keep(name, turned(x));
    this.keep(name, x);
    const [rows, width] =
      queryKeyNorms === "head" ? [headRows(this.tokens, heads), headWidth] : [this.tokens, heads * headWidth];
    const weight = this.weight(`self_attn.${name}_norm.weight`, [width]);
    const normed = rmsNorm(reshape(x, [rows, width]), weight, epsilon);
    return turned(reshape(normed, x.shape));
  }

  /** @param path of the norm; `null` for none */
  private norm(x: Value, path: string | null): Value {
    if (path === null) return x;
    return normalize(x, this.model, (part) => this.weight(`${path}.${part}`, [this.model.hidden]));
  }

  /**
   * LoRA forward for projections of the same input: y = x W^T (+ bias) (+ scaling (x A^T) B^T for LoRA targets).
   *
   * @source Hu et al. 2021 (arXiv 2106.09685), section 4.1, equation 3
   */
  private linear<Roles extends readonly Role[]>(x: Value, ...roles: Roles): RoleValues<Roles> {
    const parts = [...this.byPath.values()].filter((one) =>
      one.parts.some(({ role }) => roles.includes(role)),
    );
    for (const { path } of parts) this.inputs.set(path, x);
    const low = this.lowRank(x, parts);
    const results = new Map<Role, Value>();
    for (const { path, name, inputWidth, outputWidth, bias, parts: own } of parts) {
      const inner = low.get(name);
      let y = this.product(x, `${path}.weight`, outputWidth, inputWidth);
      if (inner) y = this.adapted(y, inner, name, outputWidth);
      if (bias) y = add(y, this.weight(`${path}.bias`, [outputWidth]));
      const widths = own.map(({ width }) => width);
      const isHeadwise = this.model.headwise && own.length > 1;
      const pieces = isHeadwise ? splitHeadwise(y, widths, this.model.heads) : split(y, widths);
      for (const [at, { role }] of own.entries()) results.set(role, pieces[at] as Value);
    }
    return roles.map((role) => results.get(role)) as unknown as RoleValues<Roles>;
  }

  /** y + scaling (x A^T) B^T, fused into the product y if possible. */
  private adapted(y: Value, inner: Value, name: string, outputWidth: number): Value {
    const { rank, scaling, isStacked } = this.lora as LoraShape;
    if (isStacked) return this.addStacked(y, inner, name, outputWidth);
    const b = this.graph.input(`${name}.B`, [outputWidth, rank]);
    this.trained.set(`${name}.B`, b);
    if (y.op === "bf16-product" && canBeThin(rank))
      return withMore(y, { thin: { rows: scale(inner, scaling), columns: b } });
    return gemm(inner, b, { transposeB: true, alpha: scaling, thin: this.given.compute === "bf16" }, y);
  }

  /** The grid of a stack's adapters and tokens, and the scales of its places. */
  private get stackInputs(): StackInputs {
    const { graph, tokens } = this;
    this.stack ??= {
      index: graph.input("adapters.index", ["G*M"], "int64"),
      inverse: graph.input("adapters.inverse", [tokens], "int64"),
      scales: graph.input("adapters.scales", ["G", "M", 1]),
    };
    return this.stack;
  }

  /** y + the product of each token with B of its adapter. */
  private addStacked(y: Value, inner: Value, name: string, outputWidth: number): Value {
    const { rank } = this.lora as LoraShape;
    const b = this.graph.input(`${name}.B`, ["G", rank, outputWidth]);
    const places = reshape(matmul(inner, b), ["G*M", outputWidth]);
    return add(y, takeRows(places, this.stackInputs.inverse));
  }

  /** Scaled products of each token with A of its adapter, `[G, M, R]`, for each target. */
  private stackedLowRank(x: Value, targets: readonly Projection[]): ReadonlyMap<string, Value> {
    const { rank } = this.lora as LoraShape;
    const { index, scales } = this.stackInputs;
    const [{ inputWidth }] = targets as readonly [Projection];
    const grid = reshape(takeRows(x, index), ["G", "M", inputWidth]);
    return new Map(
      targets.map(({ name }) => {
        const a = this.graph.input(`${name}.A`, ["G", inputWidth, rank]);
        return [name, multiply(matmul(grid, a), scales)];
      }),
    );
  }

  /**
   * x A^T of each target. These thin products are memory-bound, so without dropout they are computed as one product
   * with the concatenated A.
   */
  private lowRank(x: Value, parts: readonly Projection[]): ReadonlyMap<string, Value> {
    const { graph, lora, tokens } = this;
    const targets = parts.filter((one) => lora?.targets.some((target) => isTarget(one, target)));
    if (!lora || targets.length === 0) return new Map();
    if (lora.isStacked) return this.stackedLowRank(x, targets);
    const down = targets.map(({ name, inputWidth }) => {
      const a = graph.input(`${name}.A`, [lora.rank, inputWidth]);
      this.trained.set(`${name}.A`, a);
      return a;
    });
    const thin = this.given.compute === "bf16";
    const product = (input: Value, a: Value): Value => gemm(input, a, { transposeB: true, thin });
    const { rank } = lora;
    const inner = lora.dropout
      ? targets.map(({ name, inputWidth }, at) => {
          const dropped = multiply(x, graph.input(`${name}.mask`, [tokens, inputWidth]));
          return this.keep(`${name}.low`, product(dropped, down[at] as Value));
        })
      : split(
          this.keep(`${targets[0]?.name}.low`, product(x, concat(down, 0))),
          targets.map(() => rank),
        );
    return new Map(targets.map(({ name }, at) => [name, inner[at] as Value]));
  }

  /** x W^T for a matrix W `[columns, inner]`. */
  private product(x: Value, name: string, columns: number, inner: number): Value {
    const transposed = { transposeB: true };
    if (!isBf16(this.given, columns, inner)) return gemm(x, this.weight(name, [columns, inner]), transposed);
    const format = this.trainedNames.has(name) ? "float32" : this.given.format;
    if (format !== "nf4") {
      return bf16Product(x, { values: this.weight(name, [columns, inner], format) }, transposed);
    }
    const values = this.weight(name, [columns, inner / 2], "uint8");
    const scales = this.graph.input(scalesOf(name), [columns, inner / nf4Block]);
    return bf16Product(x, { values, scales }, transposed);
  }

  private weight(name: string, shape: readonly number[], type: ElementType = "float32"): Value {
    const weight = this.graph.input(name, shape, type);
    this.weights.push(name);
    if (this.trainedNames.has(name)) this.trained.set(name, weight);
    return weight;
  }
}

/** A value for each role; `undefined` for the gate if the family has none. */
type RoleValues<Roles extends readonly Role[]> = {
  [At in keyof Roles]: Roles[At] extends "gate" ? Value | undefined : Value;
};

/** Splits a matrix whose columns are grouped by head, with all segments of a head side by side. */
function splitHeadwise(x: Value, widths: readonly number[], heads: number): Value[] {
  const [tokens = 1] = x.shape;
  const each = widths.map((width) => width / heads);
  const spread = reshape(x, [tokens, heads, each.reduce((sum, width) => sum + width, 0)]);
  return split(spread, each).map((part, at) => reshape(part, [tokens, widths[at] ?? 0]));
}

/** Splits the last axis into segments. */
function split(x: Value, widths: readonly number[]): Value[] {
  if (widths.length === 1) return [x];
  const sum = (some: readonly number[]): number => some.reduce((all, width) => all + width, 0);
  return widths.map((width, at) => slice(x, -1, sum(widths.slice(0, at)), width, sum(widths.slice(at + 1))));
}

function headRows(tokens: Dim, heads: number): Dim {
  return tokens
    .toString()
    .split("+")
    .map((term) => `${term}*${heads}`)
    .join("+");
}
