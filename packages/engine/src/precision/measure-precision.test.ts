/** @file Load and drift do not bias measurements, which alternate precisions; samples keep a model's proportions. */

import { mulberry32 } from "@tunewise/core/math";
import { expect, test } from "vitest";
import { tinyConfig } from "../../../../test/support/tiny-model.ts";
import { projections } from "../models/architecture.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import {
  fasterPrecision,
  measurePrecision,
  type OpenSample,
  type PrecisionRates,
  type PrecisionWork,
} from "./measure-precision.ts";
import { sampleOf } from "./sample-model.ts";

const work: PrecisionWork = {
  config: {},
  kind: "train",
  method: "lora",
  rank: 8,
  rows: 8,
  tokens: 64,
  labelledTokens: 8,
};

/** Measures with a simulated clock: each step advances it by its seconds times the load. */
async function measureWith(
  seconds: { readonly fp32: number; readonly bf16: number },
  load: (now: number) => number,
): Promise<PrecisionRates & { readonly took: number; readonly closed: number; readonly isSettled: boolean }> {
  let now = 0;
  let closed = 0;
  const open: OpenSample = async (_, compute) => ({
    tokens: 512,
    samples: 10,
    step: async () => {
      now += seconds[compute] * load(now);
    },
    close: async () => {
      closed++;
    },
  });
  const { rates, isSettled } = await measurePrecision(work, { threads: 2 }, () => now, open);
  return { ...rates, isSettled, took: now, closed };
}

test("rates are those of the whole model", async () => {
  const found = await measureWith({ fp32: 0.02, bf16: 0.01 }, () => 1);
  expect(found.fp32).toBeCloseTo(512 / 0.2);
  expect(found.bf16).toBeCloseTo(512 / 0.1);
  expect(found.took).toBeLessThan(1);
  expect(found.closed).toBe(2);
});

test.each([
  ["rises", (now: number) => 1 + 3 * now],
  ["comes and goes", (now: number) => (Math.floor(5 * now) % 2 === 0 ? 1 : 4)],
  ["jumps at random", randomLoad()],
])("a load that %s does not change the choice", async (_, load) => {
  expect(fasterPrecision(await measureWith({ fp32: 0.02, bf16: 0.018 }, load))).toBe("bf16");
  expect(fasterPrecision(await measureWith({ fp32: 0.018, bf16: 0.02 }, load))).toBe("fp32");
});

function randomLoad(): () => number {
  const random = mulberry32(7);
  return () => 1 + 0.5 * random();
}

test("measures longer where the answer is not clear, and not for ever", async () => {
  const random = mulberry32(3);
  const unclear = await measureWith({ fp32: 0.0206, bf16: 0.02 }, () => 1 + 0.1 * random());
  expect(unclear.took).toBeGreaterThan(2);
  expect(unclear.took).toBeLessThan(3.6);
  expect(unclear.isSettled).toBe(true); // after many rounds, the two precisions count as equally fast
  const slow = await measureWith({ fp32: 5, bf16: 6 }, () => 1);
  expect(slow.took).toBeLessThan(7 * 11);
  expect(slow.isSettled).toBe(true);
  let steps = 0;
  const busy = await measureWith({ fp32: 0.3, bf16: 0.3 }, () => (steps++ % 2 === 0 ? 3 : 1));
  expect(busy.isSettled).toBe(false);
});

test("a small model is sampled whole", () => {
  const config = tinyConfig("llama", { num_hidden_layers: 2, vocab_size: 12_800 });
  const model = readArchitecture(config as Record<string, unknown>);
  const { architecture, samples } = sampleOf(model, 512, 3e10);
  expect(samples).toBe(1);
  expect(architecture).toEqual(model);
});

test("a step of few tokens has as many layers as it may take, so that weights do not stay in caches", () => {
  const shape = { hidden_size: 576, intermediate_size: 1536, vocab_size: 49_152, num_hidden_layers: 30 };
  const config = tinyConfig("llama", { ...shape, num_attention_heads: 9, num_key_value_heads: 3 });
  const model = readArchitecture(config as Record<string, unknown>);
  const few = sampleOf(model, 32, 3e10);
  const many = sampleOf(model, 512, 3e10);
  expect(few.architecture.layers).toBeGreaterThan(12);
  expect(many.architecture.layers).toBeLessThan(few.architecture.layers);
  for (const { architecture, samples } of [few, many]) {
    expect(samples * architecture.layers).toBeCloseTo(30);
    expect(projections(architecture)).toEqual(projections(model));
    expect(samples * architecture.vocabulary).toBeCloseTo(49_152, -3);
  }
});

test("a model of absurd sizes has no sample, and nothing is allocated for it", () => {
  const model = {
    ...readArchitecture(tinyConfig("llama") as Record<string, unknown>),
    hidden: 2 ** 20,
    feedForward: 2 ** 20,
    vocabulary: 2 ** 22,
  };
  expect(() => sampleOf(model, 512, 3e10)).toThrow("the limit is 134217728");
});

test.each([
  [
    "Llama 3 8B",
    {
      hidden_size: 4096,
      intermediate_size: 14_336,
      heads: 32,
      kv: 8,
      head_dim: 128,
      layers: 32,
      vocab_size: 128_256,
    },
  ],
  [
    "odd widths",
    {
      hidden_size: 4096,
      intermediate_size: 11_010,
      heads: 30,
      kv: 30,
      head_dim: 80,
      layers: 32,
      vocab_size: 50_257,
    },
  ],
])(
  "a part of a large layer is affordable and keeps its proportions: %s",
  (_, { heads, kv, layers, ...widths }) => {
    const changes = {
      ...widths,
      num_attention_heads: heads,
      num_key_value_heads: kv,
      num_hidden_layers: layers,
    };
    const model = readArchitecture(tinyConfig("llama", changes) as Record<string, unknown>);
    const { architecture, samples } = sampleOf(model, 512, 3e10);
    const weights = (one: typeof model): number =>
      projections(one).reduce((sum, { inputWidth, outputWidth }) => sum + inputWidth * outputWidth, 0) *
      one.layers;
    expect(4 * 512 * weights(architecture)).toBeLessThanOrEqual(3e10);
    expect((samples * weights(architecture)) / weights(model)).toBeGreaterThan(0.9);
    expect((samples * weights(architecture)) / weights(model)).toBeLessThan(1.25);
    expect(architecture.hidden).toBe(model.hidden);
    for (const side of ["feedForward", "vocabulary"] as const)
      expect(architecture[side] % 64 === 0).toBe(model[side] % 64 === 0);
  },
);
