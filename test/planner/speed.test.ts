/** @file Speeds that no GPU can reach. */
import { describe, expect, test } from "vitest";
import { describeModel, findDevice } from "../../packages/tunewise/src/catalog/index.ts";
import {
  estimateStackSpeed,
  isPossible,
  type StackSetting,
  stackRules,
} from "../../packages/tunewise/src/plan/index.ts";

describe("what cannot be", () => {
  const { model } = describeModel({
    model_type: "llama",
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14336,
    vocab_size: 128256,
  });
  const { device } = findDevice("RTX A6000");
  if (model === null || device === null) throw new Error("the test's model or card is unknown");
  const setting: StackSetting = {
    model,
    trained: {
      kind: "lora",
      rank: 8,
      targets: "all-linear",
      head: false,
      dropout: 0,
      doubleQuantization: false,
    },
    stack: stackRules.torchtune,
    rows: 2,
    length: 2048,
    accumulates: false,
    checkpointing: true,
    attention: "fused",
    optimizer: "adamw",
    devices: 1,
    sharding: "none",
    offload: "none",
    evaluation: null,
  };

  test("4,699 tokens per second of an 8B model on an A6000 are refused, 2,000 are not", () => {
    expect(isPossible(setting, device, 4_699)).toBe(false);
    expect(isPossible(setting, device, 2_000)).toBe(true);
  });

  test("no estimate is above what the card can do", () => {
    for (const rows of [1, 4, 32]) {
      const { tokensPerSecondPerDevice } = estimateStackSpeed({ ...setting, rows }, device);
      expect(isPossible(setting, device, tokensPerSecondPerDevice.high)).toBe(true);
    }
  });
});
