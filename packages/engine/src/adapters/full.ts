/** @file Full fine-tuning: trainable copies of the base's weights, except for the frozen ones. */

import type { BaseWeights } from "../base/base.ts";
import { type Table, tableValues } from "../base/table.ts";
import type { FullHandle, FullSettings } from "../engine.ts";
import type { Architecture } from "../models/architecture.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import {
  isStoredTurned,
  layerName,
  layerWeights,
  oriented,
  type RootKey,
  type RootWeight,
  rootWeights,
  transposed,
} from "../models/weight-names.ts";
import type { TrainedParts } from "../pass/train-pass.ts";
import { problem } from "../problem/index.ts";
import type { AdapterTensor, WeightFiles } from "../weights/index.ts";
import { restoreTrained } from "./restore.ts";

/** Trained weights by layer and module path, such as `self_attn.q_proj.weight`; those outside the layers by role. */
export interface FullAdapter extends FullHandle, TrainedParts {}

/**
 * Creates trainable weights that equal the base's.
 *
 * @throws {TunewiseError} `ENGINE_FREEZE_UNKNOWN` if a pattern matches no weight, `ENGINE_ALL_FROZEN`
 */
export async function createFull(
  model: Architecture,
  base: BaseWeights,
  settings: FullSettings,
): Promise<FullAdapter> {
  return assemble(model, settings, async (place) => {
    if ("key" in place) return tableValues(base[place.key] as Table).slice();
    const layer = await base.layer(place.layer);
    return (layer[place.path] as Float32Array).slice();
  });
}

/**
 * Loads trainable weights from a model file.
 *
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH`
 */
export async function loadFull(
  model: Architecture,
  results: WeightFiles,
  settings: FullSettings,
): Promise<FullAdapter> {
  const files = oriented(results, model);
  return assemble(model, settings, async ({ name, shape }) => {
    const found = files.weights.get(name);
    if (found?.shape.join() !== shape.join()) {
      const about = { name, found: found ? `[${found.shape.join(", ")}]` : "no such tensor" };
      throw problem("MODEL_WEIGHT_MISMATCH", { ...about, expected: `[${shape.join(", ")}]` });
    }
    const weight = await files.read(name);
    const offset = isNorm(name) ? model.normOffset : 0;
    return offset === 0 ? weight : weight.map((value) => value + offset);
  });
}

type Place = { readonly name: string; readonly shape: readonly number[] } & (
  | Pick<RootWeight, "key">
  | { readonly layer: number; readonly path: string }
);

async function assemble(
  model: Architecture,
  settings: FullSettings,
  fill: (place: Place) => Promise<Float32Array>,
): Promise<FullAdapter> {
  const isFrozen = freezer(settings.frozen, model);
  const list: AdapterTensor[] = [];
  const layers: Record<string, Float32Array>[] = [];
  for (let layer = 0; layer < model.layers; layer++) {
    const trained: Record<string, Float32Array> = {};
    for (const { name: path, shape } of layerWeights(model)) {
      const name = layerName(model, layer, path);
      if (isFrozen(name)) continue;
      trained[path] = await fill({ name, shape, layer, path });
      list.push({ name, shape, data: trained[path] });
    }
    layers.push(trained);
  }
  const root: Partial<Record<RootKey, Float32Array>> = {};
  for (const { key, name, shape } of rootWeights(model)) {
    if (isFrozen(name)) continue;
    root[key] = await fill({ name, shape, key });
    list.push({ name, shape, data: root[key] });
  }
  if (list.length === 0) throw problem("ENGINE_ALL_FROZEN", { patterns: settings.frozen.join(", ") });
  if (model.tied && root.embedding) root.head = root.embedding;
  const whole = layerWeights(model).length;
  const firstTrained = layers.findIndex((trained) => Object.keys(trained).length > 0);
  return {
    kind: "full",
    settings,
    parameterCount: list.reduce((sum, { data }) => sum + data.length, 0),
    layers,
    root,
    firstLayer: root.embedding || root.positions ? 0 : firstTrained < 0 ? model.layers : firstTrained,
    isWhole: (layer) => Object.keys(layers[layer] ?? {}).length === whole,
    shapeOf: (layer) => ({ kind: "full", trained: Object.keys(layers[layer] ?? {}) }),
    forwardShape: null,
    tensors: () => list,
    restore: (path) => restoreTrained(path, list),
  };
}

/**
 * Checks patterns of frozen weights before any weight is read: each must match a weight, and some must stay
 * trainable.
 *
 * @throws {TunewiseError} `ENGINE_FREEZE_UNKNOWN`, `ENGINE_ALL_FROZEN`, and the errors of `readArchitecture`
 */
export function checkTrainable(
  config: Parameters<typeof readArchitecture>[0],
  frozen: readonly string[],
): void {
  const model = readArchitecture(config);
  const isFrozen = freezer(frozen, model);
  const names = [
    ...rootWeights(model).map(({ name }) => name),
    ...layerWeights(model).flatMap(({ name }) => layerNames(model, name)),
  ];
  if (names.every(isFrozen)) throw problem("ENGINE_ALL_FROZEN", { patterns: frozen.join(", ") });
}

/** The names that a weight has in each layer. */
function layerNames(model: Architecture, name: string): string[] {
  return Array.from({ length: model.layers }, (_, layer) => layerName(model, layer, name));
}

/** A trained weight as the model's file stores it: some families subtract 1 from norms, or transpose matrices. */
export function storedTensor(model: Architecture, tensor: AdapterTensor): AdapterTensor {
  const { name, shape, data } = tensor;
  const { normOffset } = model;
  if (normOffset !== 0 && isNorm(name)) return { ...tensor, data: data.map((value) => value - normOffset) };
  if (!isStoredTurned(model, name)) return tensor;
  return { name, shape: [...shape].reverse(), data: transposed(data, shape[0] ?? 1) };
}

/** Whether a weight belongs to a norm; some families store norm weights minus one. */
function isNorm(name: string): boolean {
  return /norm\.weight$/.test(name);
}

/** Compiles name patterns, in which `*` matches any text. */
function freezer(patterns: readonly string[], model: Architecture): (name: string) => boolean {
  const names = [
    ...rootWeights(model).map(({ name }) => name),
    ...layerWeights(model).flatMap(({ name }) => layerNames(model, name)),
  ];
  const tests = patterns.map((pattern) => {
    const parts = pattern.split("*");
    const test = (name: string): boolean => matches(name, parts);
    if (!names.some(test))
      throw problem("ENGINE_FREEZE_UNKNOWN", { pattern, example: layerName(model, 0, "*") });
    return test;
  });
  return (name) => tests.some((test) => test(name));
}

/** Whether the parts occur in order, the first at the start and the last at the end. */
function matches(name: string, [first = "", ...rest]: readonly string[]): boolean {
  if (rest.length === 0) return name === first;
  if (!name.startsWith(first)) return false;
  const last = rest.at(-1) ?? "";
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
