/** @file Tests the budget guard's verdicts, one row per situation, and its bound on overshoot. */

import { cost, seconds, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { type BudgetState, checkBudget } from "./budget.ts";

const calm: BudgetState = {
  step: 120,
  steps: 300,
  capUsd: usd(1),
  capSeconds: null,
  spentUsd: usd(0.4),
  spentSeconds: seconds(1440),
  priceUsdPerHour: usd(1),
  nextTickSeconds: seconds(12),
  reserveSeconds: seconds(3),
  warned: false,
};

const cases: [string, Partial<BudgetState>, string][] = [
  ["far below", {}, "go-on"],
  ["no caps at all", { capUsd: null, spentUsd: usd(1e6) }, "go-on"],
  ["just below 80 %", { spentUsd: usd(0.79) }, "go-on"],
  [
    "80 %, the rest does not fit",
    { spentUsd: usd(0.8) },
    "warn: $0.800 of the $1.00 cap (80 %) are spent at step 120 of 300. At this pace the cap stops it near step 150.",
  ],
  [
    "80 %, the rest fits",
    { spentUsd: usd(0.9), step: 290 },
    "warn: $0.900 of the $1.00 cap (90 %) are spent at step 290 of 300. At this pace the run ends at about $0.931.",
  ],
  ["said once", { spentUsd: usd(0.9), warned: true }, "go-on"],
  [
    "the next step would cross",
    { spentUsd: usd(0.997) },
    "stop: Stopped at step 120 of 300: $1.00 of the $1.00 cap are spent, and the next step with " +
      "its checkpoint (about $0.004167) would cross it.",
  ],
  [
    "a long tick is seen coming",
    { spentUsd: usd(0.7), nextTickSeconds: seconds(1200) },
    "stop: Stopped at step 120 of 300: $0.700 of the $1.00 cap are spent, and the next step with " +
      "its checkpoint (about $0.334) would cross it.",
  ],
  [
    "already over",
    { spentUsd: usd(1.25), warned: true },
    "stop: Stopped at step 120 of 300: $1.25 of the $1.00 cap are spent, $0.250 over.",
  ],
  ["a free machine never reaches a dollar cap", { priceUsdPerHour: usd(0), spentUsd: usd(0) }, "go-on"],
  [
    "a cap of zero on a free machine lets it run",
    { capUsd: usd(0), priceUsdPerHour: usd(0), spentUsd: usd(0), warned: true },
    "go-on",
  ],
  [
    "a cap of zero is spent from the start",
    { capUsd: usd(0), priceUsdPerHour: usd(0), spentUsd: usd(0) },
    "warn: $0.00 of the $0.00 cap (100 %) are spent at step 120 of 300. At this pace the run ends at about $0.00.",
  ],
  [
    "before the first step there is no pace",
    { spentUsd: usd(0.9), step: 0 },
    "warn: $0.900 of the $1.00 cap (90 %) are spent at step 0 of 300.",
  ],
  [
    "a cap of zero on a paid machine stops before the first step",
    { capUsd: usd(0), spentUsd: usd(0), step: 0 },
    "stop: Stopped at step 0 of 300: $0.00 of the $0.00 cap are spent, and the next step with " +
      "its checkpoint (about $0.004167) would cross it.",
  ],
  [
    "minutes act too",
    { capUsd: null, capSeconds: seconds(1450) },
    "stop: Stopped at step 120 of 300: 24 min of the 24 min 10 s cap are spent, and the next step with " +
      "its checkpoint (about 15 s) would cross it.",
  ],
  [
    "the first cap reached stops, although dollars are left",
    { capSeconds: seconds(1441) },
    "stop: Stopped at step 120 of 300: 24 min of the 24 min 1 s cap are spent, and the next step with " +
      "its checkpoint (about 15 s) would cross it.",
  ],
];

describe("judgeBudget", () => {
  it.each(cases)("%s", (_, change, expected) => {
    const verdict = checkBudget({ ...calm, ...change });
    expect(verdict.act === "go-on" ? "go-on" : `${verdict.act}: ${verdict.sentence}`).toBe(expected);
  });

  it("may start a tick that lands exactly on the cap", () => {
    const spentUsd = usd(1 - 15 / 3600);
    expect(checkBudget({ ...calm, spentUsd, warned: true }).act).toBe("go-on");
  });

  it("overshoots by no more than one tick's surprise, across a restart", () => {
    let spent = 0;
    let step = 0;
    const actual = (n: number): number => (n % 7 === 6 ? 90 : 10 + (n % 3));
    for (let session = 0; session < 3; session++) {
      for (let tick = 0; tick < 200; tick++) {
        const state = {
          ...calm,
          step,
          steps: 10_000,
          spentSeconds: seconds(spent),
          spentUsd: cost(usd(1), seconds(spent)),
          nextTickSeconds: seconds(11),
          warned: true,
        };
        if (checkBudget(state).act === "stop") break;
        spent += actual(step++);
      }
    }
    expect(spent).toBeLessThanOrEqual(3600 + 90);
    expect(spent).toBeGreaterThan(3600 - 30);
  });
});
