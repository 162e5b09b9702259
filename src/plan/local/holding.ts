/**
 * @file How the base's weights can be held on this machine, and the bytes each way takes.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { holdingConstants as k } from "../constants.ts";
import type { BaseHolding } from "../plan.ts";

/**
 * Ways that suit a method at a place, the quickest first; none where the recipe wants another place.
 *
 * A full fine-tune has weights of its own; those it started from are read when they are asked for.
 */
export function holdingsOf({ method, machine }: Recipe, at: BaseHolding["place"]): readonly BaseHolding[] {
  const all: readonly BaseHolding[] = {
    lora: [
      { format: "float32", place: "memory" },
      { format: "stored", place: "memory" },
      { format: "stored", place: "disk" },
    ] as const,
    qlora: [
      { format: "nf4", place: "memory" },
      { format: "nf4", place: "disk" },
    ] as const,
    full: [{ format: "stored", place: "disk" }] as const,
  }[method.kind];
  const wanted = all.filter(({ place }) => machine.weights === "auto" || place === machine.weights);
  return (wanted.length > 0 ? wanted : all).filter(({ place }) => place === at);
}

/** Bytes of one weight of a matrix, its share of the scales included. @source Dettmers et al. 2023, section 3 */
export function bytesPerWeight(
  { format }: BaseHolding,
  storedWeightBytes: number,
  doubleQuantization: boolean,
): number {
  if (format === "float32") return 4;
  if (format === "stored") return storedWeightBytes;
  return 0.5 + (doubleQuantization ? 1 + 4 / 256 : 4) / 64;
}

/** Bytes that all weights take, by where they lie. */
export function heldBytes(
  { parameters, layers }: ModelDescription,
  holding: BaseHolding,
  perWeight: number,
): { readonly whole: number; readonly matrices: number; readonly workspace: number } {
  const layer = parameters.linear / layers;
  const isWidened = holding.format !== "float32" && perWeight < 4;
  return {
    whole: 4 * (parameters.total - parameters.linear),
    matrices: perWeight * (holding.place === "disk" ? k.layersAhead * layer : parameters.linear),
    // one layer as float32, and the matrix at work as it is stored
    workspace: isWidened ? (4 + perWeight * k.largestMatrixShare) * layer : 0,
  };
}
