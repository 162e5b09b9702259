/** @file Storage of the frozen weights on this machine, and its memory. */
import type { ModelDescription } from "../../catalog/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { holdingConstants as k } from "../constants.ts";
import type { MachineFacts } from "../input.ts";
import type { BaseHolding } from "../plan.ts";
import { nf4Bytes } from "../stack/states.ts";

/**
 * Storage options of a method in memory or on disk, the fastest first; none if the recipe excludes it.
 *
 * Full fine-tuning trains its own float32 weights; the base's weights are read on demand and converted. bfloat16
 * products read matrices as stored, so an adapter run gains nothing from holding them as float32.
 */
export function holdingsOf(
  { method, machine }: Recipe,
  at: BaseHolding["place"],
  compute: MachineFacts["compute"],
): readonly BaseHolding[] {
  const all: readonly BaseHolding[] = {
    lora: [
      ...(compute === "fp32" ? [{ format: "float32", place: "memory" } as const] : []),
      { format: "stored", place: "memory" } as const,
      { format: "stored", place: "disk" } as const,
    ],
    qlora: [
      { format: "nf4", place: "memory" },
      { format: "nf4", place: "disk" },
    ] as const,
    full: [{ format: compute === "fp32" ? "stored" : "float32", place: "disk" } as const],
  }[method.kind];
  const wanted = all.filter(({ place }) => machine.weights === "auto" || place === machine.weights);
  const chosen = (wanted.length > 0 ? wanted : all).filter(({ place }) => place === at);
  return compute === "fp32" ? chosen : chosen.map((one) => ({ ...one, compute }));
}

/** Bytes of one weight of a matrix, including its share of the scales. */
export function bytesPerWeight(
  { format, place, compute }: BaseHolding,
  storedWeightBytes: number,
  doubleQuantization: boolean,
): number {
  if (format === "float32") return place === "disk" ? storedWeightBytes : 4;
  if (format === "stored") return compute === "bf16" ? Math.min(2, storedWeightBytes) : storedWeightBytes;
  return nf4Bytes(doubleQuantization);
}

/** Whether embedding and head are held in bfloat16, the format that products next to an adapter read. */
export function hasNarrowTables(
  { vocabulary, hidden }: Pick<ModelDescription, "vocabulary" | "hidden">,
  { compute, format }: BaseHolding,
): boolean {
  return compute === "bf16" && format !== "float32" && vocabulary % 64 === 0 && hidden % 64 === 0;
}

/** Bytes per value of the KV cache: 2 with bfloat16 products, if attention supports such a cache for this model. */
export function cacheBytes(
  { headWidth, softCaps }: Pick<ModelDescription, "headWidth" | "softCaps">,
  { compute }: BaseHolding,
): number {
  return compute === "bf16" && headWidth % 32 === 0 && !softCaps ? 2 : 4;
}

/** Bytes of all weights, by kind. */
export function weightBytes(
  model: ModelDescription,
  holding: BaseHolding,
  perWeight: number,
): { readonly whole: number; readonly matrices: number; readonly workspace: number } {
  const { parameters, layers, vocabulary, hidden, tied } = model;
  const layer = parameters.linear / layers;
  const isWidened =
    perWeight < 4 &&
    (holding.compute !== "bf16" || (holding.format === "float32" && holding.place === "disk"));
  const tables = (tied ? 1 : 2) * vocabulary * hidden;
  const saved = hasNarrowTables(model, holding) ? 2 * tables : 0;
  return {
    whole: 4 * (parameters.total - parameters.linear) - saved,
    matrices: perWeight * (holding.place === "disk" ? k.layersAhead * layer : parameters.linear),
    // one layer as float32, and the current matrix in its stored format
    workspace: isWidened ? (4 + perWeight * k.largestMatrixShare) * layer : 0,
  };
}
