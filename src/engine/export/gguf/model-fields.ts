/**
 * @file Metadata of a GGUF model: its shape in the keys of llama.cpp.
 *
 * @source ggml-org/llama.cpp gguf-py/gguf/constants.py (keys, file types), convert_hf_to_gguf.py (what is written when)
 */
import type { Architecture } from "../../models/architecture.ts";
import type { WrittenType } from "../narrow.ts";
import { fraction, type GgufFields, text, whole } from "./gguf-file.ts";
import type { LlamaCppView } from "./llama-cpp.ts";

const fileTypes: Readonly<Record<WrittenType, number>> = { f32: 0, f16: 1, q8_0: 7, bf16: 32 };

/** Everything but the vocabulary. */
export function modelFields(
  model: Architecture,
  view: LlamaCppView,
  name: string,
  dtype: WrittenType,
): GgufFields {
  const { hidden, feedForward, layers, heads, kvHeads, headWidth, epsilon, rope, vocabulary } = model;
  const own: GgufFields = {
    context_length: whole(view.contextLength),
    embedding_length: whole(hidden),
    block_count: whole(layers),
    feed_forward_length: whole(feedForward),
    "attention.head_count": whole(heads),
    "attention.head_count_kv": whole(kvHeads),
    "attention.key_length": whole(headWidth),
    "attention.value_length": whole(headWidth),
    "attention.layer_norm_rms_epsilon": fraction(epsilon),
    "rope.dimension_count": whole(headWidth),
    "rope.freq_base": fraction(rope.theta),
    vocab_size: whole(vocabulary),
    ...ropeFields(model),
    ...gemmaFields(model),
  };
  return {
    "general.architecture": text(view.architecture),
    "general.type": text("model"),
    "general.name": text(name),
    "general.file_type": whole(fileTypes[dtype]),
    "general.quantization_version": whole(2),
    ...Object.fromEntries(Object.entries(own).map(([key, field]) => [`${view.architecture}.${key}`, field])),
  };
}

/** Llama 3's scaling is a tensor, not metadata. */
function ropeFields({ rope: { scaling } }: Architecture): GgufFields {
  if (scaling.kind !== "linear" && scaling.kind !== "yarn") return {};
  const common = {
    "rope.scaling.type": text(scaling.kind),
    "rope.scaling.factor": fraction(scaling.factor),
  };
  if (scaling.kind === "linear") return common;
  return {
    ...common,
    "rope.scaling.original_context_length": whole(scaling.originalLength),
    "rope.scaling.yarn_beta_fast": fraction(scaling.betaFast),
    "rope.scaling.yarn_beta_slow": fraction(scaling.betaSlow),
  };
}

function gemmaFields({ family, attentionCap, logitCap, windows, contextLength }: Architecture): GgufFields {
  if (family !== "gemma2") return {};
  return {
    attn_logit_softcapping: fraction(attentionCap ?? 0),
    final_logit_softcapping: fraction(logitCap ?? 0),
    "attention.sliding_window": whole(windows[0] ?? contextLength),
  };
}
