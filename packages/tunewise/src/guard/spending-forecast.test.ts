/** @file Tests spending forecasts: backtests on simulated ledgers, too short histories, and running jobs. */
import { describe, expect, test } from "vitest";
import { simulateLedgers, spendingShapes, unseenShapes } from "../../../../test/support/simulated-ledgers.ts";
import {
  canForecast,
  chanceOfReaching,
  forecastExhaustion,
  forecastSpending,
  maxHistoryDays,
  type SpendingHistory,
} from "./spending-forecast.ts";

const usd = 1e6;
const history = (days: readonly number[], more: Partial<SpendingHistory> = {}): SpendingHistory => ({
  days: days.map((cost) => cost * usd),
  todayShare: 0,
  alive: [],
  ...more,
});

/** Bounds the share of 120 outcomes inside the 80 % interval; `bench/page/forecast.mjs` measures more. */
test.each([...spendingShapes, ...unseenShapes].map((shape) => [shape.name, shape] as const))(
  "%s: the interval holds",
  (_, shape) => {
    const ledgers = simulateLedgers(shape, 15, 120);
    const inside = ledgers.filter(({ history: past, rest }) => {
      const forecast = forecastSpending(past, 15);
      return forecast !== null && rest >= forecast.low && rest <= forecast.high;
    });
    const share = inside.length / ledgers.length;
    expect(share).toBeGreaterThan(0.66);
    expect(share).toBeLessThan(0.95);
  },
);

describe("a history that says nothing", () => {
  test.each([
    ["no day", []],
    ["six days", [1, 1, 1, 1, 1, 1]],
    ["a month with costs on two days", [...Array(28).fill(0), 5, 5]],
  ])("%s", (_, days) => {
    expect(canForecast(history(days))).toBe(false);
    expect(forecastSpending(history(days), 10)).toBeNull();
    expect(forecastExhaustion(history(days), usd)).toBeNull();
  });
});

test("equal days leave no doubt, and the rest of today counts in part", () => {
  const forecast = forecastSpending(history(Array(30).fill(2), { todayShare: 0.75 }), 10);
  expect(forecast).toMatchObject({ low: 20.5 * usd, median: 20.5 * usd, high: 20.5 * usd, days: 30 });
  expect(forecast && chanceOfReaching(forecast, 20.4 * usd)).toBe(1);
  expect(forecast && chanceOfReaching(forecast, 20.6 * usd)).toBe(0);
});

test("weekends stay weekends", () => {
  const weeks = Array.from({ length: 42 }, (_, day) => (day % 7 < 5 ? 10 : 0));
  // today is the first day of a week: five days with costs follow, then two without
  expect(forecastSpending(history(weeks), 6)).toMatchObject({ low: 50 * usd, high: 50 * usd });
  expect(forecastSpending(history(weeks.slice(0, 40)), 1)).toMatchObject({ low: 0, high: 0 });
});

test("a trend goes on", () => {
  const days = Array.from({ length: 56 }, (_, day) => 10 + Math.floor(day / 7));
  const forecast = forecastSpending(history(days), 6);
  expect(forecast?.median).toBeGreaterThan(7 * 17 * usd);
  expect(forecast?.median).toBeLessThan(7 * 19 * usd);
});

test("what is at work costs at least what it costs, up to its cap", () => {
  const quiet = Array(30).fill(0.01);
  const at = (leftMicroUsd: number | null): number =>
    forecastSpending(
      history(quiet, { alive: [{ microUsdPerHour: 4 * usd, ageHours: 24, leftMicroUsd }] }),
      10,
    )?.median ?? 0;
  // half of the jobs that have run for a day run for another day
  expect(at(null)).toBeGreaterThan(80 * usd);
  expect(at(null)).toBeLessThan(120 * usd);
  expect(at(20 * usd)).toBeGreaterThan(19 * usd);
  expect(at(20 * usd)).toBeLessThan(21 * usd);
});

test("only the last eight weeks count", () => {
  const days = [...Array(100).fill(50), ...Array(maxHistoryDays).fill(1)];
  expect(forecastSpending(history(days), 9)).toMatchObject({ median: 10 * usd, days: maxHistoryDays });
});

test("a sum without an end is spent on a day", () => {
  const past = history(Array(30).fill(2));
  expect(forecastExhaustion(past, 10 * usd)).toEqual({ early: 4, median: 4, late: 4, days: 30 });
  expect(forecastExhaustion(past, 0)).toMatchObject({ early: 0, median: 0 });
  expect(forecastExhaustion(past, 10_000 * usd)).toMatchObject({ early: null, median: null, late: null });
});

test("the same history gives the same forecast", () => {
  const [ledger] = simulateLedgers(spendingShapes[1] ?? { name: "", history: 0, days: () => [] }, 15, 1);
  const past = ledger?.history ?? history([]);
  const forecast = forecastSpending(past, 15);
  expect(forecast).not.toBeNull();
  expect(forecastSpending(past, 15)).toEqual(forecast);
});
