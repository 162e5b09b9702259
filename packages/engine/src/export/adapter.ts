/**
 * @file Exports only the adapter: as a PEFT folder, or for mlx-lm.
 *
 * @source huggingface/peft src/peft/utils/save_and_load.py; ml-explore/mlx-lm mlx_lm/tuner/utils.py `load_adapters`,
 *   mlx_lm/tuner/lora.py
 */

import type { LoraAdapter } from "../adapters/lora.ts";
import { families } from "../families/index.ts";
import { type Architecture, isTarget, projections } from "../models/architecture.ts";
import { layerName, transposed } from "../models/weight-names.ts";
import { type AdapterFiles, adapterConfigJson } from "../weights/index.ts";
import { type ExportPlan, jsonFile, type PlannedTensor, unfit } from "./export-plan.ts";
import { safetensorsFile } from "./safetensors-file.ts";
import type { TunedModel } from "./tuned-model.ts";

/**
 * The adapter of a model. Full fine-tunes have none.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED`
 */
export function adapterOf({ adapter }: TunedModel, format: string, instead: string): LoraAdapter {
  if (adapter) return adapter;
  throw unfit(format, "all of its weights were trained, so that there is no adapter", `--format ${instead}`);
}

/** The adapter exactly as the run wrote it; the base is not required. */
export function planPeft({ settings, tensors }: AdapterFiles): ExportPlan {
  const sorted = tensors
    .map(({ name, shape, data }): PlannedTensor => ({ name, shape, type: "f32", read: async () => data }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    dtype: "f32",
    notes: [],
    files: [
      safetensorsFile("peft", "adapter_model.safetensors", sorted, { format: "pt" }),
      jsonFile("adapter_config.json", adapterConfigJson(settings)),
    ],
  };
}

/**
 * The adapter for mlx-lm: A and B transposed, the scale as a number, which also covers rsLoRA.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` for a model without an adapter
 */
export function planMlx(model: TunedModel): ExportPlan {
  const adapter = adapterOf(model, "mlx", "merged");
  const reason = whyNotMlx(model.architecture);
  if (reason !== null) throw unfit("mlx", `mlx-lm ${reason}`, "--format peft");
  const { rank, scaling, targets } = adapter.shape;
  const chosen = projections(model.architecture).filter((one) =>
    targets.some((target) => isTarget(one, target)),
  );
  const tensors = adapter.layers.flatMap((ports, layer) =>
    chosen.flatMap(({ path, name, inputWidth, outputWidth }): PlannedTensor[] => {
      const stem = layerName(model.architecture, layer, path);
      const side = (port: string, rows: number): (() => Promise<Float32Array>) => {
        return async () => transposed(ports[`${name}.${port}`] as Float32Array, rows);
      };
      return [
        { name: `${stem}.lora_a`, shape: [inputWidth, rank], type: "f32", read: side("A", rank) },
        {
          name: `${stem}.lora_b`,
          shape: [rank, outputWidth],
          type: "f32",
          read: side("B", outputWidth),
        },
      ];
    }),
  );
  const config = {
    fine_tune_type: "lora",
    model: adapter.settings.baseModel,
    num_layers: model.architecture.layers,
    lora_parameters: {
      rank,
      scale: scaling,
      dropout: adapter.settings.dropout,
      keys: chosen.map(({ path }) => path),
    },
  };
  return {
    dtype: "f32",
    notes: windowNotes(model),
    files: [
      safetensorsFile("mlx", "adapters.safetensors", tensors, { format: "mlx" }),
      jsonFile("adapter_config.json", config),
    ],
  };
}

/** What mlx-lm 0.32 would compute differently, or `null`. @source ml-explore/mlx-lm mlx_lm/models/rope_utils.py */
function whyNotMlx({ ropes, names, family }: Architecture): string | null {
  if (names.root !== "model.") return `names the modules of ${family} in its own way`;
  const isLong = ropes.some(({ scaling }) => scaling.kind === "longrope");
  return isLong
    ? "has longrope's factors for long texts alone, with which short ones come out differently"
    : null;
}

/** mlx-lm 0.32 supports sliding windows only in a few of its models. */
function windowNotes({ architecture, config }: TunedModel): string[] {
  const { windows, family } = architecture;
  const least = Math.min(...windows.map((window) => window ?? Number.POSITIVE_INFINITY));
  const applied = families[family].engine?.mlxWindows;
  const isKnown = applied === "all" || (applied === "layer_types" && Array.isArray(config["layer_types"]));
  if (!Number.isFinite(least) || isKnown) return [];
  return [
    `mlx-lm leaves out this model's sliding window of ${least} tokens: longer texts come out differently there`,
  ];
}
