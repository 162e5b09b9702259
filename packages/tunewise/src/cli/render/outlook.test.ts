/** @file Tests forecasts as text: an interval, a probability or a date, or a statement that none is possible. */
import { expect, test } from "vitest";
import type { BudgetOutlook, CostOutlook } from "../../app/tracking/index.ts";
import { outlookText } from "./outlook.ts";

const usd = 1e6;
const forecast = { low: 455 * usd, median: 498 * usd, high: 560 * usd };
const budget: BudgetOutlook = {
  project: 1,
  projectName: "tickets",
  period: "month",
  microUsd: 500 * usd,
  spentMicroUsd: 412 * usd,
  forecast,
  chanceOver: 0.46,
  spentBy: null,
  days: 42,
};
const outlook: CostOutlook = {
  monthEndMs: 0,
  spentMicroUsd: 412 * usd,
  forecast,
  days: 42,
  minDays: 7,
  budgets: [
    budget,
    { ...budget, projectName: null, chanceOver: 0.001 },
    { ...budget, chanceOver: 1 },
    {
      ...budget,
      period: "total",
      forecast: null,
      chanceOver: null,
      spentBy: { early: Date.UTC(2026, 11, 9), median: Date.UTC(2026, 11, 24), late: null },
    },
    { ...budget, forecast: null, chanceOver: null, days: 3 },
  ],
};

test("a month, its budgets, and what was refused", () => {
  const refusal = { ms: 1, person: "bob", earlier: "a", earlierName: "a", projectName: "tickets" };
  const refused = [
    { ...refusal, microUsd: 2 * usd },
    { ...refusal, microUsd: 36 * usd },
  ];
  expect(outlookText({ outlook, refused }).split("\n")).toEqual([
    "this month $412.00 so far, forecast $498.00 ($455.00 to $560.00), from 42 days",
    "budget of $500.00 for tickets, month: forecast $498.00 ($455.00 to $560.00), reached with a probability of 46 %",
    "budget of $500.00 for all projects, month: forecast $498.00 ($455.00 to $560.00), reached with a probability of less than 1 %",
    "budget of $500.00 for tickets, month: forecast $498.00 ($455.00 to $560.00), reached with a probability of more than 99 %",
    "budget of $500.00 for tickets, total: spent by 2026-12-24 (2026-12-09 to later than in a year)",
    "budget of $500.00 for tickets, month: too few days for a forecast (3)",
    "2 duplicates refused, which saved at least $38.00",
  ]);
});

test("few days say nothing, and no store says less", () => {
  const short = { ...outlook, forecast: null, days: 3, budgets: [] };
  expect(outlookText({ outlook: short, refused: [] })).toMatchInlineSnapshot(
    `"this month $412.00 so far; no forecast: it takes 7 whole days with costs on three of them, and there are 3"`,
  );
  expect(outlookText({ outlook: null, refused: [] })).toBe("");
});
