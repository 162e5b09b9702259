/** @file The table of export formats: the types each supports, and the planner that lays out its files. */
import { problem } from "../problem/index.ts";
import { adapterOf, planMlx, planPeft } from "./adapter.ts";
import type { ExportPlan } from "./export-plan.ts";
import { planGguf, planGgufAdapter } from "./gguf/plan-gguf.ts";
import { planMerged } from "./merged.ts";
import type { WrittenType } from "./narrow.ts";
import { planOnnx } from "./onnx/plan-onnx.ts";
import type { TunedModel } from "./tuned-model.ts";

/** Names of the export formats. */
export const exportFormats = ["peft", "merged", "mlx", "gguf", "gguf-adapter", "onnx"] as const;

/** Name of an export format. */
export type ExportFormat = (typeof exportFormats)[number];

/** Types supported by at least one format. */
export const exportTypes: readonly WrittenType[] = ["f32", "f16", "bf16", "q8_0"];

/** Options of an export. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** Model name, for programs that list their models. */
  readonly name: string;
  /** Defaults to the format's usual type. */
  readonly dtype?: WrittenType;
}

interface Format {
  readonly types: readonly WrittenType[];
  readonly plan: (model: TunedModel, name: string, dtype?: WrittenType) => ExportPlan;
}

const formats: Readonly<Record<ExportFormat, Format>> = {
  peft: {
    types: ["f32"],
    plan: (model) => {
      const adapter = adapterOf(model, "peft", "merged");
      return planPeft({ settings: adapter.settings, tensors: adapter.tensors() });
    },
  },
  merged: { types: ["f32", "f16", "bf16"], plan: (model, _, dtype) => planMerged(model, dtype) },
  mlx: { types: ["f32"], plan: (model) => planMlx(model) },
  gguf: { types: ["f32", "f16", "bf16", "q8_0"], plan: planGguf },
  "gguf-adapter": { types: ["f32"], plan: planGgufAdapter },
  onnx: { types: ["f32", "f16"], plan: (model, _, dtype) => planOnnx(model, dtype) },
};

/**
 * Plans the files of an export with their sizes; nothing is read or written yet.
 *
 * @throws {TunewiseError} `EXPORT_TYPE_UNKNOWN` if the format does not support the type, `EXPORT_UNSUPPORTED` if it
 *   cannot represent the model, `TOKENIZER_INVALID`
 * @example const { files } = planExport(mergedModel(files, adapter), { format: "gguf", name: "tickets" })
 */
export function planExport(model: TunedModel, { format, name, dtype }: ExportRequest): ExportPlan {
  checkExportType(format, dtype);
  return formats[format].plan(model, name, dtype);
}

/**
 * Checks that a format supports a type.
 *
 * @throws {TunewiseError} `EXPORT_TYPE_UNKNOWN`
 */
export function checkExportType(format: ExportFormat, dtype?: WrittenType): void {
  const { types } = formats[format];
  if (dtype === undefined || types.includes(dtype)) return;
  throw problem("EXPORT_TYPE_UNKNOWN", { format, type: dtype, known: types.join(", ") });
}
