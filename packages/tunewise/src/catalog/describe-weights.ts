/** @file Describes the layers of a model of an unknown family from the weights that its files declare. */
import { sum } from "@tunewise/core/math";
import type { ModelDescription, Projection, ProjectionInput } from "./model.ts";

/** A weight as declared by its file. */
export interface DeclaredWeight {
  /** Name in transformers: `model.layers.0.self_attn.q_proj.weight` */
  readonly name: string;
  /** `[out, in]` for a linear layer; `[experts, ...]` for the matrices of several experts. */
  readonly shape: readonly number[];
}

/** A weight of a layer: `transformer.h` `3` `attn.c_attn.weight`. */
const inLayer = /^(.*?)\.(\d+)\.(.+)$/;

/**
 * Replaces projections and parameter counts by those of the files. The input of a projection is inferred from its name
 * and widths. Returns the model unchanged if the files have no layers.
 *
 * @param model described by the configuration alone
 */
export function describeWeights(
  model: ModelDescription,
  weights: Iterable<DeclaredWeight>,
): ModelDescription {
  const all = [...weights];
  const layers = largestStack(all);
  if (layers.size === 0) return model;
  const [layer = []] = [...layers.values()].sort((a, b) => sizeOf(b) - sizeOf(a));
  const projections = projectionsOf(layer, model);
  if (projections.length === 0) return model;
  const inLayers = sum([...layers.values()].map(sizeOf));
  const tables = all.filter(({ name, shape }) => shape[0] === model.vocabulary && !inLayer.test(name));
  const [embeddings = 0, head = 0] = tables.filter(({ shape }) => shape.length === 2).map(elements);
  const linearIn = (copies: (one: Projection) => number): number =>
    layers.size * sum(projections.map((one) => copies(one) * one.inputWidth * one.outputWidth));
  const linear = Math.min(
    inLayers,
    linearIn((one) => one.copies),
  );
  const activeLinear = Math.min(
    linear,
    linearIn((one) => one.activeCopies),
  );
  const total = sizeOf(all);
  const small = total - embeddings - head - linear;
  return {
    ...model,
    layers: layers.size,
    tied: head === 0,
    projections,
    isOfFiles: true,
    parameters: { total, embeddings, head, linear, activeLinear, small },
  };
}

/** Weights by layer, of the stack with the most parameters: multimodal models have several stacks. */
function largestStack(all: readonly DeclaredWeight[]): Map<string, DeclaredWeight[]> {
  const stacks = new Map<string, Map<string, DeclaredWeight[]>>();
  for (const { name, shape } of all) {
    const [, stack, layer, path] = inLayer.exec(name) ?? [];
    if (stack === undefined || layer === undefined || path === undefined) continue;
    const layers = stacks.get(stack) ?? new Map<string, DeclaredWeight[]>();
    const weights = layers.get(layer) ?? [];
    weights.push({ name: path, shape });
    stacks.set(stack, layers.set(layer, weights));
  }
  const size = (layers: Map<string, DeclaredWeight[]>): number => sum([...layers.values()].map(sizeOf));
  return [...stacks.values()].sort((a, b) => size(b) - size(a))[0] ?? new Map();
}

/** Projections of a layer by name and widths, with the number of experts that have one. */
function projectionsOf(layer: readonly DeclaredWeight[], model: ModelDescription): Projection[] {
  const biases = new Set(layer.map(({ name }) => name).filter((name) => name.endsWith(".bias")));
  const found = new Map<string, Projection>();
  for (const { name, shape } of layer) {
    const module = name.replace(/\.weight$/, "");
    const [outputWidth = 0, inputWidth = 0] = shape.slice(-2);
    const isExpert = shape.length === 3 || /\.experts\.\d+\./.test(name);
    // a router has one row per expert
    const isRouter = !isExpert && model.experts > 1 && outputWidth === model.experts;
    const isMatrix = shape.length === 2 || (isExpert && Math.min(...shape) > 1);
    if (!isMatrix || isRouter || name.endsWith(".bias")) continue;
    const leaf = module.slice(module.lastIndexOf(".") + 1);
    const key = `${leaf} ${isExpert} ${outputWidth} ${inputWidth}`;
    const copies = (found.get(key)?.copies ?? 0) + (shape.length === 3 ? (shape[0] ?? 1) : 1);
    found.set(key, {
      name: leaf,
      inputWidth,
      outputWidth,
      bias: biases.has(`${module}.bias`),
      reads: inputOf(name, outputWidth, model.hidden),
      copies,
      activeCopies: isExpert ? Math.min(copies, model.activeExperts) : copies,
      ...(isExpert ? { ofExperts: true as const } : {}),
    });
  }
  return [...found.values()];
}

function inputOf(name: string, outputWidth: number, hidden: number): ProjectionInput {
  const isAttention = /attn|attention/.test(name);
  if (outputWidth === hidden) return isAttention ? "attended" : "activated";
  return isAttention ? "layer" : "feed-forward";
}

function elements({ shape }: DeclaredWeight): number {
  return shape.reduce((product, size) => product * size, 1);
}

function sizeOf(weights: readonly DeclaredWeight[]): number {
  return sum(weights.map(elements));
}
