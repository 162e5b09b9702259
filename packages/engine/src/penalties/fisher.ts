/** @file The diagonal Fisher information of a model's weights: the importance of each weight for a text. */
import { type BFloat16Bits, narrowToBFloat16, widenBFloat16 } from "../weights/index.ts";
import type { WeightSamples } from "./weight-sample.ts";

/** Source of the labels whose gradients are squared. */
export type FisherEstimator = "empirical" | "sampled";

/** Provenance of Fisher information; a penalty's strength is only meaningful relative to it. */
export interface FisherFacts {
  /** `empirical`: the text's own tokens · `sampled`: drawn from the model's predictions at each position. */
  readonly estimator: FisherEstimator;
  /** `full`: one value per weight · `factored`: an outer product of row and column means. */
  readonly storage: "full" | "factored";
  /** Sequences, and labelled tokens in them. */
  readonly examples: number;
  readonly tokens: number;
  /** Identify the model and the text. */
  readonly modelKey: string;
  readonly dataKey: string;
}

/**
 * Fisher information of one tensor: each value as bfloat16, or row and column means, whose product over the overall
 * mean approximates it.
 */
export type FisherTensor =
  | { readonly kind: "full"; readonly shape: readonly number[]; readonly bits: BFloat16Bits }
  | {
      readonly kind: "factored";
      readonly shape: readonly number[];
      readonly rows: Float32Array;
      readonly columns: Float32Array;
    };

/** Fisher information by the names of the model's file. */
export interface Fisher {
  readonly facts: FisherFacts;
  readonly tensors: ReadonlyMap<string, FisherTensor>;
  /** A sample of the weights of the model that it was estimated at, by the names of the matrices. */
  readonly samples: WeightSamples;
}

/** Accumulates squared gradients of one tensor. */
export interface FisherSum {
  add(gradient: Float32Array, scale: number): void;
  /** Adds row and column sums of the squares, if the gradient itself was not computed. */
  addSums(of: "rows" | "columns", sums: Float32Array, scale: number): void;
  finish(scale: number): FisherTensor;
}

/**
 * Creates an accumulator for a tensor of this shape. Tensors of one axis are always stored in full.
 *
 * @source factored: Shazeer and Stern 2018 (arXiv 1804.04235), section 3: the rank-1 approximation of a non-negative
 *   matrix by its row and column sums
 */
export function sumFisher(shape: readonly number[], storage: FisherFacts["storage"]): FisherSum {
  const [rows = 1, columns = 1] = shape;
  if (storage === "full" || shape.length < 2) return fullSum(shape);
  const byRow = new Float64Array(rows);
  const byColumn = new Float64Array(columns);
  return {
    add: (gradient, scale) => {
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        const from = row * columns;
        for (let column = 0; column < columns; column++) {
          const square = (gradient[from + column] as number) ** 2;
          sum += square;
          byColumn[column] = (byColumn[column] as number) + scale * square;
        }
        byRow[row] = (byRow[row] as number) + scale * sum;
      }
    },
    addSums: (of, sums, scale) => {
      const all = of === "rows" ? byRow : byColumn;
      // a sum of squares near zero, computed from products, can be slightly negative due to rounding
      for (const [at, sum] of sums.entries()) all[at] = (all[at] as number) + scale * Math.max(0, sum);
    },
    finish: (scale) => ({
      kind: "factored",
      shape,
      rows: Float32Array.from(byRow, (sum) => (scale * sum) / columns),
      columns: Float32Array.from(byColumn, (sum) => (scale * sum) / rows),
    }),
  };
}

/** @source Kirkpatrick et al. 2017 (arXiv 1612.00796), section 2: the diagonal of the Fisher, squared gradients */
function fullSum(shape: readonly number[]): FisherSum {
  const sums = new Float32Array(shape.reduce((product, axis) => product * axis, 1));
  return {
    add: (gradient, scale) => {
      for (let at = 0; at < sums.length; at++) {
        sums[at] = (sums[at] as number) + scale * (gradient[at] as number) ** 2;
      }
    },
    addSums: () => {
      throw new Error("Internal: sums say nothing about single weights");
    },
    finish: (scale) => ({ kind: "full", shape, bits: narrowToBFloat16(sums, scale) }),
  };
}

/**
 * Combines the Fisher information of several tasks; earlier tasks are discounted by age.
 *
 * @param gamma factor applied to all earlier tasks at each new one, at most 1
 * @source Schwarz et al. 2018 (arXiv 1805.06370), section 3.2, online EWC
 */
export function joinFishers(oldestFirst: readonly Fisher[], gamma: number): Fisher {
  const [first, ...rest] = oldestFirst;
  if (!first) throw new Error("Internal: no Fisher to join");
  return rest.reduce((before, next) => {
    const tensors = new Map<string, FisherTensor>();
    for (const [name, tensor] of next.tensors) {
      const old = before.tensors.get(name);
      tensors.set(name, old ? addTensors(old, gamma, tensor) : tensor);
    }
    return { facts: next.facts, tensors, samples: next.samples };
  }, first);
}

function addTensors(old: FisherTensor, gamma: number, next: FisherTensor): FisherTensor {
  const { shape } = next;
  if (old.kind === "full" && next.kind === "full") {
    const sum = bfloat16Values(next.bits);
    const before = bfloat16Values(old.bits);
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + gamma * (before[at] as number);
    return { kind: "full", shape, bits: narrowToBFloat16(sum, 1) };
  }
  if (old.kind === "factored" && next.kind === "factored") {
    const join = (a: Float32Array, b: Float32Array): Float32Array =>
      b.map((value, at) => value + gamma * (a[at] as number));
    return {
      kind: "factored",
      shape,
      rows: join(old.rows, next.rows),
      columns: join(old.columns, next.columns),
    };
  }
  throw new Error("Internal: Fishers of two kinds");
}

/** Converts bfloat16 to float32. */
export function bfloat16Values(bits: BFloat16Bits): Float32Array {
  return widenBFloat16(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength));
}
