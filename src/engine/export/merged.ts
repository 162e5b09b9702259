/**
 * @file The model as a Hugging Face folder: transformers, vLLM, mlx-lm and tunewise itself load it.
 */
import type { StoredType } from "../../weights/index.ts";
import type { ExportPlan, PlannedTensor } from "./export-plan.ts";
import { configFile, exportedConfig, textFiles } from "./model-files.ts";
import type { WrittenType } from "./narrow.ts";
import { safetensorsFiles } from "./safetensors-file.ts";
import type { TunedModel } from "./tuned-model.ts";

const torchNames: Readonly<Record<string, string>> = { f32: "float32", f16: "float16", bf16: "bfloat16" };

/**
 * The type of the base's file. A quantized base gives bf16: it has float32's range, so that the model computes in it
 * wherever it runs, which f16 does not promise (Gemma 2 overflows there).
 */
export function usualType(stored: StoredType): "f32" | "f16" | "bf16" {
  return stored === "F32" ? "f32" : stored === "F16" ? "f16" : "bf16";
}

/** All weights after training with configuration, tokenizer and chat template. */
export function planMerged(model: TunedModel, dtype: WrittenType = usualType(model.stored)): ExportPlan {
  const tensors = [...model.weights].map(
    ([name, shape]): PlannedTensor => ({ name, shape, type: dtype, read: () => model.read(name) }),
  );
  return {
    dtype,
    notes: [],
    files: [
      ...safetensorsFiles("merged", "model", tensors, { format: "pt" }),
      ...textFiles(model),
      configFile(exportedConfig(model, torchNames[dtype] ?? dtype)),
    ],
  };
}
