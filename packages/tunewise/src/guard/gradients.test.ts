/** @file Tests the gradients guard on gradient norms and update sizes outside the usual range, with likely causes. */
import { expect, test } from "vitest";
import { checkGradients, type GradientState } from "./gradients.ts";

const many = (value: number, count = 30): number[] => new Array<number>(count).fill(value);
const calm: GradientState = {
  norms: many(1),
  ratios: many(1e-3),
  rateShares: many(1, 100),
  maxGradNorm: 1,
  warmupSteps: 5,
  learningRatePeak: 2e-4,
};

test.each<[string, Partial<GradientState>, string | null]>([
  ["usual", {}, null],
  ["too few steps after the warm-up", { norms: many(0, 24), ratios: many(1, 24) }, null],
  ["just enough", { norms: many(0, 25), ratios: many(1, 25) }, "Gradients are close to zero"],
  ["gradients of the last 20 steps", { norms: [...many(1, 45), ...many(1e-9, 20)] }, "close to zero: 1e-9"],
  [
    "steps of the last 20",
    { norms: many(1, 65), ratios: [...many(1e-3, 45), ...many(0.2, 20)] },
    "changes 20 %",
  ],
  ["a gradient of 1e-7", { norms: many(1e-7) }, null],
  ["steps of a tenth", { ratios: many(0.1) }, null],
  ["steps of a hundred thousandth", { ratios: many(1e-5) }, null],
  [
    "no gradient",
    { norms: many(1e-9) },
    "Gradients are close to zero: 1e-9 (median of 20 steps). Likely cause: rows",
  ],
  [
    "steps too large",
    { ratios: many(0.2) },
    "Each step changes 20 % of what is trained, where 0.1 % is usual",
  ],
  [
    "steps too small",
    { ratios: many(1e-6) },
    "Each step changes 0.0001 % of what is trained, where 0.1 % is usual (median of 20 steps). " +
      "Likely cause: a learning rate (0.0002) that is too low.",
  ],
  [
    "steps as small as the end of a schedule makes them",
    { ratios: many(1e-6), rateShares: many(1e-3) },
    null,
  ],
  [
    "steps smaller than the end of a schedule makes them",
    { ratios: many(1e-9), rateShares: many(1e-3) },
    "changes 1e-7 % of what is trained",
  ],
  ["large steps in the warm-up alone", { ratios: [...many(1, 5), ...many(1e-3, 25)] }, null],
  ["a few wild ones", { norms: [...many(1, 26), ...many(1e6, 4)], ratios: many(1e-3) }, null],
  [
    "growing",
    { norms: [...many(0.5, 25), ...many(6, 25)], ratios: many(1e-3, 50) },
    "Gradients grew from 0.5 to 6",
  ],
  ["growing tenfold", { norms: [...many(0.5, 25), ...many(5, 25)], ratios: many(1e-3, 50) }, null],
  [
    "growing over 40 steps",
    { norms: [...many(1, 5), ...many(0.5, 20), ...many(6, 20)], ratios: many(1e-3, 45) },
    "Gradients grew from 0.5 to 6",
  ],
  [
    "growing, too soon to tell",
    { norms: [...many(1, 5), ...many(0.5, 15), ...many(6, 15)], ratios: many(1e-3, 35) },
    null,
  ],
  ["at twenty times the limit", { norms: many(10), maxGradNorm: 0.5 }, null],
  ["beyond it", { norms: many(11), maxGradNorm: 0.5 }, "Gradients of 11 are cut to 0.5 at every step"],
  ["cut at every step", { norms: many(30) }, "Gradients of 30 are cut to 1 at every step"],
  ["as long, and not cut", { norms: many(30), maxGradNorm: 0 }, null],
])("%s", (_, change, expected) => {
  const sentence = checkGradients({ ...calm, ...change })?.sentence ?? null;
  if (expected === null) expect(sentence).toBeNull();
  else expect(sentence).toContain(expected);
});

test("what is found is sure, and holds from the first step of the median on", () => {
  expect(checkGradients({ ...calm, norms: many(1e-9) })).toMatchObject({
    guard: "gradients",
    since: 11,
    isHint: false,
  });
});
