/** @file The planner's DoRA memory rules against traces of PEFT's own program. */
import { describe, expect, test } from "vitest";
import { describeModel } from "../../packages/tunewise/src/catalog/index.ts";
import { traceSteps } from "../../packages/tunewise/src/executors/index.ts";
import {
  estimateStackMemory,
  type StackSetting,
  stackRules,
  type TraceRequest,
  traceKey,
} from "../../packages/tunewise/src/plan/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const config = {
  model_type: "llama",
  hidden_size: 512,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  intermediate_size: 1408,
  vocab_size: 2048,
  tie_word_embeddings: true,
};

/** A step of a plain training loop with transformers and PEFT. */
interface Step {
  readonly rows: number;
  readonly recompute: "none" | "layer";
  readonly dropout: number;
  readonly dora: boolean;
}

const method = { kind: "lora", rank: 8, targets: "all-linear", doubleQuantization: true } as const;

function requestOf({ rows, recompute, dropout, dora }: Step): TraceRequest {
  return {
    program: "peft",
    dtype: "bfloat16",
    method: { ...method, dropout, dora },
    training: { recompute, batching: "pad" },
    batches: [Array(rows).fill(256)],
    evaluation: [],
    accumulates: false,
    labelledShare: 1,
    card: { capability: "8.0" },
    world: { size: 1, sharding: "none" },
  };
}

function byRules({ rows, recompute, dropout, dora }: Step): number {
  const { model } = describeModel(config);
  if (model === null) throw new Error("the test's model is not described");
  const setting: StackSetting = {
    model,
    trained: { ...method, head: false, dropout, dora },
    stack: stackRules["hf-loop"],
    rows,
    length: 256,
    accumulates: false,
    checkpointing: recompute === "layer",
    attention: "fused",
    optimizer: "adamw",
    devices: 1,
    sharding: "none",
    offload: "none",
    evaluation: null,
  };
  return estimateStackMemory(setting).allocated.expected;
}

describe.skipIf(process.env["TUNEWISE_PYTHON"] === undefined)("DoRA by rules", { timeout: 240_000 }, () => {
  test("is what PEFT's program takes more than with LoRA", async () => {
    const real = createRuntime(temporaryFolder(), new AbortController().signal, "test");
    const runtime = { ...real, sources: { ...real.sources, cacheFolder: temporaryFolder() } };
    const steps = (["none", "layer"] as const).flatMap((recompute) =>
      [1, 8].flatMap((rows) =>
        [0, 0.1].flatMap((dropout) => [false, true].map((dora) => ({ rows, recompute, dropout, dora }))),
      ),
    );
    const needs = { config, seconds: 200, onStart: () => undefined, requests: steps.map(requestOf) };
    const found = await traceSteps(needs, runtime);
    const peaks = steps.map((step) => ({
      step,
      rules: byRules(step),
      traced: found.get(traceKey(requestOf(step)))?.peakAllocatedBytes ?? Number.NaN,
    }));
    for (const [at, { step, rules, traced }] of peaks.entries()) {
      const lora = peaks[at - 1];
      if (!step.dora || lora === undefined) continue;
      // measured: whole step 4.9 % below to 2.8 % above the trace; DoRA's addition 5.1 % below to 4.9 % above
      expect(Math.abs(rules / traced - 1), JSON.stringify(step)).toBeLessThan(0.06);
      expect(traced / lora.traced).toBeGreaterThan(1.4);
      const added = (rules - lora.rules) / (traced - lora.traced);
      expect(Math.abs(added - 1), JSON.stringify(step)).toBeLessThan(0.06);
    }
  });
});
