/** @file Time and memory of measuring forgetting: which parts count, and how they scale. */

import { bytes } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { describeModel, type ModelDescription } from "../../catalog/index.ts";
import { type Recipe, readRecipe, requireRecipe } from "../../recipe/index.ts";
import { emptyMarket, type ForgettingLoad, type PlanInput, type RowLength } from "../input.ts";
import type { Plan } from "../plan.ts";
import { planRun } from "../plan-run.ts";
import { countMeasurements, forgettingTokens } from "./forgetting.ts";

const recipeOf = (more = ""): Recipe =>
  requireRecipe(readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${more}`, "x"), "x");
const rows = (count: number, tokens: number, labelledTokens = tokens): RowLength[] =>
  Array.from({ length: count }, () => ({ tokens, labelledTokens, promptTokens: tokens - labelledTokens }));

function smol(): ModelDescription {
  const { model } = describeModel({
    model_type: "llama",
    hidden_size: 576,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    intermediate_size: 1536,
    vocab_size: 49152,
    max_position_embeddings: 8192,
    tie_word_embeddings: true,
  });
  if (!model) throw new Error("the configuration describes no model");
  return model;
}

/** Approximately the size of the shipped texts for SmolLM2. */
const shipped: ForgettingLoad = {
  rows: [...rows(24, 163), ...rows(508, 10, 2)],
  prompts: rows(12, 15),
  regressionPrompts: [],
  sample: { rows: [...rows(6, 163), ...rows(94, 10, 2)], prompts: rows(4, 15) },
};

function inputOf(forgetting: ForgettingLoad | null, trainRows = 1_000, recipe = recipeOf()): PlanInput {
  return {
    recipe,
    model: smol(),
    lengths: { train: rows(trainRows, 330, 30), validation: rows(60, 330, 30), test: [] },
    derived: [],
    sharedPrefixTokens: 0,
    machine: {
      memoryBytes: bytes(16e9),
      threads: 2,
      flopsPerSecond: 150e9,
      memoryBytesPerSecond: 15e9,
      compute: "fp32" as const,
      storedWeightBytes: 4,
      probe: null,
    },
    judging: { answers: false, loss: false, detectableEffect: null },
    forgetting,
    market: emptyMarket,
    basis: { recipeFingerprint: "r", dataFingerprint: "d", modelRevision: "m", pricesFingerprint: "p" },
  };
}

const secondsOf = (plan: Plan): number =>
  plan.time.parts.find(({ name }) => name === "forgetting")?.seconds.expected ?? 0;

describe("time", () => {
  const plan = planRun(inputOf(shipped));

  test("of the shipped material is a few per cent of a run of a million tokens", () => {
    expect(plan.schedule.tokens).toBe(990_000);
    expect(secondsOf(plan) / plan.time.seconds.expected).toBeLessThan(0.03);
    expect(secondsOf(plan) / plan.time.seconds.expected).toBeGreaterThan(0.003);
  });

  test("is part of the whole, and of what the budget has to cover", () => {
    const without = planRun(inputOf(null));
    expect(without.time.parts.map(({ name }) => name)).not.toContain("forgetting");
    expect(plan.time.seconds.expected - without.time.seconds.expected).toBeCloseTo(secondsOf(plan), 6);
    expect(plan.places[0]?.seconds?.expected).toBeCloseTo(plan.time.seconds.expected, 6);
  });

  test("says tokens and looks", () => {
    const part = plan.time.parts.find(({ name }) => name === "forgetting");
    const tokens = 2 * (24 * 163 + 5080 + 180) + 3 * (6 * 163 + 940 + 120);
    expect(forgettingTokens(shipped, 3)).toBe(tokens);
    expect(part?.reason).toBe(`${tokens} tokens by base and tuned model, 3 looks in between`);
  });

  test("grows with regression prompts", () => {
    const regressionPrompts = rows(20, 80, 40);
    expect(secondsOf(planRun(inputOf({ ...shipped, regressionPrompts })))).toBeGreaterThan(
      1.2 * secondsOf(plan),
    );
  });

  test("is not cut by data.max_length", () => {
    const short = recipeOf().data;
    const recipe: Recipe = { ...recipeOf(), data: { ...short, maxLength: 32 } };
    expect(secondsOf(planRun(inputOf(shipped, 1_000, recipe)))).toBeCloseTo(secondsOf(plan), 6);
  });

  test("of a probe takes the place of the formula, unless answers were not probed", () => {
    const probe = {
      startSeconds: 1,
      steps: 5,
      trainTokensPerSecond: 1_000,
      lossTokensPerSecond: 2_000,
      decode: null,
    };
    const probed = (load: ForgettingLoad): Plan => {
      const input = inputOf(load);
      return planRun({ ...input, machine: { ...input.machine, probe } });
    };
    expect(secondsOf(probed(shipped))).toBeCloseTo(forgettingTokens(shipped, 3) / 2_000, 9);
    const regressionPrompts = rows(2, 80, 40);
    const formula = planRun(inputOf({ ...shipped, regressionPrompts }));
    expect(secondsOf(probed({ ...shipped, regressionPrompts }))).toBeCloseTo(secondsOf(formula), 9);
  });

  test("beside a short run is said to be dear", () => {
    const codes = (trainRows: number): string[] =>
      planRun(inputOf(shipped, trainRows)).findings.map(({ code }) => code);
    expect(codes(10)).toContain("FORGETTING_COSTLY");
    expect(codes(1_000)).not.toContain("FORGETTING_COSTLY");
  });
});

describe("looks", () => {
  test.each([
    [{ evaluations: 3, checkpoints: 9 }, "", 3],
    [{ evaluations: 0, checkpoints: 9 }, "", 9],
    [{ evaluations: 200, checkpoints: 200 }, "", 20],
    [{ evaluations: 3, checkpoints: 3 }, "forgetting: { every_checkpoint: false }", 0],
    [{ evaluations: 3, checkpoints: 3 }, "forgetting: { measure: false }", 0],
  ])("%j %s: %i", (schedule, more, looks) => {
    expect(countMeasurements(schedule, recipeOf(more))).toBe(looks);
  });
});

test("memory of a look is a phase of its own, beside what training holds", () => {
  const { phases } = planRun(inputOf(shipped)).memory;
  const names = phases.map(({ name }) => name);
  expect(names).toEqual(["train", "validate", "forgetting"]);
  const [, validate, forgetting] = phases;
  expect(forgetting?.bytes.expected).toBeGreaterThan(0.5 * (validate?.bytes.expected ?? 0));
  const wide = { ...shipped, prompts: rows(2, 64), sample: { ...shipped.sample, rows: rows(1, 20, 1) } };
  const look = planRun(inputOf(wide)).memory.phases.find(({ name }) => name === "forgetting");
  const logits = look?.terms.find(({ name }) => name === "logits");
  expect(logits?.bytes.expected).toBe(4 * 2 * 64 * 49152);
});
