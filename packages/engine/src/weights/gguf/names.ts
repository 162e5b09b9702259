/**
 * @file Maps GGUF tensor names to Hugging Face names, and describes how llama.cpp's converter changes their values.
 *
 * @source ggml-org/llama.cpp gguf-py/gguf/tensor_mapping.py; convert_hf_to_gguf.py, `LlamaModel.permute` and
 *   `Gemma2Model.modify_tensors`
 */

import { type FamilyName, families } from "../../families/index.ts";

/** Hugging Face names by GGUF names, without `.weight` and `.bias`; `null` for what a family does not have. */
interface GgufNames {
  readonly outer: Readonly<Record<string, string>>;
  readonly layer: Readonly<Record<string, string | null>>;
}

function ggufNames(family: FamilyName): GgufNames {
  const { names, norms, paths } = families[family];
  return {
    outer: {
      token_embd: names.root + names.embedding,
      output_norm: names.root + names.norm,
      output: names.head,
    },
    layer: {
      attn_norm: norms.attention.before,
      attn_q: paths.query,
      attn_k: paths.key,
      attn_v: paths.value,
      attn_output: paths.output,
      attn_q_norm: "self_attn.q_norm",
      attn_k_norm: "self_attn.k_norm",
      post_attention_norm: norms.attention.after,
      ffn_norm: norms.feedForward.before,
      ffn_gate: paths.gate,
      ffn_up: paths.up,
      ffn_down: paths.down,
      post_ffw_norm: norms.feedForward.after,
    },
  };
}

/**
 * The Hugging Face name of a GGUF tensor; `null` if it is not a weight of the model (`rope_freqs.weight`).
 *
 * @example huggingFaceName("blk.0.attn_q.weight", "llama") // model.layers.0.self_attn.q_proj.weight
 */
export function huggingFaceName(name: string, family: FamilyName): string | null {
  const { outer, layer } = ggufNames(family);
  const [, block, part = "", kind] = /^(?:blk\.(\d{1,5})\.)?(\w+)\.(weight|bias)$/.exec(name) ?? [];
  const table = block === undefined ? outer : layer;
  const module = Object.hasOwn(table, part) ? (table[part] ?? null) : null;
  if (module === null) return null;
  return `${block === undefined ? "" : layerPrefix(family, block)}${module}.${kind}`;
}

/**
 * The GGUF name of a Hugging Face tensor, the inverse of `huggingFaceName`.
 *
 * @example ggufName("model.layers.0.self_attn.q_proj.weight", "llama") // blk.0.attn_q.weight
 */
export function ggufName(name: string, family: FamilyName): string {
  const { outer, layer } = ggufNames(family);
  const [, module = "", kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  const block = /\.(\d+)\./.exec(module)?.[1];
  const prefix = block === undefined ? "" : layerPrefix(family, block);
  const table = Object.entries(block === undefined ? outer : layer);
  const found = table.find(([, hugging]) => hugging !== null && prefix + hugging === module)?.[0];
  if (found === undefined) throw new Error(`Internal: ${name} has no GGUF name`);
  return `${block === undefined ? "" : `blk.${block}.`}${found}.${kind}`;
}

function layerPrefix(family: FamilyName, layer: string): string {
  const { root, layers } = families[family].names;
  return `${root}${layers}.${layer}.`;
}

/** A change to undo after reading a weight, and to apply before writing it. */
export type Conversion =
  | { readonly kind: "nothing" }
  | { readonly kind: "permutation"; readonly heads: number }
  | { readonly kind: "plus-one" };

/**
 * How the converter changes the weight with this Hugging Face name.
 *
 * Query and key rows of some families are permuted for interleaved RoPE; Gemma's norm weights include their 1.
 *
 * @param heads number of query heads H and of key heads K
 */
export function conversionOf(
  name: string,
  family: FamilyName,
  heads: { readonly query: number; readonly key: number },
): Conversion {
  const { engine, gguf } = families[family];
  if (engine?.normOffset === 1 && name.endsWith("norm.weight")) return { kind: "plus-one" };
  if (!gguf?.isPermuted) return { kind: "nothing" };
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
