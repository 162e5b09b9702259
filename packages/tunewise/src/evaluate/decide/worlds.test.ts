import { expect, test } from "vitest";
// simulations of the benchmark, which come from a different model than the one that the decision assumes
import { grade, kinds, wishes, world } from "../../../../../test/support/decision-worlds.ts";
import { decide } from "./decide.ts";

test("verdicts are rarely wrong in simulations whose truth is known, and are given where they can be", () => {
  const results = wishes.flatMap((objective) =>
    kinds.map((kind, at) => {
      const simulated = world(5000 + at, kind, objective, { draws: 300 });
      return grade(simulated, decide(simulated.input));
    }),
  );
  expect(results.filter((one) => one === "wrong").length).toBeLessThanOrEqual(1);
  expect(results.filter((one) => one === "right").length).toBeGreaterThan(2);
}, 120_000);

test.each(["helps", "hurts"] as const)(
  "1,000 rows and 8 points, tuning %s: settled",
  (kind) => {
    const power = { rows: 1000, gap: 0.08, worth: 30, by: 0.02, plain: true, draws: 300 };
    const results = (["gain", "value"] as const).flatMap((objective) =>
      [0, 1, 2, 3].map((at) => {
        const simulated = world(700 + at, kind, objective, power);
        return grade(simulated, decide(simulated.input));
      }),
    );
    expect(results.filter((one) => one === "right").length).toBeGreaterThanOrEqual(7);
  },
  120_000,
);
