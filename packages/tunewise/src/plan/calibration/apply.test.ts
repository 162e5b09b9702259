import { bytes } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { describeModel, knownConfig } from "../../catalog/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { readPlan, writePlan } from "../document.ts";
import { emptyMarket, type PlanInput, type RowLength } from "../input.ts";
import { planRun } from "../plan-run.ts";

function makeInput(): PlanInput {
  const { recipe } = readRecipe(
    "model: a/b\ndata: { train: rows.jsonl }\ntask: { kind: classify }\n",
    "t.yaml",
  );
  const config = knownConfig("HuggingFaceTB/SmolLM2-135M");
  const model = config && describeModel(config).model;
  if (!recipe || !model) throw new Error("not a recipe, or no model");
  const rows = (count: number): RowLength[] =>
    Array.from({ length: count }, (_, at) => ({
      tokens: 40 + at,
      labelledTokens: 10,
      promptTokens: 30 + at,
    }));
  return {
    recipe,
    model,
    derived: [],
    sharedPrefixTokens: 0,
    forgetting: null,
    market: emptyMarket,
    lengths: { train: rows(80), validation: rows(10), test: rows(10) },
    machine: {
      memoryBytes: bytes(24e9),
      threads: 2,
      flopsPerSecond: 150e9,
      memoryBytesPerSecond: null,
      compute: "fp32" as const,
      storedWeightBytes: 2,
      probe: null,
    },
    judging: { answers: true, loss: false, detectableEffect: null },
    basis: { recipeFingerprint: "r", dataFingerprint: "d", modelRevision: "m", pricesFingerprint: "p" },
  };
}

const input = makeInput();

describe("finished runs calibrate the next plan (A10)", () => {
  const bare = planRun(input);
  /** Finished runs whose actual values are a multiple of the planned ones. */
  const finished = (count: number, times: number, isProbed = input.machine.probe !== null) =>
    Array.from({ length: count }, (_, at) => ({
      plannedSeconds: 100 + at,
      takenSeconds: times * (100 + at),
      plannedBytes: 1e9,
      takenBytes: 0.9e9,
      isProbed,
    }));

  test("a record with a bias corrects times and memory, in all their parts and at this place", () => {
    const plan = planRun({ ...input, finished: finished(9, 1.5) });
    const factor = plan.calibration?.seconds?.factor ?? 0;
    expect(Math.log(factor)).toBeCloseTo(0.9 * Math.log(1.5), 9);
    expect(plan.time.seconds.expected / bare.time.seconds.expected).toBeCloseTo(factor, 6);
    const parts = plan.time.parts.reduce((sum, { seconds }) => sum + seconds.expected, 0);
    expect(parts).toBeCloseTo(plan.time.seconds.expected, 6);
    expect(plan.places[0]?.seconds).toEqual(plan.time.seconds);
    expect(plan.memory.peakBytes.expected / bare.memory.peakBytes.expected).toBeCloseTo(0.9 ** 0.9, 6);
  });

  test("the plan records it, and what it was without", () => {
    const plan = planRun({ ...input, finished: finished(9, 1.5) });
    expect(readPlan(writePlan(plan)).plan).toEqual(plan);
    expect(plan.calibration?.uncalibratedSeconds).toEqual(bare.time.seconds);
    expect(plan.calibration?.uncalibratedBytes).toEqual(bare.memory.peakBytes);
    expect(bare.calibration).toBeNull();
  });

  test("runs planned by a probe say nothing of times that were estimated", () => {
    const other = planRun({ ...input, finished: finished(9, 1.5, input.machine.probe === null) });
    expect(other.calibration?.seconds).toBeNull();
    expect(other.time).toEqual(bare.time);
  });
});

test("a busy machine is said with its load and how much longer it takes (A10)", () => {
  const on = (processorShare: number): string | undefined =>
    planRun({
      ...input,
      machine: { ...input.machine, busy: { cores: 2, load: 30, processorShare } },
    }).findings.find(({ code }) => code === "MACHINE_BUSY")?.detail;
  expect(on(0.125)).toBe(
    "2 cores, load 30: times measured now are about 8.0 times as long as on an idle machine.",
  );
  expect(on(0.95)).toBeUndefined();
});
