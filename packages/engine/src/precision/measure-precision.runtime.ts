/** @file Runs samples in the engine's own programs, in both precisions. */
import { expect, test } from "vitest";
import { tinyConfig } from "../../../../test/support/tiny-model.ts";
import { whyNotBf16 } from "../runtime/self-test.ts";
import { measurePrecision, type PrecisionWork } from "./measure-precision.ts";

const changes = { hidden_size: 128, intermediate_size: 256, head_dim: 32, vocab_size: 256 };
const turned = {
  model_type: "gpt2",
  vocab_size: 256,
  n_embd: 128,
  n_layer: 2,
  n_head: 4,
  n_positions: 64,
};
const isHere = (await whyNotBf16(2)) === null;

test.runIf(isHere).each<[string, Partial<PrecisionWork>, string]>([
  ["LoRA", {}, "llama"],
  ["matrices the other way round", { config: turned }, "llama"],
  ["experts", {}, "olmoe"],
  ["QLoRA", { method: "qlora" }, "llama"],
  ["all weights", { method: "full", rank: 0 }, "llama"],
  ["answers", { kind: "answer" }, "llama"],
])("measures %s", async (_, asked, family) => {
  const more = family === "olmoe" ? { num_experts: 8, num_experts_per_tok: 2 } : {};
  const work: PrecisionWork = {
    config: tinyConfig(family, { ...changes, ...more }) as PrecisionWork["config"],
    kind: "train",
    method: "lora",
    rank: 4,
    rows: 2,
    tokens: 16,
    labelledTokens: 4,
    ...asked,
  };
  const { rates } = await measurePrecision(work, { threads: 2 }, () => performance.now() / 1000);
  expect(rates.fp32).toBeGreaterThan(0);
  expect(rates.bf16).toBeGreaterThan(0);
});
