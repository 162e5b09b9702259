import { mulberry32For } from "@tunewise/core/math";
import { range, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { accountFor } from "./account/account.ts";
import { spendableUsd } from "./money/funds.ts";
import { openSearch, type Search } from "./search.ts";
import type { SearchSettings } from "./settings.ts";

const sure = (amount: number): SearchSettings["money"]["secondsPerUnit"] =>
  range(seconds(amount), seconds(amount), seconds(amount));

/** Nine units at 1 cent each: a full training costs 9 cents; two are reserved, plus 4 cents for evaluation. */
function settingsFor(budget: number, changes: Partial<SearchSettings> = {}): SearchSettings {
  return {
    seed: 3,
    goal: "minimize",
    proposer: "halton",
    rungs: { minimum: 3, maximum: 9 },
    space: { rate: { kind: "log-uniform", low: 1e-5, high: 1e-1 } },
    defaults: { rate: 1e-3 },
    money: {
      budgetUsd: usd(budget),
      finalRunUsd: usd(0.22),
      finalTrainingUsd: usd(0.09),
      tickUsd: usd(0.001),
      startSeconds: sure(0),
      usdPerHour: range(usd(36), usd(36), usd(36)),
      secondsPerUnit: sure(1),
    },
    ...changes,
  };
}

type LossOf = (point: Readonly<Record<string, unknown>>) => number;

function runAll(settings: SearchSettings, lossOf: LossOf): Search {
  const search = openSearch(settings, []);
  for (let next = search.ask(); next.act === "try"; next = search.ask()) {
    const { id, from, to, point } = next.trial;
    const value = lossOf(point) + 1 / to;
    search.tell(id, { status: "reached", at: to, value, usd: usd(0.01 * (to - from)) });
  }
  return search;
}

const distance: LossOf = ({ rate }) => Math.abs(Math.log10(rate as number) + 2);

describe("what is reserved for the final runs is released once their training is paid (A6)", () => {
  it("is spent on trials, which reach the end of their training with it", () => {
    const kept = settingsFor(0.5);
    const search = runAll(kept, distance);
    const never = runAll(settingsFor(0.5, { money: { ...kept.money, finalTrainingUsd: usd(0) } }), distance);
    const top = (one: Search): number =>
      [...one.state.trials.values()].filter(({ losses }) => losses.has(1)).length;
    expect(never.state.spentMicroUsd).toBeLessThanOrEqual(usd(0.28));
    expect(search.state.spentMicroUsd).toBeGreaterThan(usd(0.36));
    expect(search.state.trials.size).toBeGreaterThan(never.state.trials.size);
    expect(top(search)).toBeGreaterThanOrEqual(2);
  });

  it("stays kept while a final training is still to come", () => {
    const settings = settingsFor(0.5);
    const search = openSearch(settings, []);
    expect(spendableUsd(settings, search.state, 2)).toBe(usd(0.28));
    const first = search.ask();
    if (first.act !== "try") throw new Error(first.act);
    search.tell(1, { status: "reached", at: 3, value: 1, usd: usd(0.03) });
    expect(spendableUsd(settings, search.state, 2)).toBe(usd(0.28));
  });

  it("leaves judging, and the training of a winner that was not trained to the end, paid", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = mulberry32For(seed, 5);
      const settings = settingsFor(0.3 + 0.5 * random(), { seed, proposer: "random" });
      const lossOf = (): number => random();
      const search = runAll(settings, lossOf);
      const { best } = accountFor(settings, search);
      const winner = search.state.trials.get(best?.trial ?? 0);
      const own = search.state.trials.get(1);
      const toCome = (trial: typeof own): number => (trial?.losses.has(1) ? 0 : usd(0.06));
      const isSame = winner === own;
      const still = usd(0.04) + toCome(own) + (isSame ? 0 : toCome(winner));
      expect(search.state.spentMicroUsd + still, `seed ${seed}`).toBeLessThanOrEqual(
        settings.money.budgetUsd,
      );
    }
  });
});

describe("trials are compared at equal training (A6: one at 33 % of its steps with one at 100 %)", () => {
  /** The recipe's own settings trained to the end; another trial trained to a third, where it is better. */
  function uneven(): { settings: SearchSettings; search: Search } {
    const settings = settingsFor(1);
    const start = (trial: number, rate: number, origin: string, from: number, to: number) => ({
      kind: "stretch-start",
      trial,
      point: { rate },
      origin,
      from,
      to,
      maxMicroUsd: usd(0.1),
    });
    const end = (trial: number, at: number, value: number) => ({
      kind: "stretch-end",
      trial,
      status: "reached",
      at,
      value,
      curve: [],
      microUsd: usd(0.03) as Usd,
    });
    const records = [
      ...[start(1, 1e-3, "defaults", 0, 3), end(1, 3, 0.9), start(1, 1e-3, "defaults", 3, 9), end(1, 9, 0.6)],
      ...[start(2, 1e-2, "random", 0, 3), end(2, 3, 0.7)],
    ];
    return { settings, search: openSearch(settings, records) };
  }

  it("takes the best of the rung that two have reached, and says how many were compared there", () => {
    const { settings, search } = uneven();
    expect(accountFor(settings, search).best).toMatchObject({ trial: 2, units: 3, value: 0.7, compared: 2 });
    // its training is still reserved, because it is not done; that of the recipe's own settings is released
    expect(spendableUsd(settings, search.state, 2)).toBe(usd(1 - 0.22 + 0.09));
  });

  it("brings the better one to the end where the number of trials is what ends a search", () => {
    const { settings, search } = uneven();
    const few = openSearch({ ...settings, maxTrials: 2 }, search.records);
    expect(few.ask()).toMatchObject({ act: "try", trial: { id: 2, from: 3, to: 9 } });
  });
});
