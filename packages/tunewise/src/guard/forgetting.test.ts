/** @file Tests the forgetting guard: verdicts by interval, gates, and the message with its numbers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkForgetting,
  checkForgettingSample,
  type ForgettingState,
  type MeasuredLoss,
} from "./forgetting.ts";
import { type GateVerdict, gateEvent, isGateClosed } from "./gate.ts";

const loss = (value: number, low: number, high: number, limit = 0.05): MeasuredLoss => ({
  value,
  interval: { low, high },
  limit,
});
const nothing: ForgettingState = { perplexity: null, tasks: null, kl: null, regressionPrompts: null };

const cases: [string, Partial<ForgettingState>, GateVerdict][] = [
  ["nothing measured", {}, "cannot-tell"],
  ["interval beyond the limit", { perplexity: loss(0.08, 0.06, 0.1) }, "fail"],
  ["value beyond, interval not wholly", { perplexity: loss(0.08, 0.04, 0.1) }, "cannot-tell"],
  ["value within, interval not wholly", { perplexity: loss(0.03, 0.01, 0.06) }, "cannot-tell"],
  ["interval within", { perplexity: loss(0.02, 0.01, 0.03) }, "pass"],
  ["the limit itself is allowed", { perplexity: loss(0.05, 0.05, 0.05) }, "pass"],
  ["better than before", { perplexity: loss(-0.1, -0.2, -0.05) }, "pass"],
  ["no interval", { perplexity: { value: 0, interval: null, limit: 0.05 } }, "cannot-tell"],
  ["a model that broke", { perplexity: loss(Infinity, Infinity, Infinity) }, "fail"],
  ["no numbers", { perplexity: loss(Number.NaN, Number.NaN, Number.NaN) }, "cannot-tell"],
  [
    "one passes, one cannot be told",
    { perplexity: loss(0, -0.01, 0.01), tasks: loss(0.01, -0.02, 0.04, 0.02) },
    "cannot-tell",
  ],
  ["one passes, one fails", { perplexity: loss(0, -0.01, 0.01), tasks: loss(0.1, 0.05, 0.2, 0.02) }, "fail"],
  ["all pass", { perplexity: loss(0, -0.01, 0.01), tasks: loss(0, -0.01, 0.02, 0.02) }, "pass"],
  ["too far from the base", { perplexity: loss(0, -0.01, 0.01), kl: loss(0.5, 0.4, 0.6, 0.1) }, "fail"],
  [
    "a prompt broke",
    { perplexity: loss(0, -0.01, 0.01), regressionPrompts: { worked: 9, broken: 1 } },
    "fail",
  ],
  ["no prompt broke", { regressionPrompts: { worked: 9, broken: 0 } }, "pass"],
];

describe("judgeForgetting", () => {
  it.each(cases)("%s", (_, state, verdict) => {
    expect(checkForgetting({ ...nothing, ...state }).verdict).toBe(verdict);
  });

  it("names each measure's own verdict", () => {
    const { measures } = checkForgetting({
      perplexity: loss(0.08, 0.06, 0.1),
      tasks: loss(0, -0.01, 0.01, 0.02),
      kl: null,
      regressionPrompts: { worked: 2, broken: 0 },
    });
    expect(measures).toEqual({ perplexity: "fail", tasks: "pass", "regression-prompts": "pass" });
  });

  it("says what failed with its numbers, and not what did not", () => {
    const { sentence } = checkForgetting({
      perplexity: loss(0.081, 0.06, 0.103),
      tasks: loss(0, -0.01, 0.01, 0.02),
      kl: loss(0.5, 0.4, 0.6, 0.1),
      regressionPrompts: { worked: 12, broken: 2 },
    });
    expect(sentence).toMatchInlineSnapshot(
      `"The tuned model forgot: 2 of 12 regression prompts broke; perplexity of general text is up by 8.1 % (6.0 to 10.3, allowed 5.0); the next words are 0.50 nats from the base model's (0.40 to 0.60, allowed 0.10)."`,
    );
  });

  it("counts no broken prompt where none broke", () => {
    const perplexity = loss(0.081, 0.06, 0.103);
    expect(
      checkForgetting({ ...nothing, perplexity, regressionPrompts: { worked: 12, broken: 0 } }).sentence,
    ).toBe("The tuned model forgot: perplexity of general text is up by 8.1 % (6.0 to 10.3, allowed 5.0).");
  });

  it.each([
    ["perplexity", -0.1, "perplexity of general text is down by 10.0 %"],
    ["perplexity", 0, "perplexity of general text is up by 0.0 %"],
    ["tasks", -0.021, "right answers are up by 2.1 points"],
    ["tasks", 0.021, "right answers are down by 2.1 points"],
  ] as const)("%s lost by %d: which way it went", (measure, value, words) => {
    const state = { ...nothing, [measure]: loss(value, -0.2, 0.03) };
    expect(checkForgetting(state).sentence).toBe(
      `Nothing was forgotten beyond the limits: ${words} (-20.0 to 3.0, allowed 5.0).`,
    );
  });

  it("writes a share that rounds to nothing without a sign", () => {
    expect(checkForgetting({ ...nothing, tasks: loss(0.01, -0.0004, 0.02) }).sentence).toContain(
      "(0.0 to 2.0, allowed 5.0)",
    );
  });

  it("says why it cannot tell", () => {
    expect(
      checkForgetting({ ...nothing, tasks: loss(0.015, -0.02, 0.05, 0.02) }).sentence,
    ).toMatchInlineSnapshot(
      `"Whether something was forgotten cannot be told: right answers are down by 1.5 points (-2.0 to 5.0, allowed 2.0)."`,
    );
    expect(checkForgetting(nothing).sentence).toMatchInlineSnapshot(
      `"Whether something was forgotten cannot be told."`,
    );
  });

  it("never passes what it could fail with a lower limit at the interval's end", () => {
    const number = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(number, number, number, (a, b, limit) => {
        const interval = { low: Math.min(a, b), high: Math.max(a, b) };
        const perplexity = { value: (a + b) / 2, interval, limit };
        const { verdict } = checkForgetting({ ...nothing, perplexity });
        expect(verdict === "fail").toBe(interval.low > limit);
        expect(verdict === "pass").toBe(interval.high <= limit);
      }),
    );
  });
});

describe("the gate", () => {
  const judged = (verdict: GateVerdict) => ({ verdict, measures: {}, sentence: "It says so." });

  it.each([
    ["off", "fail", "go-on", false],
    ["warn", "fail", "warn", false],
    ["warn", "cannot-tell", "go-on", false],
    ["fail", "fail", "warn", true],
    ["fail", "cannot-tell", "go-on", false],
    ["fail", "pass", "go-on", false],
    ["strict", "cannot-tell", "warn", true],
    ["strict", "fail", "warn", true],
    ["strict", "pass", "go-on", false],
  ] as const)("%s with the verdict %s", (gate, verdict, act, closed) => {
    expect(gateEvent("forgetting", judged(verdict), gate).act).toBe(act);
    expect(isGateClosed(verdict, gate)).toBe(closed);
  });
});

describe("a sample during training", () => {
  const beyond = loss(0.2, 0.1, 0.3);
  it.each([
    ["beyond the limit", beyond, "warn", false, "warn"],
    ["not wholly beyond", loss(0.2, 0.01, 0.3), "warn", false, "go-on"],
    ["said before", beyond, "warn", true, "go-on"],
    ["gate off", beyond, "off", false, "go-on"],
  ] as const)("%s", (_, perplexity, gate, warned, act) => {
    expect(checkForgettingSample(40, perplexity, gate, warned).act).toBe(act);
  });

  it("names the step", () => {
    const verdict = checkForgettingSample(40, beyond, "warn", false);
    expect(verdict.act !== "go-on" && verdict.sentence).toMatchInlineSnapshot(
      `"At step 40 perplexity of general text is up by 20.0 % (10.0 to 30.0, allowed 5.0), on a small sample."`,
    );
  });
});
