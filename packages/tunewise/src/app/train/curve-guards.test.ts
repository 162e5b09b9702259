/** @file Tests which training losses the guards judge: those of likelihoods, and none that are no numbers. */
import type { LossName } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { CurveGuards } from "./curve-guards.ts";

function guardsOf(loss: LossName): CurveGuards {
  const facts = {
    steps: 60,
    stepsPerEpoch: 60,
    warmupSteps: 0,
    loss,
    learningRate: 1e-4,
    schedule: "constant",
    maxGradNorm: 1,
    vocabulary: 1000,
    target: null,
  } as const;
  return new CurveGuards(facts, { train: [], validation: [] });
}

/** Guards that report something during 60 steps with these losses. */
function reporting(loss: LossName, lossAt: (step: number) => number): Set<string> {
  const guards = guardsOf(loss);
  const found = new Set<string>();
  for (let step = 1; step <= 60; step++) {
    const figures = { step, loss: lossAt(step), gradientNorm: 0.5, updateRatio: 1e-3 };
    for (const { guard } of guards.afterStep(figures)) found.add(guard);
  }
  return found;
}

// -p log p while p rises from 0.01 to 1/e
const learning = (step: number): number => {
  const p = 0.01 + (1 / Math.E - 0.01) * Math.min(1, step / 50);
  return -p * Math.log(p);
};

test.each([
  ["nll", true],
  ["dft", false],
] as const)("validation losses are compared with training losses of %s: %s", (loss, isCompared) => {
  const guards = guardsOf(loss);
  const found = new Set<string>();
  for (let step = 1; step <= 60; step++) {
    guards.afterStep({ step, loss: 0.3 - step / 250, gradientNorm: 0.5, updateRatio: 1e-3 });
    if (step % 6 === 0) for (const { guard } of guards.afterEvaluation(step, 1 + step / 60)) found.add(guard);
  }
  expect(found.has("overfitting")).toBe(isCompared);
  expect(found).toContain("plateau");
});

test("a rising loss is divergence if it is a likelihood", () => {
  expect([...reporting("nll", (step) => 10 * learning(step))].sort()).toEqual(["divergence", "no-progress"]);
});

test("the loss of Dynamic Fine-Tuning may rise", () => {
  expect(reporting("dft", learning)).toEqual(new Set());
});

test.each(["nll", "dft"] as const)("a loss of %s that is no number is divergence", (loss) => {
  const lossAt = (step: number): number => (step === 30 ? Number.NaN : 1);
  expect(reporting(loss, lossAt)).toContain("divergence");
});
