import { describe, expect, test } from "vitest";
import { describeModel } from "../../catalog/index.ts";
import { CachingAllocator } from "./allocator.ts";
import { estimateStackMemory } from "./estimate.ts";
import { slackOf } from "./reserve.ts";
import { stackRules } from "./rules.ts";
import type { StackSetting } from "./setting.ts";

const mebibyte = 2 ** 20;

describe("the caching allocator", () => {
  test("a smaller tensor takes a cached block, a larger one a new segment", () => {
    const allocator = new CachingAllocator();
    const take = (size: number): void => allocator.free(allocator.allocate(size * mebibyte));
    take(100);
    take(60);
    expect(allocator.peakReserved).toBe(100 * mebibyte);
    take(120);
    expect(allocator.peakReserved).toBe(220 * mebibyte);
    expect(allocator.peakAllocated).toBe(120 * mebibyte);
  });

  test("blocks that were split merge again", () => {
    const allocator = new CachingAllocator();
    const whole = allocator.allocate(90 * mebibyte);
    allocator.free(whole);
    const parts = [30, 30, 30].map((size) => allocator.allocate(size * mebibyte));
    for (const part of parts) allocator.free(part);
    allocator.free(allocator.allocate(90 * mebibyte));
    expect(allocator.peakReserved).toBe(90 * mebibyte);
  });

  test("segments below 10 MiB are shared, of 20 MiB", () => {
    const allocator = new CachingAllocator();
    for (let at = 0; at < 3; at += 1) allocator.allocate(4 * mebibyte);
    expect(allocator.peakReserved).toBe(20 * mebibyte);
  });
});

describe("memory reserved over rows of different lengths", () => {
  const { model } = describeModel({
    model_type: "qwen2",
    hidden_size: 2048,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    intermediate_size: 5504,
    vocab_size: 151936,
  });
  if (model === null) throw new Error("the test's model is not described");
  const setting: StackSetting = {
    model,
    trained: {
      kind: "lora",
      rank: 8,
      targets: ["q_proj", "k_proj", "v_proj"],
      head: false,
      dropout: 0,
      doubleQuantization: true,
    },
    stack: stackRules["hf-trl"],
    rows: 1,
    length: 4096,
    accumulates: false,
    checkpointing: true,
    attention: "fused",
    optimizer: "adamw",
    devices: 1,
    sharding: "none",
    offload: "none",
    evaluation: null,
  };
  const lengths = Array.from({ length: 32 }, (_, at) => 128 * (at + 1));

  test("lengths that differ reserve more than lengths that do not, and the range says by how much", () => {
    const [alike, different] = [slackOf(setting), slackOf({ ...setting, lengths })];
    expect(alike.low).toBe(alike.high);
    expect(different.expected).toBeGreaterThan(2 * alike.expected);
    expect(different.high).toBeGreaterThan(different.low);
    expect(slackOf({ ...setting, lengths })).toEqual(different);
  });

  test("rules and the order of batches are wrong independently: deviations add in quadrature", () => {
    const one = estimateStackMemory({ ...setting, lengths }, undefined, { low: 1, high: 1 }).reserved;
    const both = estimateStackMemory({ ...setting, lengths }, undefined, { low: 0.9, high: 1.5 }).reserved;
    expect(both.high - both.expected).toBeCloseTo(
      Math.hypot(one.high - one.expected, 0.5 * one.expected),
      -1,
    );
    expect(both.expected - both.low).toBeCloseTo(Math.hypot(one.expected - one.low, 0.1 * one.expected), -1);
    expect(both.high / both.low).toBeLessThan((1.5 * one.high) / (0.9 * one.low));
  });

  test("the cache is no larger than the card, since the allocator gives it back", () => {
    const free = estimateStackMemory({ ...setting, lengths });
    const card = free.allocated.expected + 2e9;
    const { reserved, process } = estimateStackMemory({ ...setting, lengths }, card);
    expect(free.reserved.expected).toBeGreaterThan(card);
    expect(reserved.expected).toBeLessThanOrEqual(card);
    expect(process.expected).toBeLessThanOrEqual(card);
  });
});
