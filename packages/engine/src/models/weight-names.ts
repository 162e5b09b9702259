/** @file Names and shapes of a model's weights in its files, for all families. */
import type { WeightFiles } from "../weights/index.ts";
import { type Architecture, norms, projections } from "./architecture.ts";

/** Weights outside the layers, by role. */
export type RootKey = "embedding" | "positions" | "norm" | "normBias" | "head";

/** A weight outside the layers. */
export interface RootWeight {
  readonly key: RootKey;
  readonly name: string;
  readonly shape: readonly number[];
}

/** Weights outside the layers, under their names in transformers; without a head if it is tied. */
export function rootWeights(model: Architecture): RootWeight[] {
  const { vocabulary, hidden, contextLength, tied, names, norm } = model;
  const { root } = names;
  const one = (key: RootKey, name: string, ...shape: number[]): RootWeight => ({ key, name, shape });
  return [
    one("embedding", `${root}${names.embedding}.weight`, vocabulary, hidden),
    ...(names.positions === null
      ? []
      : [one("positions", `${root}${names.positions}.weight`, contextLength, hidden)]),
    one("norm", `${root}${names.norm}.weight`, hidden),
    ...(norm === "layer" ? [one("normBias", `${root}${names.norm}.bias`, hidden)] : []),
    ...(tied ? [] : [one("head", `${names.head}.weight`, vocabulary, hidden)]),
  ];
}

/** Name of a layer's weight or module: `model.layers.0.self_attn.q_proj`. */
export function layerName({ names }: Architecture, layer: number, path: string): string {
  return `${names.root}${names.layers}.${layer}.${path}`;
}

/** Tensors of a layer by module path: name and shape `[outputs, inputs]`. */
export function layerWeights(model: Architecture): { name: string; shape: number[] }[] {
  const linear = projections(model).flatMap(({ path, inputWidth, outputWidth, bias }) => [
    { name: `${path}.weight`, shape: [outputWidth, inputWidth] },
    ...(bias ? [{ name: `${path}.bias`, shape: [outputWidth] }] : []),
  ]);
  const scales = norms(model).flatMap(({ path, width, bias }) =>
    (bias ? ["weight", "bias"] : ["weight"]).map((part) => ({ name: `${path}.${part}`, shape: [width] })),
  );
  return [...linear, ...scales];
}

/** Every weight of a model under its name in transformers, with its shape. */
export function modelWeights(
  model: Architecture,
): { readonly name: string; readonly shape: readonly number[] }[] {
  const own = layerWeights(model);
  const [first, ...rest] = rootWeights(model).map(({ name, shape }) => ({ name, shape }));
  const layers = Array.from({ length: model.layers }, (_, layer) =>
    own.map(({ name, shape }) => ({ name: layerName(model, layer, name), shape })),
  );
  return [...(first ? [first] : []), ...layers.flat(), ...rest];
}

/** Number of parameters, tied embeddings counted once. */
export function parameterCount(model: Architecture): number {
  const count = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);
  return modelWeights(model).reduce((sum, { shape }) => sum + count(shape), 0);
}

/** Converts names in transformers to names in the files, which may lack the prefix `root`. */
export function namesIn(
  { weights }: Pick<WeightFiles, "weights">,
  { names }: Architecture,
): (name: string) => string {
  const { root } = names;
  if (weights.has(`${root}${names.embedding}.weight`)) return (name) => name;
  return (name) => (name.startsWith(root) ? name.slice(root.length) : name);
}

/**
 * Presents projections as `[outputs, inputs]` for families that store `[inputs, outputs]`. Applied twice, it restores
 * the family's own form. Files of other families are returned unchanged.
 */
export function oriented<Files extends WeightFiles>(files: Files, model: Architecture): Files | WeightFiles {
  if (!model.inputsFirst) return files;
  const isTurned = (name: string): boolean => isStoredTurned(model, name);
  const shapes = new Map(
    [...files.weights].map(([name, info]) => [
      name,
      isTurned(name) ? { ...info, shape: [...info.shape].reverse() } : info,
    ]),
  );
  return {
    ...files,
    weights: shapes,
    read: async (name) => {
      const values = await files.read(name);
      const [rows = 1] = files.weights.get(name)?.shape ?? [];
      return isTurned(name) ? transposed(values, rows) : values;
    },
    readStored: async (name, take) => (isTurned(name) ? null : files.readStored(name, take)),
    close: () => files.close(),
  };
}

/** Whether files store a weight as `[inputs, outputs]`. */
export function isStoredTurned(model: Architecture, name: string): boolean {
  return model.inputsFirst && projections(model).some(({ path }) => name.endsWith(`.${path}.weight`));
}

/** Transposes `[rows, columns]` to `[columns, rows]`. */
export function transposed(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const columns = values.length / rows;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return turned;
}
