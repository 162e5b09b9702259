/**
 * @file Planned memory of long rows, compared with measurements by `bench/engine-step.mjs smol --tokens N --steps 1`.
 */

import { bytes } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { describeModel, knownConfig } from "../../catalog/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { planAdapter } from "../adapter.ts";
import { stackRules } from "../stack/rules.ts";
import { chooseMemory } from "./choose-memory.ts";

/** Peak resident bytes. The benchmark loads no tokenizer, but the plan includes one. */
const measured = [
  { tokens: 2048, recompute: "none", peak: 2_432_294_912 },
  { tokens: 4096, recompute: "layer", peak: 1_507_373_056 },
  { tokens: 8192, recompute: "layer", peak: 2_184_265_728 },
] as const;

test.each(measured)("$tokens tokens in one row, recompute $recompute", ({ tokens, recompute, peak }) => {
  const { recipe } = readRecipe(
    JSON.stringify({
      model: "owner/model",
      data: { train: "train.jsonl", split: { validation: 0, test: 0 }, max_length: tokens, loss: "all" },
      method: { kind: "lora", rank: 8, targets: "all-linear" },
      training: { batch_size: 1, epochs: 1, gradient_checkpointing: recompute },
    }),
    "long.yaml",
  );
  const { model } = describeModel(knownConfig("HuggingFaceTB/SmolLM2-135M") ?? {});
  if (!recipe || !model) throw new Error("the recipe or the configuration is not read");
  const input = {
    recipe,
    model,
    sharedPrefixTokens: 0,
    forgetting: null,
    lengths: {
      train: [{ tokens, labelledTokens: tokens - 1, promptTokens: 1 }],
      validation: [],
      test: [],
    },
    judging: { loss: false, answers: false, detectableEffect: null },
    machine: { memoryBytes: bytes(24e9), storedWeightBytes: 4, compute: "fp32" as const },
  };
  const adapter = planAdapter(model, recipe.method, stackRules.worker);
  const { low, expected, high } = chooseMemory(input, adapter).estimate.peakBytes;
  expect([low <= peak, peak <= high]).toEqual([true, true]);
  expect(Math.abs(expected / peak - 1)).toBeLessThan(0.1);
});
