import { range, seconds, usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { checkPlannedBudget } from "./budget.ts";

const hours = range(seconds(1800), seconds(3600), seconds(7200));

test.each([
  { caps: { usd: null, minutes: null }, price: 1, covers: "no-cap", allowed: null, share: null },
  { caps: { usd: null, minutes: 120 }, price: 1, covers: "high", allowed: 7200, share: 0.5 },
  { caps: { usd: null, minutes: 60 }, price: 1, covers: "expected", allowed: 3600, share: 1 },
  { caps: { usd: null, minutes: 59 }, price: 1, covers: "low", allowed: 3540, share: 3600 / 3540 },
  { caps: { usd: null, minutes: 10 }, price: 1, covers: "nothing", allowed: 600, share: 6 },
  { caps: { usd: 1, minutes: null }, price: 0.5, covers: "high", allowed: 7200, share: 0.5 },
  { caps: { usd: 1, minutes: null }, price: 2, covers: "low", allowed: 1800, share: 2 },
  { caps: { usd: 1, minutes: 20 }, price: 2, covers: "nothing", allowed: 1200, share: 3 },
  { caps: { usd: 1, minutes: null }, price: 0, covers: "no-cap", allowed: null, share: null },
  { caps: { usd: 0, minutes: null }, price: 1, covers: "nothing", allowed: 0, share: null },
] as const)("$caps at $price an hour: $covers", ({ caps, price, covers, allowed, share }) => {
  const verdict = checkPlannedBudget(caps, usd(price), hours);
  expect(verdict.covers).toBe(covers);
  expect(verdict.allowedSeconds).toBe(allowed);
  if (share === null) expect(verdict.expectedShare).toBeNull();
  else expect(verdict.expectedShare).toBeCloseTo(share, 12);
});

test("caps that would be enough are rounded up to a cent and a minute", () => {
  const verdict = checkPlannedBudget(
    { usd: 0.01, minutes: 1 },
    usd(0.333),
    range(seconds(1), seconds(2), seconds(7201)),
  );
  expect(verdict).toMatchObject({ enoughSeconds: 7260, enoughUsd: usd(0.67) });
});
