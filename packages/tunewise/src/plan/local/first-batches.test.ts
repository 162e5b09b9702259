import { bytes } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { describeModel, knownConfig } from "../../catalog/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { type BatchOrder, emptyMarket, type PlanInput, type RowLength } from "../input.ts";
import type { Plan } from "../plan.ts";
import { planRun } from "../plan-run.ts";
import { firstBatches, workOf } from "./first-batches.ts";

/** One row in a hundred is long; the first rows are short. */
const lengths = Array.from({ length: 400 }, (_, at): RowLength => {
  const tokens = at % 100 === 99 ? 500 : 40;
  return { tokens, labelledTokens: 10, promptTokens: tokens - 10 };
});

/** The order of the file, which starts with short rows. */
const asTheyStand: BatchOrder = (all, { batchSize }) =>
  Array.from({ length: Math.ceil(all.length / batchSize) }, (_, batch) =>
    Array.from(
      { length: Math.min(batchSize, all.length - batch * batchSize) },
      (_row, at) => batch * batchSize + at,
    ),
  );

function inputOf(training: string, order?: BatchOrder): PlanInput {
  const text = `model: a/b\ndata: { train: rows.jsonl }\ntask: { kind: classify }\ntraining: { batch_size: 8, ${training} }\n`;
  const { recipe } = readRecipe(text, "t.yaml");
  const config = knownConfig("HuggingFaceTB/SmolLM2-135M");
  const model = config && describeModel(config).model;
  if (!recipe || !model) throw new Error("not a recipe, or no model");
  return {
    recipe,
    derived: [],
    model,
    ...(order ? { order } : {}),
    lengths: { train: lengths, validation: [], test: [] },
    sharedPrefixTokens: 0,
    machine: {
      memoryBytes: bytes(24e9),
      threads: 2,
      flopsPerSecond: 150e9,
      memoryBytesPerSecond: null,
      compute: "fp32" as const,
      storedWeightBytes: 2,
      probe: null,
    },
    judging: { answers: false, loss: false, detectableEffect: null },
    forgetting: null,
    market: emptyMarket,
    basis: { recipeFingerprint: "r", dataFingerprint: "d", modelRevision: "m", pricesFingerprint: "p" },
  };
}

const peak = (plan: Plan): number => plan.memory.peakBytes.expected;

describe("a run of a few steps is planned for the batches that will come (A13)", () => {
  const short = planRun(inputOf("steps: 4", asTheyStand));

  test("memory and tokens are those of its batches, not of the longest batch of the epoch", () => {
    const longest = planRun(inputOf("steps: 4"));
    expect(short.schedule.tokens).toBe(4 * 8 * 40);
    expect(peak(short)).toBeLessThan(0.75 * peak(longest));
  });

  test("once a long row is among them it counts", () => {
    const until = planRun(inputOf("steps: 13", asTheyStand)); // row 99 is in batch 12
    expect(peak(until)).toBeGreaterThan(1.3 * peak(short));
    expect(until.schedule.tokens).toBe(13 * 8 * 40 + 460);
  });

  test("accumulation takes that many batches a step", () => {
    const until = planRun(inputOf("steps: 4, gradient_accumulation_steps: 4", asTheyStand));
    expect(peak(until)).toBeGreaterThan(1.3 * peak(short));
  });

  test("a whole epoch, and an order that is not known, are planned in expectation", () => {
    expect(firstBatches(inputOf("epochs: 1", asTheyStand))).toBeNull();
    expect(firstBatches(inputOf("steps: 50", asTheyStand))).toBeNull();
    expect(firstBatches(inputOf("steps: 4"))).toBeNull();
    expect(firstBatches(inputOf("steps: 49", asTheyStand))?.length).toBe(49);
  });
});

test("work of given batches: a shared beginning once a batch, grids as wide as the longest row", () => {
  const row = (tokens: number): RowLength => ({ tokens, labelledTokens: 2, promptTokens: tokens - 2 });
  expect(workOf([[row(30), row(50)], [row(20)]], 10)).toEqual({
    count: 2,
    linearTokens: 10 + 20 + 40 + 20,
    labelledTokens: 6,
    attentionCells: 2 * 50 * 40 + 100 + 20 * 20,
    usefulCells: 900 + 2500 + 400,
  });
});
