/** @file Exports the model as a Hugging Face folder, which transformers, vLLM, mlx-lm and tunewise itself can load. */

import { isStoredTurned, transposed } from "../models/weight-names.ts";
import type { StoredType } from "../weights/index.ts";
import type { ExportPlan, PlannedTensor } from "./export-plan.ts";
import { configFile, exportedConfig, textFiles } from "./model-files.ts";
import type { WrittenType } from "./narrow.ts";
import { safetensorsFiles } from "./safetensors-file.ts";
import type { TunedModel } from "./tuned-model.ts";

const torchNames: Readonly<Record<string, string>> = { f32: "float32", f16: "float16", bf16: "bfloat16" };

/**
 * The type of the base's file. A quantized base is written as bf16, which has float32's range. f16 has a smaller range
 * (Gemma 2 overflows in it), so not every model could compute in it.
 */
export function usualType(stored: StoredType): "f32" | "f16" | "bf16" {
  return stored === "F32" ? "f32" : stored === "F16" ? "f16" : "bf16";
}

/** All weights after training, with configuration, tokenizer and chat template. */
export function planMerged(model: TunedModel, dtype: WrittenType = usualType(model.stored)): ExportPlan {
  const tensors = [...model.weights].map(([name, shape]): PlannedTensor => {
    if (!isStoredTurned(model.architecture, name))
      return { name, shape, type: dtype, read: () => model.read(name) };
    const read = async (): Promise<Float32Array> => transposed(await model.read(name), shape[0] ?? 1);
    return { name, shape: [...shape].reverse(), type: dtype, read };
  });
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
