import { expect, test } from "vitest";
import { inputOf, recipeOf } from "../../../../../test/support/plan-inputs.ts";
import type { Plan } from "../plan.ts";
import { planRun } from "../plan-run.ts";

function planned(compute: "fp32" | "bf16", kind: string): Plan {
  const recipe = recipeOf(`method: { kind: ${kind} }\ntraining: { steps: 20 }\nplan: { seeds: 1 }\n`);
  const input = inputOf("HuggingFaceTB/SmolLM2-135M", recipe, []);
  return planRun({ ...input, machine: { ...input.machine, compute } });
}

function weightsOf({ memory }: Plan): number {
  return memory.phases[0]?.terms.find(({ name }) => name === "weights")?.bytes.expected ?? Number.NaN;
}

test("with products in bfloat16 a base lies in memory as it is multiplied, in half the space", () => {
  const [wide, narrow] = [planned("fp32", "lora"), planned("bf16", "lora")];
  expect(wide.schedule.base).toEqual({ format: "float32", place: "memory" });
  expect(narrow.schedule.base).toEqual({ format: "stored", place: "memory", compute: "bf16" });
  // of 30 layers with seven matrices each, plus the embedding
  const linear = 106_168_320 + 49_152 * 576;
  expect((weightsOf(wide) - weightsOf(narrow)) / (2 * linear)).toBeCloseTo(1, 1);
});

test("keys and values of decoding take half the space with products in bfloat16", () => {
  const cacheOf = ({ memory }: Plan): number =>
    memory.phases.flatMap(({ terms }) => terms).find(({ name }) => name === "cache")?.bytes.expected ??
    Number.NaN;
  expect(cacheOf(planned("fp32", "lora")) / cacheOf(planned("bf16", "lora"))).toBeCloseTo(2, 6);
});

test("a base in 4 bits needs no layer that is widened", () => {
  const [wide, narrow] = [planned("fp32", "qlora"), planned("bf16", "qlora")];
  expect(narrow.schedule.base).toEqual({ format: "nf4", place: "memory", compute: "bf16" });
  expect(weightsOf(narrow)).toBeLessThan(weightsOf(wide));
});
