/** @file LoRA adapters: initialization, PEFT names, and the tensors as inputs of the layer programs. */

import { xoshiro128From } from "@tunewise/core/math";
import type { LoraHandle } from "../engine.ts";
import { type Architecture, isTarget, type Projection, projections } from "../models/architecture.ts";
import type { LoraShape } from "../models/layer.ts";
import { layerName } from "../models/weight-names.ts";
import type { TrainedParts } from "../pass/train-pass.ts";
import { problem } from "../problem/index.ts";
import type { AdapterSettings, AdapterTensor } from "../weights/index.ts";
import { restoreTrained } from "./restore.ts";

/** An adapter with its tensors by layer: `q_proj.A` `[R, in]`, `q_proj.B` `[out, R]`. */
export interface LoraAdapter extends LoraHandle, TrainedParts {
  readonly shape: LoraShape;
}

/** Adapter settings whose targets can be `all-linear`, not resolved yet. */
export type LoraRequest = Omit<AdapterSettings, "targets"> & {
  readonly targets: "all-linear" | readonly string[];
};

/**
 * Creates a new adapter: A uniform in +-1/sqrt(in), B zero.
 *
 * @throws {TunewiseError} `ENGINE_TARGET_UNKNOWN`, `ENGINE_RANK_INVALID`
 * @source Kaiming uniform with a = sqrt(5), as huggingface/peft src/peft/tuners/lora/layer.py `reset_lora_parameters`
 */
export function createLora(model: Architecture, request: LoraRequest, seed: number): LoraAdapter {
  const settings = settle(model, request);
  const random = xoshiro128From(seed);
  return assemble(model, settings, (projection, side) => {
    const { inputWidth, outputWidth } = projection;
    if (side === "B") return new Float32Array(outputWidth * settings.rank);
    const bound = 1 / Math.sqrt(inputWidth);
    return Float32Array.from({ length: inputWidth * settings.rank }, () => bound * (2 * random() - 1));
  });
}

/**
 * Creates an adapter from PEFT tensors, copying the arrays.
 *
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` if a tensor is missing or has another shape
 */
export function loadLora(
  model: Architecture,
  settings: AdapterSettings,
  tensors: readonly AdapterTensor[],
): LoraAdapter {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const has = (projection: Projection): boolean =>
    Array.from({ length: model.layers }, (_, layer) => tensorName(model, layer, projection, "A")).some(
      (name) => byName.has(name),
    );
  return assemble(model, settle(model, settings, has), (projection, side, layer) => {
    const name = tensorName(model, layer, projection, side);
    const shape = tensorShape(projection, side, settings.rank);
    const found = byName.get(name);
    if (!found || found.shape.join() !== shape.join()) {
      const about = { name, found: found ? `[${found.shape.join(", ")}]` : "no such tensor" };
      throw problem("MODEL_WEIGHT_MISMATCH", { ...about, expected: `[${shape.join(", ")}]` });
    }
    return found.data.slice();
  });
}

/**
 * Resolves the targets to projections and checks the rank.
 *
 * @param has filters the projections of a target that matches more than one
 */
function settle(
  model: Architecture,
  request: LoraRequest,
  has: (projection: Projection) => boolean = () => true,
): AdapterSettings {
  const all = projections(model).filter(({ isAdaptable }) => isAdaptable);
  const targets = request.targets === "all-linear" ? all.map(({ name }) => name) : request.targets;
  const meant = targets.map((target) => all.filter((one) => isTarget(one, target)));
  const stray = targets[meant.findIndex((found) => found.length === 0)];
  if (stray !== undefined) {
    throw problem("ENGINE_TARGET_UNKNOWN", { target: stray, known: all.map(({ name }) => name).join(", ") });
  }
  const settled = new Set(meant.flatMap((found) => (found.length === 1 ? found : found.filter(has))));
  const chosen = all.filter((one) => settled.has(one));
  const most = Math.min(...chosen.map(({ inputWidth, outputWidth }) => Math.min(inputWidth, outputWidth)));
  if (!Number.isInteger(request.rank) || request.rank < 1 || request.rank > most) {
    throw problem("ENGINE_RANK_INVALID", { rank: request.rank, most });
  }
  return { ...request, targets: chosen.map(({ name }) => name) };
}

type Side = "A" | "B";

/**
 * Lists the tensors and computes the scale: alpha / R, or alpha / sqrt(R) with rsLoRA.
 *
 * @source Hu et al. 2021 (arXiv 2106.09685), section 4.1; rsLoRA: Kalajdzievski 2023 (arXiv 2312.03732), section 3
 */
function assemble(
  model: Architecture,
  settings: AdapterSettings,
  fill: (projection: Projection, side: Side, layer: number) => Float32Array,
): LoraAdapter {
  const chosen = projections(model).filter((one) => settings.targets.some((target) => isTarget(one, target)));
  const list: AdapterTensor[] = [];
  const layers = Array.from({ length: model.layers }, (_, layer) => {
    const byPort: Record<string, Float32Array> = {};
    for (const projection of chosen) {
      for (const side of ["A", "B"] as const) {
        const data = fill(projection, side, layer);
        byPort[`${projection.name}.${side}`] = data;
        const shape = tensorShape(projection, side, settings.rank);
        list.push({ name: tensorName(model, layer, projection, side), shape, data });
      }
    }
    return byPort;
  });
  const { rank, alpha, rslora, dropout, targets } = settings;
  const scaling = alpha / (rslora ? Math.sqrt(rank) : rank);
  const shape = { rank, scaling, dropout: dropout > 0, targets };
  return {
    kind: "lora",
    settings,
    shape,
    parameterCount: list.reduce((sum, { data }) => sum + data.length, 0),
    layers,
    root: {},
    firstLayer: 0,
    isWhole: () => false,
    shapeOf: () => ({ kind: "lora", ...shape }),
    forwardShape: { kind: "lora", ...shape, dropout: false },
    tensors: () => list,
    restore: (path) => restoreTrained(path, list),
  };
}

function tensorName(model: Architecture, layer: number, { path }: Projection, side: Side): string {
  return `base_model.model.${layerName(model, layer, path)}.lora_${side}.weight`;
}

function tensorShape({ inputWidth, outputWidth }: Projection, side: Side, rank: number): [number, number] {
  return side === "A" ? [rank, inputWidth] : [outputWidth, rank];
}
