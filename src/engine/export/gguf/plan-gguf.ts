/**
 * @file The model, and the adapter alone, as GGUF files for llama.cpp and what is built on it.
 *
 * @source ggml-org/llama.cpp convert_hf_to_gguf.py (names, order, types), convert_lora_to_gguf.py,
 *   src/llama-adapter.cpp (`alpha / rank` scales the product)
 */
import { converterChange, ggufName, makeChange } from "../../../weights/index.ts";
import { projections } from "../../models/architecture.ts";
import { adapterOf } from "../adapter.ts";
import type { ExportPlan, PlannedTensor } from "../export-plan.ts";
import { usualType } from "../merged.ts";
import { blockLength, type WrittenType } from "../narrow.ts";
import { unfit } from "../refusal.ts";
import type { TunedModel } from "../tuned-model.ts";
import { fraction, ggufFile, text } from "./gguf-file.ts";
import { type LlamaCppView, llamaCppView } from "./llama-cpp.ts";
import { modelFields } from "./model-fields.ts";
import { vocabularyFields } from "./vocabulary.ts";

/**
 * One file with weights, tokenizer and chat template.
 *
 * @param name of the model, for programs that list their files
 * @throws {TunewiseError} `EXPORT_UNFIT` for a model or a tokenizer that llama.cpp does not compute as it is
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
  return {
    dtype,
    notes: [...view.notes, ...vocabulary.notes],
    files: [ggufFile("gguf", `model-${dtype}.gguf`, fields, tensors)],
  };
}

/**
 * One file with the adapter, to be loaded beside a GGUF file of the base.
 *
 * rsLoRA is held by its alpha: what divides it there is the rank.
 *
 * @throws {TunewiseError} `EXPORT_UNFIT` for a model without adapter, or one that llama.cpp does not compute as it is
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
  const chosen = projections(architecture).filter(({ name: target }) => targets.includes(target));
  const tensors = adapter.layers.flatMap((ports, layer) =>
    chosen.flatMap(({ path, name: target, inputWidth, outputWidth }): PlannedTensor[] => {
      const weight = `model.layers.${layer}.${path}.weight`;
      const stem = ggufName(weight, view.architecture);
      const change = changeOf(model, view, weight);
      const a = async (): Promise<Float32Array> => ports[`${target}.A`] as Float32Array;
      const b = async (): Promise<Float32Array> =>
        makeChange((ports[`${target}.B`] as Float32Array).slice(), outputWidth, change);
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
    "adapter.lora.alpha": fraction(scaling * rank),
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

/** Matrices in the type asked for; norms and biases stay float32, as llama.cpp wants them. */
function weightTensors(model: TunedModel, view: LlamaCppView, dtype: WrittenType): PlannedTensor[] {
  return [...model.weights].map(([weight, shape]): PlannedTensor => {
    const name = ggufName(weight, view.architecture);
    const row = shape.at(-1) ?? 1;
    if (shape.length > 1 && dtype === "q8_0" && row % blockLength !== 0) {
      const detail = `${name} has rows of ${row} values, which blocks of ${blockLength} (q8_0) do not divide`;
      throw unfit("gguf", detail, "--format gguf --dtype f16");
    }
    const change = changeOf(model, view, weight);
    const factor = weight.endsWith("q_proj.weight") ? view.queryFactor : 1;
    const read = async (): Promise<Float32Array> => {
      const values = await model.read(weight);
      if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor;
      return makeChange(values, shape[0] ?? 1, change);
    };
    return { name, shape, type: shape.length > 1 ? dtype : "f32", read };
  });
}

function changeOf(
  { architecture: { heads, kvHeads } }: TunedModel,
  view: LlamaCppView,
  weight: string,
): ReturnType<typeof converterChange> {
  return converterChange(weight, view.architecture, { query: heads, key: kvHeads });
}
