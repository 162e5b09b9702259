/** @file Differentiates the base's weights and accumulates squares of the gradients. */
import type { TrainedAdapter } from "../adapters/tuned.ts";
import { type Architecture, isTarget, projections } from "../models/architecture.ts";
import { cheaperSquares } from "../models/squares.ts";
import { layerName, layerWeights, type RootKey, rootWeights } from "../models/weight-names.ts";
import { type FisherFacts, type FisherSum, sumFisher } from "../penalties/fisher.ts";
import type { Gradients, TrainedParts } from "./train-pass.ts";

/** The base's weights as trainable parts, with memory for their gradients. */
export interface FisherProbe {
  /** Trainable parts for a row with this many tokens. */
  readonly parts: (tokens: number) => TrainedParts;
  /** All layers share one gradient array per weight, or one per sum of its squares. */
  readonly gradients: Gradients;
  /** Accumulated squares by the names of the model's file. */
  readonly sums: ReadonlyMap<string, FisherSum>;
  addLayer(layer: number, scale: number): void;
  addRoot(scale: number): void;
}

/** Creates the probe for the weights that an adapter changes; the adapter's values are ignored. */
export function probeOf(
  model: Architecture,
  adapter: TrainedAdapter,
  storage: FisherFacts["storage"],
): FisherProbe {
  const shapes = new Map(layerWeights(model).map(({ name, shape }) => [name, shape]));
  const layers = Array.from({ length: model.layers }, (_, layer) => pathsOf(model, adapter, layer));
  const places = new Map([...new Set(layers.flat())].map((path) => [path, placesFor(path, shapes, storage)]));
  const sums = new Map<string, FisherSum>();
  for (const [layer, paths] of layers.entries()) {
    for (const path of paths)
      sums.set(layerName(model, layer, path), sumFisher(shapes.get(path) ?? [], storage));
  }
  const root = adapter.kind === "full" ? rootPlaces(model, adapter.root) : {};
  const named = namedRoot(model, root);
  for (const { name, shape } of named) sums.set(name, sumFisher(shape, storage));
  const firstTrained = layers.findIndex((paths) => paths.length > 0);
  const matrices = [...places.keys()].flatMap((path) => matrixOf(shapes.get(path) ?? []));
  return {
    parts: (tokens) => {
      const squares = storage === "factored" ? { squares: cheaperSquares(tokens, matrices) } : {};
      return {
        layers: layers.map(() => ({})),
        root: {},
        isWhole: () => false,
        forwardShape: null,
        wide: (layer) => layers[layer] ?? [],
        shapeOf: (layer) => ({ kind: "full", trained: layers[layer] ?? [], ...squares }),
        firstLayer: root.embedding || root.positions ? 0 : Math.max(0, firstTrained),
      };
    },
    gradients: {
      layers: layers.map((paths) => Object.assign({}, ...paths.map((path) => places.get(path)))),
      root,
    },
    sums,
    addLayer: (layer, scale) => {
      for (const path of layers[layer] ?? []) {
        const sum = sums.get(layerName(model, layer, path));
        for (const [port, found] of Object.entries(places.get(path) ?? {})) {
          if (port === path) sum?.add(found, scale);
          else sum?.addSums(port.endsWith(rowsPort) ? "rows" : "columns", found, scale);
        }
      }
    },
    addRoot: (scale) => {
      for (const { name, gradient } of named) sums.get(name)?.add(gradient, scale);
    },
  };
}

/** Weights of a layer that the adapter changes. */
function pathsOf(model: Architecture, adapter: TrainedAdapter, layer: number): string[] {
  if (adapter.kind === "full") return Object.keys(adapter.layers[layer] ?? {});
  const { targets } = adapter.settings;
  return projections(model)
    .filter((one) => targets.some((target) => isTarget(one, target)))
    .map(({ path }) => `${path}.weight`);
}

/** Ports of the programs for a weight's square sums, as `TunedShape.squares` names them. */
const [rowsPort, columnsPort] = [".rows", ".columns"];

function placesFor(
  path: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  storage: FisherFacts["storage"],
): Readonly<Record<string, Float32Array>> {
  const shape = shapes.get(path) ?? [];
  const [matrix] = matrixOf(shape);
  if (storage === "full" || !matrix) return { [path]: new Float32Array(countOf(shape)) };
  const [rows, columns] = matrix;
  return { [path + rowsPort]: new Float32Array(rows), [path + columnsPort]: new Float32Array(columns) };
}

/** Both sizes of a matrix; empty for other shapes. */
function matrixOf([rows, columns]: readonly number[]): (readonly [number, number])[] {
  return rows === undefined || columns === undefined ? [] : [[rows, columns]];
}

/** Gradients outside the layers, by the names of the model's file. */
function namedRoot(
  model: Architecture,
  root: Gradients["root"],
): { readonly name: string; readonly gradient: Float32Array; readonly shape: readonly number[] }[] {
  return rootWeights(model).flatMap(({ key, name, shape }) => {
    const gradient = root[key];
    return gradient ? [{ name, gradient, shape }] : [];
  });
}

function rootPlaces(model: Architecture, trained: TrainedParts["root"]): Gradients["root"] {
  const places: Partial<Record<RootKey, Float32Array>> = {};
  for (const { key } of rootWeights(model)) {
    const values = trained[key];
    if (values) places[key] = new Float32Array(values.length);
  }
  return model.tied && places.embedding ? { ...places, head: places.embedding } : places;
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
