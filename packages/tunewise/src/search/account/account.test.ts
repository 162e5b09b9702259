import { mulberry32For, randomNormal } from "@tunewise/core/math";
import { range, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { planSearch } from "../money/plan-search.ts";
import { haltonPlace } from "../propose/halton.ts";
import { openSearch } from "../search.ts";
import type { SearchSettings } from "../settings.ts";
import { axesOf } from "../space/axis.ts";
import { accountFor, regretAgainst } from "./account.ts";
import { adviseSearch } from "./advise.ts";
import { hyperparameterImportance } from "./importance.ts";

const sure = (amount: number): SearchSettings["money"]["secondsPerUnit"] =>
  range(seconds(amount), seconds(amount), seconds(amount));
const settings: SearchSettings = {
  seed: 3,
  space: { x: { kind: "uniform", low: 0, high: 1 }, y: { kind: "uniform", low: 0, high: 1 } },
  defaults: { x: 0.5, y: 0.5 },
  goal: "minimize",
  proposer: "halton",
  rungs: { minimum: 1, maximum: 9 },
  money: {
    budgetUsd: usd(1),
    finalRunUsd: usd(0.1),
    tickUsd: usd(0),
    startSeconds: sure(0),
    usdPerHour: range(usd(36), usd(36), usd(36)),
    secondsPerUnit: sure(1),
  },
};

describe("a plan", () => {
  it("says how many trials at which rungs the money buys", () => {
    const plan = planSearch(settings);
    // cost: n + 2 * floor(n / 3) + 6 * floor(n / 9) cents, at most 90
    expect(plan.rungs.map(({ units, trials }) => [units, trials])).toEqual([
      [1, 40],
      [3, 13],
      [9, 4],
    ]);
    expect(plan.rungs.map(({ eachUsd }) => eachUsd.high)).toEqual([usd(0.01), usd(0.02), usd(0.06)]);
    const total = plan.rungs.reduce((sum, { totalUsd }) => sum + totalUsd.high, 0);
    expect(total).toBeLessThanOrEqual(plan.searchUsd);
    expect(plan).toMatchObject({ trials: 40, expectedTrials: 40, fullTrials: 10, reachesTop: true });
    expect(plan.neededUsd).toBe(usd(0.09 + 0.06 + 0.06 + 0.1));
  });

  it("buys by the high end of prices, says what expected ones would buy, and what is needed", () => {
    const money = {
      ...settings.money,
      budgetUsd: usd(0.2),
      secondsPerUnit: range(seconds(1), seconds(1), seconds(2)),
    };
    const plan = planSearch({ ...settings, money });
    expect(plan.trials).toBeLessThan(plan.expectedTrials);
    expect(plan.reachesTop).toBe(false);
    expect(planSearch({ ...settings, money: { ...money, budgetUsd: plan.neededUsd } }).reachesTop).toBe(true);
  });

  const odd: [string, Partial<SearchSettings>][] = [
    ["a budget that the final run takes", { money: { ...settings.money, finalRunUsd: usd(1) } }],
    [
      "a price below 0",
      { money: { ...settings.money, usdPerHour: { low: usd(-1), expected: usd(0), high: usd(0) } } },
    ],
    ["a seed that is none", { seed: 0.5 }],
    ["no trials", { maxTrials: 0 }],
    ["noise below 0", { noise: -1 }],
  ];
  it.each(odd)("refuses %s", (_, changes) => {
    const code = "SEARCH_SETTING_INVALID";
    expect(() => planSearch({ ...settings, ...changes })).toThrow(expect.objectContaining({ code }));
  });
});

describe("an account", () => {
  it("adds up: dollars by rung, in full, saved, the best of the highest rung", () => {
    const search = openSearch(settings, []);
    for (let next = search.ask(); next.act === "try"; next = search.ask()) {
      const { id, point, from, to } = next.trial;
      const value = (point["x"] as number) + 1 / to;
      if (id === 2) search.tell(id, { status: "failed", at: 0, value: null, usd: usd(0.01) });
      else search.tell(id, { status: "reached", at: to, value, usd: usd(0.01 * (to - from)) });
    }
    const account = accountFor(settings, search);
    expect(account.rungs.reduce((sum, { usd: paid }) => sum + paid, 0)).toBe(account.spentUsd);
    expect(account.rungs[0]).toMatchObject({ units: 1, failed: 1 });
    expect(account.spentUsd).toBeLessThanOrEqual(usd(0.9));
    expect(account.inFullUsd).toBe(account.trials * usd(0.09));
    expect(account.savedUsd).toBe(account.inFullUsd - account.spentUsd);
    expect(account.best?.units).toBe(9);
    expect(account.best?.point["x"]).toBeLessThan(0.2);
    expect(account.importance[0]).toMatchObject({ knob: "x" });
    // results fall by the same amount at every rung, so each rung ranks as the next one does
    for (const { tau, regret, from, to, trials } of account.rankings)
      expect({ tau, regret, to, both: trials >= 2 }).toEqual({ tau: 1, regret: 0, to: 3 * from, both: true });
    expect(account.rankings.map(({ from }) => from)).toEqual([1, 3]);
    expect(account.advice.verdict).not.toBe("cannot-tell");
  });

  it("is empty before the first result", () => {
    const account = accountFor(settings, openSearch(settings, []));
    expect(account).toMatchObject({ best: null, importance: [], spentUsd: 0, savedUsd: 0 });
    expect(account.advice.verdict).toBe("cannot-tell");
  });

  it("knows the regret where the grid is known", () => {
    const grid = [1, 2, 3].map((x) => ({ point: { x }, value: x * 10 }));
    expect(regretAgainst({ x: 2 }, grid, "minimize")).toBe(10);
    expect(regretAgainst({ x: 2 }, grid, "maximize")).toBe(10);
    expect(regretAgainst({ x: 3 }, grid, "maximize")).toBe(0);
    expect(regretAgainst({ x: 4 }, grid, "maximize")).toBeNull();
  });
});

describe("importance", () => {
  const axes = axesOf({
    a: { kind: "uniform", low: 0, high: 1 },
    b: { kind: "choice", values: ["p", "q", "r"] },
    c: { kind: "uniform", low: 0, high: 1 },
  });
  /** Variances of the terms: 16 / 12, 2 / 9 and 0; the shares are therefore 0.857, 0.143 and 0. */
  const loss = (place: ArrayLike<number>) => 4 * (place[0] ?? 0) + ((place[1] ?? 0) < 1 / 3 ? 1 : 0);

  it("gives each knob its share of the variance, with an interval that holds it", () => {
    const done = Array.from({ length: 150 }, (_, at) => {
      const place = haltonPlace(at, 3, 5);
      return { place, loss: loss(place) };
    });
    const found = new Map(hyperparameterImportance(axes, done, 1).map((one) => [one.knob, one]));
    expect(found.get("a")?.share).toBeGreaterThan(0.75);
    expect(found.get("a")?.share).toBeLessThan(0.92);
    expect(found.get("b")?.share).toBeGreaterThan(0.05);
    expect(found.get("c")?.share).toBeLessThan(0.03);
    for (const { share, interval } of found.values()) {
      expect(interval.low).toBeLessThanOrEqual(share);
      expect(interval.high).toBeGreaterThanOrEqual(share);
    }
  });

  it("says nothing from a handful of trials", () => {
    expect(hyperparameterImportance(axes, [{ place: Float64Array.of(0, 0, 0), loss: 1 }], 1)).toEqual([]);
  });
});

describe("advice", () => {
  const axes = axesOf(settings.space);
  const trials = (count: number, chance: (at: number) => number) =>
    Array.from({ length: count }, (_, at) => {
      const place = haltonPlace(at, 2, 8);
      return { place, loss: ((place[0] ?? 0) - 0.5) ** 2 + ((place[1] ?? 0) - 0.5) ** 2 + chance(at) };
    });

  it("goes on while trials promise more than noise, and stops when they do not", () => {
    const early = adviseSearch(
      axes,
      trials(8, () => 0),
      usd(1),
      1e-4,
      1,
    );
    expect(early).toMatchObject({ verdict: "go-on", usdPerTrial: usd(1) });
    const late = adviseSearch(
      axes,
      trials(80, () => 0),
      usd(1),
      0.05,
      1,
    );
    expect(late.verdict).toBe("stop");
    expect(late.expectedGain).toBeLessThan(early.expectedGain ?? 0);
    expect(late.gainPerUsd).toBe((late.expectedGain ?? 0) / late.furtherTrials);
  });

  it("judges noise by itself where it is not given", () => {
    const random = mulberry32For(6);
    const noisy = adviseSearch(
      axes,
      trials(60, () => 0.3 * randomNormal(random)),
      0 as Usd,
      undefined,
      1,
    );
    expect(noisy.noise).toBeGreaterThan(0.1);
    expect(noisy.gainPerUsd).toBeNull();
  });
});
