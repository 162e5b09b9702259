import { expect, test } from "vitest";
import { describeModel } from "../../catalog/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { planAdapter } from "../adapter.ts";
import { certain } from "../range-arithmetic.ts";
import { stackRules } from "../stack/rules.ts";
import { importanceMemory, importancePart } from "./importance.ts";

const config = { model_type: "llama", hidden_size: 64, num_hidden_layers: 4, num_attention_heads: 4 };
const { model } = describeModel({ ...config, intermediate_size: 160, vocab_size: 1000 });
if (!model) throw new Error("the configuration describes no model");
const linear = model.parameters.linear;
const speeds = { flops: certain(1e9) };

function needs(lines: string) {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${lines}\n`, "r.yaml");
  if (!recipe || !model) throw new Error("the recipe does not read");
  return [{ recipe, model }, planAdapter(model, recipe.method, stackRules.worker)] as const;
}

test.each(["", "regularization: replay", "regularization: l2-sp"])(
  "no importance, nothing to plan: %s",
  (lines) => {
    const [input, adapter] = needs(lines);
    expect(importancePart(input, adapter, speeds)).toEqual([]);
    expect(importanceMemory(input, adapter)).toEqual({ held: [], sums: [], tokens: 0 });
  },
);

test("LoRA holds rows and columns, which are next to nothing, unless each weight is asked for", () => {
  const [input, adapter] = needs("regularization: ewc");
  expect(importanceMemory(input, adapter)).toEqual({ held: [], sums: [], tokens: 128 });
  const [whole, same] = needs("regularization: { method: ewc, fisher: full }");
  expect(importanceMemory(whole, same).held[0]?.bytes.expected).toBe(2 * linear);
  expect(importanceMemory(whole, same).sums[0]?.bytes.expected).toBe(6 * linear + 4 * (linear / 4));
  const [few, two] = needs(
    "regularization: { method: ewc, fisher: full }\nmethod: { targets: [q_proj, v_proj] }",
  );
  expect(importanceMemory(few, two).held[0]?.bytes.expected).toBe(2 * 4 * 2 * 64 * 64);
});

test("all weights: each is held", () => {
  const [input, adapter] = needs("method: { kind: full }\nregularization: ewc");
  expect(importanceMemory(input, adapter).held[0]?.bytes.expected).toBe(2 * model.parameters.total);
});

test("time grows with sequences and their length; it may be known already", () => {
  const at = (examples: number, length: number): number => {
    const [input, adapter] = needs(
      `regularization: { method: ewc, examples: ${examples}, length: ${length} }`,
    );
    const [part] = importancePart(input, adapter, speeds);
    expect(part?.seconds.low).toBe(0);
    return part?.seconds.expected ?? 0;
  };
  expect(at(128, 128) / at(64, 128)).toBeCloseTo(2, 5);
  expect(at(64, 256)).toBeGreaterThan(1.5 * at(64, 128));
});
