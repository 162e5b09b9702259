/** @file Settings that only the PyTorch worker supports, not the engine. */
import { optimizers } from "@tunewise/core/run";
import { snakeKeys } from "./draft.ts";
import type { MethodSection, Recipe } from "./recipe.ts";

type AdapterKeys = Pick<MethodSection, "dora" | "rankPattern" | "alphaPattern">;

/** Keys of `method` that are set and require another adapter than the engine's LoRA. */
export function adapterKeys({ dora, rankPattern, alphaPattern }: AdapterKeys): string[] {
  const isSet = { dora, rankPattern: hasKeys(rankPattern), alphaPattern: hasKeys(alphaPattern) };
  return Object.entries(snakeKeys(isSet)).flatMap(([key, isThere]) => (isThere ? [key] : []));
}

/** Settings of a recipe that the engine does not support, such as `method.dora`. */
export function workerKeys({ method, training }: Pick<Recipe, "method" | "training">): string[] {
  const keys = adapterKeys(method).map((key) => `method.${key}`);
  if (optimizers[training.optimizer].engine !== training.optimizer) keys.push("training.optimizer");
  if (training.masterDtype === "bfloat16") keys.push("training.master_dtype");
  return keys;
}

function hasKeys(pattern: Readonly<Record<string, number>>): boolean {
  return Object.keys(pattern).length > 0;
}
