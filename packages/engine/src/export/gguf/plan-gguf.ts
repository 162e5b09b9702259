/**
 * @file Exports the model, or only the adapter, as GGUF files for llama.cpp and programs based on it.
 *
 * @source ggml-org/llama.cpp convert_hf_to_gguf.py (names, order, types, what is written when),
 *   gguf-py/gguf/constants.py (keys, file types), convert_lora_to_gguf.py, src/llama-adapter.cpp (`alpha / rank`
 *   scales the product)
 */

import { families } from "../../families/index.ts";
import { type Architecture, isTarget, projections } from "../../models/architecture.ts";
import { layerName } from "../../models/weight-names.ts";
import { createTokenizer } from "../../tokenize/index.ts";
import { conversionOf, convertWeight, ggufName } from "../../weights/index.ts";
import { adapterOf } from "../adapter.ts";
import { type ExportPlan, type PlannedTensor, unfit } from "../export-plan.ts";
import { usualType } from "../merged.ts";
import { blockLength, type WrittenType } from "../narrow.ts";
import type { TunedModel } from "../tuned-model.ts";
import { float, type GgufFields, ggufFile, integer, text } from "./gguf-file.ts";
import { type LlamaCppView, llamaCppView } from "./llama-cpp.ts";
import { planModelfile } from "./modelfile.ts";
import { vocabularyFields } from "./vocabulary.ts";

/**
 * Plans one file with weights, tokenizer and chat template, and a `Modelfile` for Ollama.
 *
 * @param name of the model, for programs that list their files
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` for a model or a tokenizer that llama.cpp would compute differently
 */
export function planGguf(
  model: TunedModel,
  name: string,
  dtype: WrittenType = usualType(model.stored),
): ExportPlan {
  const { architecture } = model;
  const view = llamaCppView(architecture, "gguf");
  const vocabulary = vocabularyFields(model.tokenizer, architecture.vocabulary);
  const fields = { ...modelFields(architecture, view, name, dtype), ...vocabulary.fields };
  const tensors = [...ropeTensors(view), ...weightTensors(model, view, dtype)];
  const weights = `model-${dtype}.gguf`;
  const modelfile = planModelfile({
    weights,
    tokenizer: createTokenizer(model.tokenizer),
    generation: model.generation,
    isBeginAdded: vocabulary.fields["tokenizer.ggml.add_bos_token"]?.value === true,
  });
  return {
    dtype,
    notes: [...view.notes, ...vocabulary.notes, ...modelfile.notes],
    files: [ggufFile("gguf", weights, fields, tensors), modelfile.file],
  };
}

/**
 * Plans one file with the adapter, to be loaded beside a GGUF file of the base.
 *
 * rsLoRA is expressed by its alpha, which llama.cpp divides by the rank.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` for a model without an adapter, or one that llama.cpp would compute
 *   differently
 */
export function planGgufAdapter(model: TunedModel, name: string): ExportPlan {
  const adapter = adapterOf(model, "gguf-adapter", "gguf");
  const { architecture } = model;
  const view = llamaCppView(architecture, "gguf-adapter");
  if (view.queryFactor !== 1) {
    const detail = "llama.cpp scales this model's scores otherwise, which only a merged file can make up for";
    throw unfit("gguf-adapter", detail, "--format gguf");
  }
  const { rank, scaling, targets } = adapter.shape;
  const chosen = projections(architecture).filter((one) => targets.some((target) => isTarget(one, target)));
  const tensors = adapter.layers.flatMap((ports, layer) =>
    chosen.flatMap(({ path, name: target, inputWidth, outputWidth }): PlannedTensor[] => {
      const weight = `${layerName(architecture, layer, path)}.weight`;
      const stem = ggufName(weight, architecture.family);
      const change = changeOf(model, weight);
      const a = async (): Promise<Float32Array> => ports[`${target}.A`] as Float32Array;
      const b = async (): Promise<Float32Array> =>
        convertWeight((ports[`${target}.B`] as Float32Array).slice(), outputWidth, change, "apply");
      return [
        { name: `${stem}.lora_a`, shape: [rank, inputWidth], type: "f32", read: a },
        { name: `${stem}.lora_b`, shape: [outputWidth, rank], type: "f32", read: b },
      ];
    }),
  );
  const fields = {
    "general.architecture": text(view.architecture),
    "general.type": text("adapter"),
    "general.name": text(name),
    "adapter.type": text("lora"),
    "adapter.lora.alpha": float(scaling * rank),
  };
  return {
    dtype: "f32",
    notes: view.notes,
    files: [ggufFile("gguf-adapter", "adapter.gguf", fields, tensors)],
  };
}

function ropeTensors({ ropeFactors }: LlamaCppView): PlannedTensor[] {
  if (!ropeFactors) return [];
  const read = async (): Promise<Float32Array> => ropeFactors;
  return [{ name: "rope_freqs.weight", shape: [ropeFactors.length], type: "f32", read }];
}

/** Matrices in the requested type; norms and biases stay float32, as llama.cpp requires. */
function weightTensors(model: TunedModel, view: LlamaCppView, dtype: WrittenType): PlannedTensor[] {
  return [...model.weights].map(([weight, shape]): PlannedTensor => {
    const name = ggufName(weight, model.architecture.family);
    const row = shape.at(-1) ?? 1;
    if (shape.length > 1 && dtype === "q8_0" && row % blockLength !== 0) {
      const detail = `${name} has rows of ${row} values, which blocks of ${blockLength} (q8_0) do not divide`;
      throw unfit("gguf", detail, "--format gguf --dtype f16");
    }
    const change = changeOf(model, weight);
    const factor = weight.endsWith("q_proj.weight") ? view.queryFactor : 1;
    const read = async (): Promise<Float32Array> => {
      const values = await model.read(weight);
      if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor;
      return convertWeight(values, shape[0] ?? 1, change, "apply");
    };
    return { name, shape, type: shape.length > 1 ? dtype : "f32", read };
  });
}

function changeOf(
  { architecture: { family, heads, kvHeads } }: TunedModel,
  weight: string,
): ReturnType<typeof conversionOf> {
  return conversionOf(weight, family, { query: heads, key: kvHeads });
}

const fileTypes: Readonly<Record<WrittenType, number>> = { f32: 0, f16: 1, q8_0: 7, bf16: 32 };

/** All metadata except for the vocabulary. */
export function modelFields(
  model: Architecture,
  view: LlamaCppView,
  name: string,
  dtype: WrittenType,
): GgufFields {
  const { hidden, feedForward, layers, heads, kvHeads, headWidth, epsilon, ropes, vocabulary } = model;
  const own: GgufFields = {
    context_length: integer(view.contextLength),
    embedding_length: integer(hidden),
    block_count: integer(layers),
    feed_forward_length: integer(feedForward),
    "attention.head_count": integer(heads),
    "attention.head_count_kv": integer(kvHeads),
    "attention.key_length": integer(headWidth),
    "attention.value_length": integer(headWidth),
    "attention.layer_norm_rms_epsilon": float(epsilon),
    "rope.dimension_count": integer(headWidth),
    "rope.freq_base": float(ropes[0]?.theta ?? 0),
    vocab_size: integer(vocabulary),
    ...ropeFields(model),
    ...capFields(model),
    ...windowFields(model),
  };
  return {
    "general.architecture": text(view.architecture),
    "general.type": text("model"),
    "general.name": text(name),
    "general.file_type": integer(fileTypes[dtype]),
    "general.quantization_version": integer(2),
    ...Object.fromEntries(Object.entries(own).map(([key, field]) => [`${view.architecture}.${key}`, field])),
  };
}

/** Llama 3's RoPE scaling is a tensor, not metadata. */
function ropeFields({ ropes: [rope] }: Architecture): GgufFields {
  const scaling = rope?.scaling ?? { kind: "none" };
  if (scaling.kind !== "linear" && scaling.kind !== "yarn") return {};
  const common = {
    "rope.scaling.type": text(scaling.kind),
    "rope.scaling.factor": float(scaling.factor),
  };
  if (scaling.kind === "linear") return common;
  return {
    ...common,
    "rope.scaling.original_context_length": integer(scaling.originalLength),
    "rope.scaling.yarn_beta_fast": float(scaling.betaFast),
    "rope.scaling.yarn_beta_slow": float(scaling.betaSlow),
  };
}

function capFields({ attentionCap, logitCap }: Architecture): GgufFields {
  return {
    ...(attentionCap === null ? {} : { attn_logit_softcapping: float(attentionCap) }),
    ...(logitCap === null ? {} : { final_logit_softcapping: float(logitCap) }),
  };
}

function windowFields({ family, windows, contextLength }: Architecture): GgufFields {
  if (families[family].gguf?.windows !== "even") return {};
  return { "attention.sliding_window": integer(windows[0] ?? contextLength) };
}
