import { expect, test } from "vitest";
import { describeModel, type ModelDescription } from "../catalog/index.ts";
import { planAdapter } from "./adapter.ts";
import { stackRules } from "./stack/rules.ts";

const { worker, "hf-trl": trl } = stackRules;
const widths = { hidden_size: 8, num_attention_heads: 2, num_hidden_layers: 3, vocab_size: 100 };

function described(...given: Parameters<typeof describeModel>): ModelDescription {
  const { model } = describeModel(...given);
  if (model === null) throw new Error("the test's model is not described");
  return model;
}

const mixtral = described({
  model_type: "mixtral",
  ...widths,
  intermediate_size: 16,
  num_local_experts: 4,
  num_experts_per_tok: 2,
});
/** Experts next to a shared expert, with tensor names as in Qwen2-MoE's files. */
const shared = described(
  { model_type: "other", ...widths, num_experts: 4, num_experts_per_tok: 2 },
  [0, 1, 2].flatMap((layer) =>
    [
      ["self_attn.q_proj", [8, 8]] as const,
      ...[0, 1, 2, 3].map((at) => [`mlp.experts.${at}.up_proj`, [16, 8]] as const),
      ...[["mlp.shared_expert.up_proj", [16, 8]] as const, ["mlp.shared_expert_gate", [1, 8]] as const],
    ].map(([name, shape]) => ({ name: `model.layers.${layer}.${name}.weight`, shape })),
  ),
);

test.each([
  ["a family of the table, all-linear", mixtral, "all-linear", worker, 3 * 4 * (8 + 8)],
  ["experts by name", mixtral, ["q_proj", "up_proj"], worker, 3 * (8 + 8)],
  ["another program", mixtral, "all-linear", trl, 3 * (4 * (8 + 8) + 4 * 3 * (8 + 16))],
  ["names of experts elsewhere, all-linear", shared, "all-linear", worker, 3 * (8 + 8 + 8 + 1)],
  ["the shared expert by name", shared, ["q_proj", "up_proj"], worker, 3 * (8 + 8 + 8 + 16)],
  [
    "no experts",
    described({ model_type: "llama", ...widths, intermediate_size: 16 }),
    ["gate_proj"],
    worker,
    72,
  ],
] as const)("trained parameters beside experts: %s", (_, model, targets, stack, perRank) => {
  const { parameters } = planAdapter(model, { kind: "lora", rank: 2, targets }, stack);
  expect(parameters).toBe(2 * perRank);
});
