/**
 * @file Maps GGUF tensor names to Hugging Face names, and describes how llama.cpp's converter changes their values.
 *
 * @source ggml-org/llama.cpp gguf-py/gguf/tensor_mapping.py; convert_hf_to_gguf.py, `LlamaModel.permute` and
 *   `Gemma2Model.modify_tensors`
 */

/** Supported values of `general.architecture`. */
export const ggufArchitectures = ["llama", "mistral", "qwen2", "qwen3", "gemma2"] as const;

/** A supported architecture. */
export type GgufArchitecture = (typeof ggufArchitectures)[number];

const outerNames: Readonly<Record<string, string>> = {
  token_embd: "model.embed_tokens",
  output_norm: "model.norm",
  output: "lm_head",
};

const layerNames: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  attn_q_norm: "self_attn.q_norm",
  attn_k_norm: "self_attn.k_norm",
  ffn_norm: "post_attention_layernorm",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/** Gemma 2 has norms on both sides of attention and MLP. */
const gemmaLayerNames: Readonly<Record<string, string>> = {
  ...layerNames,
  post_attention_norm: "post_attention_layernorm",
  ffn_norm: "pre_feedforward_layernorm",
  post_ffw_norm: "post_feedforward_layernorm",
};

/**
 * The Hugging Face name of a GGUF tensor; `null` if it is not a weight of the model (`rope_freqs.weight`).
 *
 * @example huggingFaceName("blk.0.attn_q.weight", "llama") // model.layers.0.self_attn.q_proj.weight
 */
export function huggingFaceName(name: string, architecture: GgufArchitecture): string | null {
  const outer = /^(\w+)\.(weight|bias)$/.exec(name);
  if (outer !== null) return joined(own(outerNames, outer[1]), outer[2]);
  const layer = /^blk\.(\d{1,5})\.(\w+)\.(weight|bias)$/.exec(name);
  if (layer === null) return null;
  const module = own(architecture === "gemma2" ? gemmaLayerNames : layerNames, layer[2]);
  return joined(module === null ? null : `model.layers.${layer[1]}.${module}`, layer[3]);
}

/**
 * The GGUF name of a Hugging Face tensor, the inverse of `huggingFaceName`.
 *
 * @example ggufName("model.layers.0.self_attn.q_proj.weight", "llama") // blk.0.attn_q.weight
 */
export function ggufName(name: string, architecture: GgufArchitecture): string {
  const match = /^(?:model\.layers\.(\d+)\.)?([\w.]+)\.(weight|bias)$/.exec(name);
  const [, layer, module, kind] = match ?? [];
  const layered = architecture === "gemma2" ? gemmaLayerNames : layerNames;
  const table = Object.entries(layer === undefined ? outerNames : layered);
  // Gemma's own names come after the names they replace.
  const found = table.findLast(([, hugging]) => hugging === module)?.[0];
  if (found === undefined) throw new Error(`Internal: ${name} has no GGUF name`);
  return `${layer === undefined ? "" : `blk.${layer}.`}${found}.${kind}`;
}

/** A change to undo after reading a weight, and to apply before writing it. */
export type Conversion =
  | { readonly kind: "nothing" }
  | { readonly kind: "permutation"; readonly heads: number }
  | { readonly kind: "plus-one" };

/**
 * How the converter changes the weight with this Hugging Face name.
 *
 * Query and key rows of llama files are permuted for interleaved RoPE; Gemma's norm weights include their 1.
 *
 * @param heads number of query heads H and of key heads K
 */
export function conversionOf(
  name: string,
  architecture: GgufArchitecture,
  heads: { readonly query: number; readonly key: number },
): Conversion {
  if (architecture === "gemma2" && name.endsWith("norm.weight")) return { kind: "plus-one" };
  if (architecture !== "llama" && architecture !== "mistral") return { kind: "nothing" };
  if (/\.q_proj\.(weight|bias)$/.test(name)) return { kind: "permutation", heads: heads.query };
  if (/\.k_proj\.(weight|bias)$/.test(name)) return { kind: "permutation", heads: heads.key };
  return { kind: "nothing" };
}

/**
 * The values as the converter changes them (`apply`), or as they were before it (`undo`).
 *
 * The permutation sends row `j E/2 + i` of a head (j in 0..1, i below E/2) to row `2 i + j`.
 *
 * @param values `[rows, columns]` or `[rows]`, changed in place or replaced
 * @param rows a multiple of twice the number of heads
 */
export function convertWeight<T extends ArrayBufferLike>(
  values: Float32Array<T>,
  rows: number,
  change: Conversion,
  direction: "apply" | "undo",
): Float32Array<T | ArrayBuffer> {
  if (change.kind === "plus-one") {
    const step = direction === "apply" ? 1 : -1;
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + step;
    return values;
  }
  if (change.kind === "nothing") return values;
  const columns = values.length / rows;
  const headRows = rows / change.heads;
  const moved = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headRows;
    const apart = row - within + (within % 2) * (headRows / 2) + (within >> 1);
    const [from, to] = direction === "apply" ? [apart, row] : [row, apart];
    moved.set(values.subarray(from * columns, (from + 1) * columns), to * columns);
  }
  return moved;
}

function own(names: Readonly<Record<string, string>>, key: string | undefined): string | null {
  return key !== undefined && Object.hasOwn(names, key) ? (names[key] ?? null) : null;
}

function joined(module: string | null, kind: string | undefined): string | null {
  return module === null || kind === undefined ? null : `${module}.${kind}`;
}
