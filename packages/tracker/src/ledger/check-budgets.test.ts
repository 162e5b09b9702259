/** @file Tests the admission guard on budgets shared by several runs. */
import { expect, test } from "vitest";
import { checkSharedBudgets, type SharedBudget } from "./check-budgets.ts";

const month: SharedBudget = { projectName: "tickets", period: "month", microUsd: 10e6, spentMicroUsd: 0 };

test.each([
  [[], "go-on"],
  [[month], "go-on"],
  [[{ ...month, spentMicroUsd: 8e6 - 1 }], "go-on"],
  [[{ ...month, spentMicroUsd: 8e6 }], "warn"],
  [[{ ...month, spentMicroUsd: 10e6 - 1 }], "warn"],
  [[{ ...month, spentMicroUsd: 10e6 }], "stop"],
  [
    [
      { ...month, spentMicroUsd: 9e6 },
      { ...month, spentMicroUsd: 11e6 },
    ],
    "stop",
  ],
])("%j: %s", (budgets, act) => {
  expect(checkSharedBudgets(budgets)).toMatchObject({ act });
});

test("says whose budget it is, and for which time", () => {
  const all: SharedBudget = { projectName: null, period: "total", microUsd: 5e6, spentMicroUsd: 6e6 };
  expect(checkSharedBudgets([all])).toEqual({
    act: "stop",
    by: "cap",
    guard: "shared-budget",
    sentence: "$6.00 of the $5.00 of all projects together in all are spent.",
  });
  expect(checkSharedBudgets([{ ...month, spentMicroUsd: 12.4e6 }])).toMatchObject({
    sentence: "$12.40 of the $10.00 of project tickets for this month are spent.",
  });
});
