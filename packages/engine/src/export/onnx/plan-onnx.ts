/**
 * @file Exports the model as one ONNX graph for transformers.js: ids, masks and the past KV cache in, logits and the
 *   extended KV cache out. The layers are the engine's own.
 *
 * @source huggingface/transformers.js src/models/modeling_utils.js (names of inputs and outputs), src/configs.js
 *   `TransformersJSConfig`
 */
import type { Value } from "../../graph/value.ts";
import type { Architecture } from "../../models/architecture.ts";
import { buildHead } from "../../models/head.ts";
import { buildLayer } from "../../models/layer.ts";
import { layerName, layerWeights, type RootKey, rootWeights } from "../../models/weight-names.ts";
import { writeNodes } from "../../onnx/program.ts";
import type { Port } from "../../onnx/writer.ts";
import type { ExportPlan, PlannedTensor } from "../export-plan.ts";
import { configFile, exportedConfig, textFiles } from "../model-files.ts";
import type { WrittenType } from "../narrow.ts";
import type { TunedModel } from "../tuned-model.ts";
import { type Entry, writeEntry } from "./entry.ts";
import { ModelWriter } from "./model-writer.ts";
import { storeModel } from "./weight-store.ts";

/** Layout of rows and their past as one block, without a shared prefix. */
const layout = { grid: "dense", memory: "past", blocks: 1, prefixBlocks: 1 } as const;

/** File name suffixes, and the names of types in transformers.js. */
const kinds: Readonly<Record<string, { readonly suffix: string; readonly name: string }>> = {
  f32: { suffix: "", name: "fp32" },
  f16: { suffix: "_fp16", name: "fp16" },
};

/**
 * Plans a folder that transformers.js can load.
 *
 * @param dtype how weights are stored; the model computes in float32
 * @param max bytes per file
 */
export function planOnnx(model: TunedModel, dtype: WrittenType = "f32", max?: number): ExportPlan {
  const { suffix = "", name = "fp32" } = kinds[dtype] ?? {};
  const file = `model${suffix}.onnx`;
  const onnx = new ModelWriter();
  writeModel(onnx, model, dtype);
  const graph = onnx.modelGraph(inputPorts(model.architecture), outputPorts(model.architecture));
  const stored = storeModel(graph, onnx.weights, `onnx/${file}`, max);
  const settings = {
    dtype: name,
    ...(stored.dataFiles > 0 ? { use_external_data_format: { [file]: stored.dataFiles } } : {}),
  };
  const config = { ...exportedConfig(model, "float32"), "transformers.js_config": settings };
  return {
    dtype,
    notes: longNotes(model.architecture),
    files: [...stored.files, ...textFiles(model), configFile(config)],
  };
}

/** longrope has other factors beyond its original context, but a graph can contain only one set. */
function longNotes({ ropes, contextLength }: Architecture): string[] {
  const isLong = ropes.some(({ scaling }) => scaling.kind === "longrope");
  return isLong
    ? [
        `the graph has longrope's factors for texts of up to ${contextLength} tokens; longer ones come out differently`,
      ]
    : [];
}

/** Embedding, layers, head; weights are declared where they are first used. */
function writeModel(onnx: ModelWriter, model: TunedModel, dtype: WrittenType): void {
  const { architecture } = model;
  const declare = (name: string): string => onnx.weight(weightTensor(model, name, dtype));
  const root = new Map(rootWeights(architecture).map(({ key, name }) => [key, name]));
  const declareRoot = (key: RootKey): string | null => {
    const name = root.get(key);
    return name === undefined ? null : declare(name);
  };
  const embedding = declareRoot("embedding") ?? "";
  const entry = writeEntry(onnx, architecture, embedding, declareRoot("positions"));
  let hidden = entry.hidden;
  for (let layer = 0; layer < architecture.layers; layer++) {
    for (const { name } of layerWeights(architecture)) declare(layerName(architecture, layer, name));
    hidden = writeLayer(onnx, architecture, layer, hidden, entry);
  }
  const names: Readonly<Record<string, string | null>> = {
    x: hidden,
    "head.weight": declareRoot("head") ?? embedding,
    "norm.weight": declareRoot("norm"),
    "norm.bias": declareRoot("normBias"),
  };
  const { logits } = buildHead(architecture);
  writeNodes(onnx, new Map([["logits.flat", logits]]), new Map(), (input) => names[input] ?? input);
  onnx.node("Reshape", ["logits.flat", onnx.dims(["B", "T", architecture.vocabulary])], {}, "logits");
}

function writeLayer(
  onnx: ModelWriter,
  model: Architecture,
  layer: number,
  hidden: string,
  { rotations, masks }: Entry,
): string {
  const mask = masks.get(model.windows[layer] ?? null) ?? "";
  const rope = model.ropes[layer];
  const past = `past_key_values.${layer}`;
  const outside: Readonly<Record<string, string>> = {
    x: hidden,
    ...(rope && rotations.get(rope)),
    "mask.0": mask,
    "cache.key": `${past}.key`,
    "cache.value": `${past}.value`,
  };
  const { y, key, value } = buildLayer(model, layout, null);
  const outputs = new Map<string, Value>([
    [`hidden.${layer}`, y],
    [`present.${layer}.key`, key],
    [`present.${layer}.value`, value],
  ]);
  writeNodes(onnx, outputs, new Map(), (input) => outside[input] ?? layerName(model, layer, input));
  return `hidden.${layer}`;
}

/** Gemma's norm weights are written with their 1 added; norms and biases stay float32. */
function weightTensor(model: TunedModel, name: string, dtype: WrittenType): PlannedTensor {
  const shape = model.weights.get(name);
  if (!shape) throw new Error(`Internal: no weight ${name} to export`);
  const { normOffset } = model.architecture;
  const read = async (): Promise<Float32Array> => {
    const values = await model.read(name);
    if (normOffset === 0 || !name.includes("norm")) return values;
    return values.map((value) => value + normOffset);
  };
  return { name, shape, type: shape.length > 1 ? dtype : "f32", read };
}

/** Sizes under the names that transformers.js expects. */
const batch = "batch_size";
const length = "sequence_length";
const past = "past_sequence_length";
const total = "total_sequence_length";

function inputPorts(model: Architecture): Port[] {
  return [
    { name: "input_ids", shape: [batch, length], type: "int64" },
    { name: "attention_mask", shape: [batch, total], type: "int64" },
    { name: "position_ids", shape: [batch, length], type: "int64" },
    ...cachePorts(model, "past_key_values", past),
  ];
}

function outputPorts(model: Architecture): Port[] {
  const logits = { name: "logits", shape: [batch, length, model.vocabulary], type: "float32" } as const;
  return [logits, ...cachePorts(model, "present", total)];
}

function cachePorts({ layers, kvHeads, headWidth }: Architecture, prefix: string, size: string): Port[] {
  return Array.from({ length: layers }, (_, layer) =>
    ["key", "value"].map((part): Port => {
      return {
        name: `${prefix}.${layer}.${part}`,
        shape: [batch, kvHeads, size, headWidth],
        type: "float32",
      };
    }),
  ).flat();
}
