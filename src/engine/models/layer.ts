/**
 * @file One decoder layer as a graph: attention and feed-forward with residuals, for every family.
 *
 *     x ─ norm ─ q k v ─ rotate ─ attend ─ o ─(norm)─ + ─ norm ─ gate · up ─ down ─(norm)─ +
 *     └──────────────────────────────────────────────┘ └──────────────────────────────────┘
 */
import { add, concat, elementwise, gemm, multiply, reshape, rmsNorm, rotate, slice } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Dim } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { type Architecture, norms, type Projection, projections } from "./architecture.ts";
import { attend, attendGrown, attentionsIn, growPast } from "./attention.ts";
import { allTokens, type Layout, type LayoutInputs, layoutInputs } from "./layout.ts";
import type { SquaresBy } from "./squares.ts";

/** Projections that have a LoRA adapter, and its scale. */
export interface LoraShape {
  readonly rank: number;
  /** alpha / R, or alpha / sqrt(R) with rsLoRA. */
  readonly scaling: number;
  readonly dropout: boolean;
  /** Names such as `q_proj`. */
  readonly targets: readonly string[];
}

/** What is trained in a layer: low-rank updates, or full weights by name. */
export type TunedShape =
  | ({ readonly kind: "lora" } & LoraShape)
  | {
      readonly kind: "full";
      readonly trained: readonly string[];
      /** Outputs the sums of squares of a matrix's gradient in its place: ports `<name>.rows` and `<name>.columns`. */
      readonly squares?: SquaresBy;
    };

/** A layer's graph, with the values at which programs are cut. */
export interface LayerGraph {
  readonly graph: Graph;
  readonly x: Value;
  readonly y: Value;
  /** Names of the frozen weight inputs, such as `self_attn.q_proj.weight`. */
  readonly weights: readonly string[];
  /** Trained inputs by name: `q_proj.A` and `q_proj.B`, or `self_attn.q_proj.weight`. */
  readonly trained: ReadonlyMap<string, Value>;
  /** Expensive activations that are worth retaining for the backward pass, named for the memory plan. */
  readonly kept: ReadonlyMap<string, Value>;
  /** Input of each projection, by path: `[N, I]`; projections of the same input share it. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** Rotated keys, and values, of the layer's own tokens for a KV cache: `[N, K*E]`; with a past, `[B, K, C+T, E]`. */
  readonly key: Value;
  readonly value: Value;
}

/** Name prefix of retained attention weights, which grow with the square of a row's length. */
export const weightsPrefix = "weights.";

/** Builds one layer. */
export function buildLayer(model: Architecture, layout: Layout, tuned: TunedShape | null): LayerGraph {
  const layer = new LayerBuilder(model, layout, tuned);
  const { graph, kept } = layer;
  const x = graph.input("x", [allTokens(layout), model.hidden]);
  const { mixed, key, value } = layer.attention(x);
  const middle = layer.keep("middle", add(x, mixed));
  const y = add(middle, layer.feedForward(middle));
  const { weights, trained, inputs } = layer;
  return { graph, x, y, weights, trained, kept, inputs, key, value };
}

class LayerBuilder {
  readonly graph: Graph = new Graph();
  readonly kept: Map<string, Value> = new Map();
  readonly trained: Map<string, Value> = new Map();
  readonly weights: string[] = [];
  readonly inputs: Map<string, Value> = new Map();
  private readonly model: Architecture;
  private readonly tokens: Dim;
  private readonly batch: LayoutInputs;
  private readonly lora: LoraShape | null;
  private readonly trainedNames: ReadonlySet<string>;

  constructor(model: Architecture, layout: Layout, tuned: TunedShape | null) {
    this.model = model;
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
    const h = this.norm(x, "input_layernorm");
    const half = model.headWidth / 2;
    const cosine = graph.input("cosine", [tokens, half]);
    const sine = graph.input("sine", [tokens, half]);
    const [q, k, v] = this.linear(h, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
    const query = this.headed("q", q, model.heads, cosine, sine);
    const own = { query, key: this.headed("k", k, model.kvHeads, cosine, sine), value: this.keep("v", v) };
    const grown = this.batch.layout.memory === "past" ? growPast(own, this.batch, model) : null;
    const { key, value } = grown ?? own;
    const seen = grown ? attendGrown(query, grown, this.batch, model) : attend(own, this.batch, model);
    for (const [at, one] of attentionsIn(seen).entries()) {
      this.keep(`attended.${at}`, one);
      const [, , weights] = one.inputs;
      if (weights) this.keep(`${weightsPrefix}${at}`, weights);
    }
    const [out] = this.linear(seen, "self_attn.o_proj");
    if (!model.postNorms) return { mixed: out, key, value };
    return { mixed: this.norm(this.keep("o", out), "post_attention_layernorm"), key, value };
  }

  feedForward(x: Value): Value {
    const { model } = this;
    const h = this.norm(x, model.postNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm");
    const [gate, up] = this.linear(h, "mlp.gate_proj", "mlp.up_proj");
    this.keep("gate", gate);
    this.keep("up", up);
    const [out] = this.linear(multiply(elementwise(model.activation, gate), up), "mlp.down_proj");
    return model.postNorms ? this.norm(this.keep("down", out), "post_feedforward_layernorm") : out;
  }

  /** Head norms if the family has them, then rotation. The projection is what is expensive, so it is retained. */
  private headed(name: string, x: Value, heads: number, cosine: Value, sine: Value): Value {
    const { headNorms, headWidth, epsilon } = this.model;
    if (!headNorms) return this.keep(name, rotate(x, cosine, sine, heads));
    this.keep(name, x);
    const flat = reshape(x, [headRows(this.tokens, heads), headWidth]);
    const normed = rmsNorm(flat, this.weight(`self_attn.${name}_norm.weight`, [headWidth]), epsilon);
    return rotate(reshape(normed, x.shape), cosine, sine, heads);
  }

  private norm(x: Value, path: string): Value {
    return rmsNorm(x, this.weight(`${path}.weight`, [this.model.hidden]), this.model.epsilon);
  }

  /**
   * LoRA forward, for projections of the same input: y = x W^T (+ bias) (+ scaling (x A^T) B^T for LoRA targets).
   *
   * @source Hu et al. 2021 (arXiv 2106.09685), section 4.1, equation 3
   */
  private linear<Paths extends readonly string[]>(x: Value, ...paths: Paths): { [At in keyof Paths]: Value } {
    const parts = paths.map((path) => {
      const projection = projections(this.model).find((one) => one.path === path);
      if (!projection) throw new Error(`Internal: no projection ${path}`);
      return projection;
    });
    for (const path of paths) this.inputs.set(path, x);
    const low = this.lowRank(x, parts);
    const results = parts.map(({ path, name, inputWidth, outputWidth, bias }) => {
      const weight = this.weight(`${path}.weight`, [outputWidth, inputWidth]);
      let y = gemm(x, weight, { transposeB: true });
      if (bias) y = add(y, this.weight(`${path}.bias`, [outputWidth]));
      const [inner, lora] = [low.get(name), this.lora];
      if (!inner || !lora) return y;
      const b = this.graph.input(`${name}.B`, [outputWidth, lora.rank]);
      this.trained.set(`${name}.B`, b);
      return gemm(inner, b, { transposeB: true, alpha: lora.scaling }, y);
    });
    return results as { [At in keyof Paths]: Value };
  }

  /**
   * x A^T of each target. Such thin products are memory-bound, so those of one input are computed as one, side by
   * side.
   */
  private lowRank(x: Value, parts: readonly Projection[]): ReadonlyMap<string, Value> {
    const { graph, lora, tokens } = this;
    const targets = parts.filter(({ name }) => lora?.targets.includes(name));
    if (!lora || targets.length === 0) return new Map();
    const down = targets.map(({ name, inputWidth }) => {
      const a = graph.input(`${name}.A`, [lora.rank, inputWidth]);
      this.trained.set(`${name}.A`, a);
      return a;
    });
    const product = (input: Value, a: Value): Value => gemm(input, a, { transposeB: true });
    const { rank } = lora;
    const inner = lora.dropout
      ? targets.map(({ name, inputWidth }, at) => {
          const dropped = multiply(x, graph.input(`${name}.mask`, [tokens, inputWidth]));
          return this.keep(`${name}.low`, product(dropped, down[at] as Value));
        })
      : stretches(this.keep(`${targets[0]?.name}.low`, product(x, concat(down, 0))), rank, targets.length);
    return new Map(targets.map(({ name }, at) => [name, inner[at] as Value]));
  }

  private weight(name: string, shape: readonly number[]): Value {
    const weight = this.graph.input(name, shape);
    this.weights.push(name);
    if (this.trainedNames.has(name)) this.trained.set(name, weight);
    return weight;
  }
}

/** Splits a matrix into `count` segments of `width` columns. */
function stretches(x: Value, width: number, count: number): Value[] {
  if (count === 1) return [x];
  return Array.from({ length: count }, (_, at) => slice(x, 1, at * width, width, (count - at - 1) * width));
}

function headRows(tokens: Dim, heads: number): Dim {
  return tokens
    .toString()
    .split("+")
    .map((term) => `${term}*${heads}`)
    .join("+");
}

/** Frozen tensors of a layer by module path: name and shape as required in files. */
export function layerWeights(model: Architecture): { name: string; shape: number[] }[] {
  const linear = projections(model).flatMap(({ path, inputWidth, outputWidth, bias }) => [
    { name: `${path}.weight`, shape: [outputWidth, inputWidth] },
    ...(bias ? [{ name: `${path}.bias`, shape: [outputWidth] }] : []),
  ]);
  return [...linear, ...norms(model).map(({ path, width }) => ({ name: `${path}.weight`, shape: [width] }))];
}
