/** @file The shape of a model, for all supported families. */

/** Model families by `model_type` of `config.json`. */
export const families = ["llama", "mistral", "qwen2", "qwen3", "gemma2"] as const;

/** A supported model family. */
export type Family = (typeof families)[number];

/** The description of a decoder-only transformer; symbols as in the style page. */
export interface Architecture {
  readonly family: Family;
  readonly layers: number;
  /** D */
  readonly hidden: number;
  /** H */
  readonly heads: number;
  /** K */
  readonly kvHeads: number;
  /** E */
  readonly headWidth: number;
  /** F */
  readonly feedForward: number;
  /** V */
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly epsilon: number;
  /** Whether the head shares the embedding table. */
  readonly tied: boolean;
  /** 1 if norm weights are stored as w - 1 (Gemma); it is added when weights are read. */
  readonly normOffset: 0 | 1;
  readonly activation: "silu" | "gelu-tanh";
  readonly biases: { readonly qkv: boolean; readonly output: boolean; readonly feedForward: boolean };
  /** Whether an RMS norm applies to each head of queries and keys (Qwen3). */
  readonly headNorms: boolean;
  /** Whether norms also follow attention and feed-forward (Gemma 2). */
  readonly postNorms: boolean;
  /** Factor on attention scores. */
  readonly attentionScale: number;
  /** Soft cap of attention scores: s becomes cap tanh(s / cap). */
  readonly attentionCap: number | null;
  readonly logitCap: number | null;
  readonly embeddingScale: number;
  /** Sliding window of each layer: keys a query can attend to, itself included; `null` means all before it. */
  readonly windows: readonly (number | null)[];
  readonly rope: Rope;
}

/** Rotary position embedding and its scaling. */
export interface Rope {
  readonly theta: number;
  readonly scaling:
    | { readonly kind: "none" }
    | { readonly kind: "linear"; readonly factor: number }
    | {
        readonly kind: "llama3";
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        readonly originalLength: number;
      }
    | {
        readonly kind: "yarn";
        readonly factor: number;
        readonly betaFast: number;
        readonly betaSlow: number;
        readonly attentionFactor: number;
        readonly originalLength: number;
        readonly truncate: boolean;
      };
}

/** A linear projection of a layer: module path and widths. */
export interface Projection {
  /** `self_attn.q_proj` */
  readonly path: string;
  /** `q_proj` */
  readonly name: string;
  readonly inputWidth: number;
  readonly outputWidth: number;
  readonly bias: boolean;
}

/** The seven projections of a layer, in the order of use. */
export function projections(model: Architecture): Projection[] {
  const { hidden, heads, kvHeads, headWidth, feedForward, biases } = model;
  const make = (path: string, inputWidth: number, outputWidth: number, bias: boolean): Projection => ({
    path,
    name: path.slice(path.indexOf(".") + 1),
    inputWidth,
    outputWidth,
    bias,
  });
  return [
    make("self_attn.q_proj", hidden, heads * headWidth, biases.qkv),
    make("self_attn.k_proj", hidden, kvHeads * headWidth, biases.qkv),
    make("self_attn.v_proj", hidden, kvHeads * headWidth, biases.qkv),
    make("self_attn.o_proj", heads * headWidth, hidden, biases.output),
    make("mlp.gate_proj", hidden, feedForward, biases.feedForward),
    make("mlp.up_proj", hidden, feedForward, biases.feedForward),
    make("mlp.down_proj", feedForward, hidden, biases.feedForward),
  ];
}

/** Norm weights of a layer: module path and width. */
export function norms(model: Architecture): { readonly path: string; readonly width: number }[] {
  const { hidden, headWidth, headNorms, postNorms } = model;
  const names = ["input_layernorm", "post_attention_layernorm"];
  if (postNorms) names.push("pre_feedforward_layernorm", "post_feedforward_layernorm");
  return [
    ...names.map((path) => ({ path, width: hidden })),
    ...(headNorms
      ? ["self_attn.q_norm", "self_attn.k_norm"].map((path) => ({ path, width: headWidth }))
      : []),
  ];
}

/** Number of parameters, tied embeddings counted once. */
export function parameterCount(model: Architecture): number {
  const linear = projections(model).reduce(
    (sum, { inputWidth, outputWidth, bias }) => sum + inputWidth * outputWidth + (bias ? outputWidth : 0),
    0,
  );
  const norm = norms(model).reduce((sum, { width }) => sum + width, 0);
  return model.layers * (linear + norm) + model.hidden * (1 + model.vocabulary * (model.tied ? 1 : 2));
}
