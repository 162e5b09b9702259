/**
 * @file The table of export formats: what each is written as, and the planner that lays its files out.
 */
import { problem } from "../../problem/index.ts";
import { adapterOf, planMlx, planPeft } from "./adapter.ts";
import type { ExportPlan } from "./export-plan.ts";
import { planGguf, planGgufAdapter } from "./gguf/plan-gguf.ts";
import { planMerged } from "./merged.ts";
import type { WrittenType } from "./narrow.ts";
import { planOnnx } from "./onnx/plan-onnx.ts";
import type { TunedModel } from "./tuned-model.ts";

/** Names of the formats. */
export const exportFormats = ["peft", "merged", "mlx", "gguf", "gguf-adapter", "onnx"] as const;

/** A format. */
export type ExportFormat = (typeof exportFormats)[number];

/** Types that some format is written in. */
export const exportTypes: readonly WrittenType[] = ["f32", "f16", "bf16", "q8_0"];

/** What to export and how. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** For programs that list their models. */
  readonly name: string;
  /** The format's usual type where absent. */
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
 * Files of an export with their sizes; nothing is read or written yet.
 *
 * @throws {TunewiseError} `EXPORT_TYPE_UNKNOWN` for a type the format is not written in, `EXPORT_UNFIT` for a model the
 *   format cannot hold, `TOKENIZER_INVALID`
 * @example const { files } = planExport(mergedModel(files, adapter), { format: "gguf", name: "tickets" })
 */
export function planExport(model: TunedModel, { format, name, dtype }: ExportRequest): ExportPlan {
  checkExportType(format, dtype);
  return formats[format].plan(model, name, dtype);
}

/**
 * Refuses a type that a format is not written in.
 *
 * @throws {TunewiseError} `EXPORT_TYPE_UNKNOWN`
 */
export function checkExportType(format: ExportFormat, dtype?: WrittenType): void {
  const { types } = formats[format];
  if (dtype === undefined || types.includes(dtype)) return;
  throw problem("EXPORT_TYPE_UNKNOWN", { format, type: dtype, known: types.join(", ") });
}
