import { range, type Seconds, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import type { PlaceEstimate, Plan } from "../../../plan/index.ts";
import { budgetLine, choiceLine, groundsLine, moneyLines } from "./lines.ts";

function place(
  name: string,
  dollars: number,
  minutes: number,
  more: Partial<PlaceEstimate> = {},
): PlaceEstimate {
  const [time, money] = [seconds(60 * minutes), usd(dollars)];
  return {
    ...({
      kind: "rented",
      name,
      provider: "cloud",
      instance: "i",
      region: "r",
      pricing: "on-demand",
    } as PlaceEstimate),
    fits: "yes",
    usdPerHour: usd(1),
    price: { name: "a list", asOf: "2026-11-20" },
    seconds: range(time, time, seconds(2 * time)),
    runUsd: range(money, money, money),
    total: { p50: money, p90: usd(2 * dollars), shares: [], distribution: null },
    ...more,
  } as PlaceEstimate;
}

const here = (minutes: number, more: Partial<PlaceEstimate> = {}): PlaceEstimate =>
  place("this machine", 0, minutes, { kind: "here", pricing: "own", provider: "own", ...more });

function planWith(
  places: readonly PlaceEstimate[],
  best: number | null,
  caps: Partial<Plan["budget"]> = {},
): Plan {
  const budget = { capUsd: null, capSeconds: null, covers: "high", expectedShare: 0.5, ...caps };
  return { places, best, tradeOff: null, budget, assumptions: [], baselines: [] } as unknown as Plan;
}

describe("a cap is compared with what it caps (A5)", () => {
  const rented = place("1x A", 1, 30);
  test.each<[string, { capUsd?: Usd | null; capSeconds?: Seconds | null }, string]>([
    ["minutes alone", { capSeconds: seconds(3600) }, "cap 1 h, covers the high end of one run on 1x A"],
    [
      "minutes that are too few",
      { capSeconds: seconds(600) },
      "cap 10 min, does not cover one run of 30 min on 1x A",
    ],
    ["money alone", { capUsd: usd(2) }, "cap $2.00, P50 50 % of it; covers nine of ten outcomes on 1x A"],
    ["no money", { capUsd: usd(0) }, "cap $0.00, P50 $1.00; does not cover the expected cost on 1x A"],
    [
      "both",
      { capUsd: usd(1.5), capSeconds: seconds(2400) },
      "cap $1.50 and 40 min, P50 67 % of it; covers the expected cost, not the P90, covers the expected time of one run, not the high end on 1x A",
    ],
  ])("%s", (_, caps, expected) => {
    expect(budgetLine(planWith([here(6000), rented], 1, caps))).toBe(expected);
  });

  test("a vendor's row that fits is not denied by the sentence about machines", () => {
    const vendor = place("vendor", 1, 0, { kind: "hosted" });
    const small = here(1, { fits: "no", total: null, memory: {} as never });
    const [line] = moneyLines(planWith([small, vendor], null));
    expect(line?.[1]).toBe("no machine on the list fits, so there is no price");
  });
});

describe("the choice in one sentence (A9)", () => {
  const quick = place("1x T4", 0.023, 5.5, { pricing: "spot" });
  const tradeOff = { cheaper: 0, quicker: 1, usdPerHourSaved: usd(0.0015), costOfDelayUsdPerHour: usd(1) };
  const plan = planWith([here(900), quick], 1);

  test.each<[string, Plan, string]>([
    [
      "the quick place",
      { ...plan, tradeOff },
      "15 h for $0.00 on this machine, or 5.5 min for $0.023 on 1x T4 spot (cloud): an hour saved costs $0.0015, less than the $1.00 that an hour of waiting is worth (--cost-of-delay)",
    ],
    [
      "the cheap place",
      { ...plan, best: 0, tradeOff: { ...tradeOff, costOfDelayUsdPerHour: usd(0) } },
      "15 h for $0.00 on this machine, or 5.5 min for $0.023 on 1x T4 spot (cloud): an hour saved costs $0.0015, more than the $0.00 that an hour of waiting is worth (--cost-of-delay)",
    ],
    ["nothing to trade", plan, ""],
  ])("%s", (_, given, expected) => {
    expect(choiceLine(given)).toBe(expected);
  });
});

describe("what memory and time rest on", () => {
  test.each<[string, PlaceEstimate["restsOn"], string]>([
    ["nothing that it says", null, ""],
    [
      "rules",
      { memory: { by: "rules", compared: "other-cards" }, time: { by: "rules", compared: "nowhere" } },
      "rules of the program; its memory was measured on other cards, its speed nowhere",
    ],
    [
      "rules that nothing was compared with",
      { memory: { by: "rules", compared: "nowhere" }, time: { by: "rules", compared: "nowhere" } },
      "rules of the program; not enough measurements: the range is that of other programs",
    ],
    [
      "a trace",
      { memory: { by: "traced", compared: "nowhere" }, time: { by: "traced", compared: "nowhere" } },
      "a trace of the program's own step; its memory and speed were measured nowhere",
    ],
    [
      "rules, and the recipe's speed",
      { memory: { by: "rules", compared: "this-card" }, time: { by: "measured", compared: null } },
      "rules of the program; its memory was measured on this card; the speed is the recipe's",
    ],
  ])("%s", (_, restsOn, expected) => {
    expect(groundsLine(planWith([here(60), place("1x A", 1, 30, { restsOn })], 1))).toBe(expected);
    const elsewhere = expected === "" ? "" : `1x A: ${expected}`;
    expect(groundsLine(planWith([here(60, { restsOn: null }), place("1x A", 1, 30, { restsOn })], 0))).toBe(
      elsewhere,
    );
  });
});
