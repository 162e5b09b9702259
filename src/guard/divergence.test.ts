/** @file The divergence guard's answers, one row per situation. */
import { describe, expect, it } from "vitest";
import { type DivergenceState, judgeDivergence } from "./divergence.ts";

const falling = Array.from({ length: 60 }, (_, i) => 3 - 0.03 * i + 0.05 * Math.sin(7 * i));
const calm: DivergenceState = {
  step: 61,
  loss: 1.2,
  gradientNorm: 0.8,
  losses: falling,
  learningRatePeak: 2e-4,
  warmupSteps: 10,
  checkpointStep: 50,
};

const cases: [string, Partial<DivergenceState>, string][] = [
  ["a usual loss", {}, "go-on"],
  ["a loss that falls", { loss: 0.01 }, "go-on"],
  ["too short a history to judge a jump", { losses: [2, 2, 2], loss: 40 }, "go-on"],
  ["a flat curve with a small step up", { losses: new Array(20).fill(1), loss: 1.4 }, "go-on"],
  [
    "NaN",
    { loss: Number.NaN },
    "stop: Stopped at step 61: the loss is NaN. The checkpoint of step 50 is kept. " +
      "Likely causes: the learning rate (0.0002), bad rows in this batch.",
  ],
  [
    "infinity, high rate, no warm-up, nothing saved",
    { loss: Number.POSITIVE_INFINITY, learningRatePeak: 0.01, warmupSteps: 0, checkpointStep: null, step: 3 },
    "stop: Stopped at step 3: the loss is Infinity. No checkpoint was saved before. " +
      "Likely causes: a learning rate that is high for LoRA (0.01), no warm-up, bad rows in this batch.",
  ],
  [
    "gradient not finite, in the warm-up",
    { gradientNorm: Number.NaN, step: 4 },
    "stop: Stopped at step 4: the gradient norm is NaN. The checkpoint of step 50 is kept. " +
      "Likely causes: a warm-up too short (10 steps), the learning rate (0.0002), bad rows in this batch.",
  ],
  [
    "a jump on a flat curve",
    { losses: new Array(20).fill(1), loss: 9 },
    "warn: The loss jumped to 9.000 at step 61; the median of the 20 steps before is 1.000. " +
      "Likely causes: the learning rate (0.0002), bad rows in this batch.",
  ],
  ["old NaNs do not blind it", { losses: [...new Array(20).fill(1), Number.NaN], loss: 1 }, "go-on"],
];

describe("judgeDivergence", () => {
  it.each(cases)("%s", (_, change, expected) => {
    const verdict = judgeDivergence({ ...calm, ...change });
    expect(verdict.act === "go-on" ? "go-on" : `${verdict.act}: ${verdict.sentence}`).toBe(expected);
  });

  it("stays silent on every step of a noisy run that learns", () => {
    const noisy = Array.from(
      { length: 400 },
      (_, i) => 0.6 + 2.5 * Math.exp(-i / 80) + 0.3 * Math.sin(12.9898 * i),
    );
    const spoke = noisy.filter(
      (loss, i) => judgeDivergence({ ...calm, loss, losses: noisy.slice(0, i) }).act !== "go-on",
    );
    expect(spoke).toEqual([]);
  });
});
