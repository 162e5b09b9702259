import { mulberry32For } from "@tunewise/core/math";
import { range, type Seconds, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { accountFor } from "./account/account.ts";
import { planSearch } from "./money/plan-search.ts";
import { openSearch, type Search, type SearchTrial } from "./search.ts";
import { type SearchSettings, trialsUsd } from "./settings.ts";
import type { SearchRecord } from "./state/record.ts";

const fixed = (amount: number): SearchSettings["money"]["secondsPerUnit"] =>
  range(seconds(amount), seconds(amount), seconds(amount));

/** 27 units at 1 cent each, without other costs. */
function settingsFor(changes: Partial<SearchSettings> = {}): SearchSettings {
  return {
    seed: 1,
    space: {
      rate: { kind: "log-uniform", low: 1e-5, high: 1e-1 },
      rank: { kind: "log-integer", low: 1, high: 64 },
      schedule: { kind: "choice", values: ["cosine", "constant"] },
    },
    defaults: { rate: 1e-3, rank: 8, schedule: "cosine" },
    goal: "minimize",
    proposer: "tpe",
    rungs: { minimum: 1, maximum: 27 },
    money: {
      budgetUsd: usd(3),
      finalRunUsd: usd(0.5),
      tickUsd: usd(0.001),
      startSeconds: fixed(0),
      usdPerHour: range(usd(36), usd(36), usd(36)),
      secondsPerUnit: fixed(1),
    },
    ...changes,
  };
}

/** A quadratic loss with its minimum at rate 1e-3 and rank 16; falls with training. */
function lossAt({ point }: Pick<SearchTrial, "point">, units: number): number {
  const rate = Math.log10(point["rate"] as number) + 3;
  const rank = Math.log2(point["rank"] as number) - 4;
  return rate ** 2 + 0.1 * rank ** 2 + (point["schedule"] === "cosine" ? 0 : 0.3) + 2 / (1 + units);
}

function report(search: Search, trial: SearchTrial): void {
  const paid = usd(0.01 * (trial.to - trial.from));
  search.tell(trial.id, { status: "reached", at: trial.to, value: lossAt(trial, trial.to), usd: paid });
}

function runAll(search: Search): Search {
  for (let next = search.ask(); next.act === "try"; next = search.ask()) report(search, next.trial);
  return search;
}

describe("rungs that begin anew", () => {
  const anew = settingsFor({ rungs: { minimum: 1, maximum: 27, restart: true } });

  it("hand out each rung from its start, go on only where a cap cut it off, and keep to the budget", () => {
    const search = openSearch(anew, []);
    const seen: SearchTrial[] = [];
    let cuts = 0;
    for (let next = search.ask(); next.act === "try"; next = search.ask()) {
      const { id, from, to } = next.trial;
      seen.push(next.trial);
      const isCut = to === 9 && cuts === 0;
      if (isCut) {
        cuts++;
        search.tell(id, { status: "cut", at: 2, value: null, usd: usd(0.02) });
      } else report(search, next.trial);
      if (seen.at(-2)?.to === 9 && cuts === 1 && seen.at(-1)?.id === seen.at(-2)?.id) {
        expect([from, to]).toEqual([2, 9]); // counted within this rung, although 3 units of the rung below were done
        cuts++;
      }
    }
    expect(cuts).toBe(2);
    const fresh = seen.filter(({ to }) => to > 1).filter(({ from }) => from !== 2);
    expect(new Set(fresh.map(({ from }) => from))).toEqual(new Set([0]));
    expect(fresh.some(({ to }) => to === 27)).toBe(true);
    expect(search.state.spentMicroUsd).toBeLessThanOrEqual(usd(2.5));
    const again = openSearch(anew, JSON.parse(JSON.stringify(search.records)));
    expect(again.ask()).toEqual(search.ask());
  });

  it("are planned at their whole length", () => {
    const each = ({ rungs }: ReturnType<typeof planSearch>): number[] =>
      rungs.map(({ eachUsd }) => eachUsd.high);
    expect(each(planSearch(anew))).toEqual([1, 3, 9, 27].map((units) => usd(0.01 * units)));
    expect(each(planSearch(settingsFor()))).toEqual([1, 2, 6, 18].map((units) => usd(0.01 * units)));
  });
});

describe("a search", () => {
  it("tries the recipe's settings first, then others, and ends for want of money with a good point", () => {
    const search = openSearch(settingsFor(), []);
    const first = search.ask();
    expect(first).toMatchObject({ act: "try", trial: { origin: "defaults", from: 0, to: 1 } });
    if (first.act === "try") report(search, first.trial);
    runAll(search);
    expect(search.ask()).toMatchObject({ act: "end", reason: "money" });
    expect(search.state.spentMicroUsd).toBeGreaterThan(2_200_000);
    expect(search.state.spentMicroUsd).toBeLessThanOrEqual(2_500_000);
    const top = [...search.state.trials.values()].filter(({ losses }) => losses.has(3));
    const best = Math.min(...top.map(({ losses }) => losses.get(3) as number));
    expect(best).toBeLessThan(0.4);
  });

  it("goes on from what a trial has saved", () => {
    const search = runAll(openSearch(settingsFor(), []));
    const promoted = search.records.filter((one) => one.kind === "stretch-start" && one.to > 1);
    expect(promoted.length).toBeGreaterThan(3);
    for (const one of promoted) if (one.kind === "stretch-start") expect(one.from).toBe(one.to / 3);
  });

  it("decides the same from the same records, wherever it was interrupted", () => {
    const whole = runAll(openSearch(settingsFor(), []));
    const texts = whole.records.map((record) => JSON.stringify(record));
    for (const cut of [0, 1, 2, 7, 20, texts.length - 1]) {
      const records = texts.slice(0, cut).map((text) => JSON.parse(text) as unknown);
      expect(runAll(openSearch(settingsFor(), records)).records).toEqual(whole.records);
    }
  });

  it("hands out again, once, what ran when it was killed, under the same id", () => {
    const search = openSearch(settingsFor(), []);
    search.ask();
    search.ask();
    const opened = openSearch(settingsFor(), structuredClone(search.records));
    const again = [opened.ask(), opened.ask()];
    expect(again).toMatchObject([{ trial: { id: 1, again: true } }, { trial: { id: 2, again: true } }]);
    expect(opened.records).toHaveLength(2);
    expect(opened.ask()).toMatchObject({ act: "try", trial: { id: 3, again: false } });
  });

  it("keeps workers apart: what runs is not proposed again", () => {
    const search = openSearch(settingsFor({ seed: 4 }), []);
    const points = Array.from({ length: 6 }, () => search.ask());
    const texts = points.map((next) => (next.act === "try" ? JSON.stringify(next.trial.point) : next.act));
    expect(new Set(texts).size).toBe(6);
  });

  it.each(["gaussian-process", "random", "halton"] as const)("runs with %s", (proposer) => {
    const search = runAll(openSearch(settingsFor({ proposer, promotion: "pasha", maxTrials: 40 }), []));
    expect(search.ask()).toMatchObject({ act: "end" });
    const origins = new Set([...search.state.trials.values()].map(({ origin }) => origin));
    expect(origins.has(proposer)).toBe(true);
  });

  it("maximizes where that is asked for", () => {
    const search = openSearch(settingsFor({ goal: "maximize" }), []);
    for (let next = search.ask(); next.act === "try"; next = search.ask()) {
      const { id, to, from } = next.trial;
      const paid = usd(0.01 * (to - from));
      search.tell(id, { status: "reached", at: to, value: -lossAt(next.trial, to), usd: paid });
    }
    const minimized = runAll(openSearch(settingsFor(), []));
    const starts = (records: readonly SearchRecord[]) =>
      records.filter(({ kind }) => kind === "stretch-start");
    expect(starts(search.records)).toEqual(starts(minimized.records));
  });

  it("ends after the trials it may make, with the best of them trained in full", () => {
    const search = runAll(openSearch(settingsFor({ maxTrials: 7 }), []));
    expect(search.ask()).toMatchObject({ act: "end", reason: "trials" });
    expect(search.state.trials.size).toBe(7);
    expect([...search.state.trials.values()].filter(({ losses }) => losses.has(3))).toHaveLength(1);
  });

  it("leaves no trial unfinished that was ahead of the best one after equal training", () => {
    for (let seed = 30; seed < 40; seed++) {
      const money = { ...settingsFor().money, budgetUsd: usd(30) };
      const settings = settingsFor({ seed, maxTrials: 10, money, rungs: { minimum: 9, maximum: 27 } });
      const search = openSearch(settings, []);
      const random = mulberry32For(seed, 5);
      for (let next = search.ask(); next.act === "try"; next = search.ask()) {
        const { id, from, to } = next.trial;
        search.tell(id, { status: "reached", at: to, value: random(), usd: usd(0.01 * (to - from)) });
      }
      expect(accountFor(settings, search).best?.contenders, `seed ${seed}`).toEqual([]);
    }
  });

  it("ends when a small space is tried out, each point once", () => {
    const space = { batch: { kind: "choice", values: [1, 2, 4, 8], ordered: true } } as const;
    const seen: number[] = [];
    const search = openSearch(settingsFor({ space, defaults: { batch: 4 } }), []);
    let next = search.ask();
    for (; next.act === "try"; next = search.ask()) {
      if (next.trial.from === 0) seen.push(next.trial.point["batch"] as number);
      const { id, to } = next.trial;
      search.tell(id, {
        status: "reached",
        at: to,
        value: next.trial.point["batch"] as number,
        usd: usd(0.01),
      });
    }
    expect(next).toMatchObject({ act: "end", reason: "space" });
    expect(seen.sort()).toEqual([1, 2, 4, 8]);
  });
});

describe("runs of before the search", () => {
  const known = (point: SearchTrial["point"], units: number, savedAt: number): SearchRecord => ({
    kind: "known-run",
    run: "old-1",
    point,
    savedAt,
    curve: [1, 3, 9, 27].filter((at) => at <= units).map((at) => [at, lossAt({ point }, at)] as const),
  });

  it("answer equal trials: the recipe's settings are not run again", () => {
    const search = openSearch(settingsFor(), [known({ rate: 1e-3, rank: 8, schedule: "cosine" }, 27, 27)]);
    const next = search.ask();
    expect(next).toMatchObject({ act: "try", trial: { id: 2, origin: "halton" } });
  });

  it("and near ones: none is proposed within their noise", () => {
    const old = { rate: 1e-3, rank: 16, schedule: "cosine" };
    const search = runAll(openSearch(settingsFor(), [known(old, 27, 27)]));
    const near = [...search.state.trials.values()].slice(1).filter(({ point }) => {
      const rate = Math.abs(Math.log10((point["rate"] as number) / 1e-3)) / 4;
      return point["schedule"] === "cosine" && rate < 0.02 && point["rank"] === 16;
    });
    expect(near).toEqual([]);
  });

  it("are gone on with from their checkpoint when they are promoted", () => {
    const old = { rate: 1e-3, rank: 16, schedule: "cosine" };
    const search = openSearch(settingsFor(), [known(old, 3, 3)]);
    const promoted: SearchTrial[] = [];
    for (let next = search.ask(); next.act === "try"; next = search.ask()) {
      if (next.trial.id === 1) promoted.push(next.trial);
      report(search, next.trial);
    }
    expect(promoted[0]).toMatchObject({ from: 3, to: 9, resumeRun: "old-1" });
    expect(promoted[1]).toMatchObject({ from: 9, to: 27, resumeRun: null });
  });
});

describe("the money of a search", () => {
  it("never passes its cap by more than a tick, in 200 searches with failures and wrong prices", () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = mulberry32For(seed, 77);
      const settings = wildSettings(seed, random);
      const { budgetUsd, finalRunUsd, idleUsd = 0, tickUsd } = settings.money;
      const spent = simulate(settings, 1 + (seed % 4), 0.3 + 2.5 * random(), random);
      expect(spent, `seed ${seed}`).toBeLessThanOrEqual(budgetUsd - finalRunUsd - idleUsd + tickUsd);
    }
  }, 120_000);

  it("keeps back what may stand idle, in its plan, its work and its words", () => {
    const { money } = settingsFor();
    const settings = settingsFor({ money: { ...money, idleUsd: usd(1) } });
    expect(trialsUsd(settings.money)).toBe(usd(1.5));
    const [all, less] = [settingsFor(), settings].map(planSearch);
    expect(less?.searchUsd).toBe(usd(1.5));
    expect((less?.neededUsd ?? 0) - (all?.neededUsd ?? 0)).toBe(usd(1));
    const search = runAll(openSearch(settings, []));
    expect(search.state.spentMicroUsd).toBeLessThanOrEqual(usd(1.5));
    expect(search.state.spentMicroUsd).toBeGreaterThan(usd(1));
    expect(search.ask()).toMatchObject({ sentence: expect.stringContaining("$1.00 for what stands idle") });
    const refused = (idleUsd: Usd) => () => openSearch(settingsFor({ money: { ...money, idleUsd } }), []);
    expect(refused(usd(2.5))).toThrowError(/\$3\.00 of it is reserved/);
    expect(refused(usd(-1))).toThrowError(/idle/);
  });

  it("stops a stretch at its own cap and goes on with it at the price that was measured", () => {
    const search = openSearch(settingsFor(), []);
    const first = search.ask();
    if (first.act !== "try") throw new Error(first.act);
    expect(first.trial.maxUsd).toBe(usd(0.01));
    search.tell(1, { status: "cut", at: 0.5, value: 3, usd: usd(0.01) });
    expect(search.ask()).toMatchObject({
      act: "try",
      trial: { id: 1, from: 0.5, to: 1, maxUsd: usd(0.011) },
    });
  });

  it("gives a trial up that is cut off again and again", () => {
    const search = openSearch(settingsFor({ maxTrials: 1 }), []);
    for (let round = 0; round < 3; round++) {
      expect(search.ask()).toMatchObject({ act: "try", trial: { id: 1 } });
      search.tell(1, { status: "cut", at: 0, value: null, usd: usd(0.01) });
    }
    expect(search.ask()).toMatchObject({ act: "end" });
    expect(search.state.trials.get(1)?.losses.get(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("promotes no failed trial", () => {
    const search = openSearch(settingsFor(), []);
    for (let next = search.ask(); next.act === "try"; next = search.ask()) {
      const { id, to } = next.trial;
      if (id % 2 === 0) search.tell(id, { status: "failed", at: 0, value: null, usd: usd(0.005) });
      else report(search, { ...next.trial, to });
    }
    const failed = [...search.state.trials.values()].filter(({ id }) => id % 2 === 0);
    expect(failed.length).toBeGreaterThan(5);
    expect(
      failed.every(({ losses }) => losses.get(0) === Number.POSITIVE_INFINITY && losses.size === 1),
    ).toBe(true);
  });
});

/** Settings with random prices and budgets. */
function wildSettings(seed: number, random: () => number): SearchSettings {
  const start = range(seconds(0), seconds(random()), seconds(1 + random()) as Seconds);
  return settingsFor({
    seed,
    proposer: seed % 10 === 0 ? "tpe" : "random",
    promotion: seed % 3 === 0 ? "pasha" : "asha",
    money: {
      budgetUsd: usd(0.6 + random()),
      finalRunUsd: usd(0.5 * random()),
      idleUsd: usd(0.1 * random()),
      tickUsd: usd(0.002 * random()),
      usdPerHour: range(usd(30), usd(36), usd(40)),
      secondsPerUnit: range(seconds(0.8), seconds(1), seconds(1.3)),
      startSeconds: start,
      costFactor: ({ rank }) => 1 + (rank as number) / 64,
    },
  });
}

/** Simulates several workers; a segment costs about `price` times its expected cost and stops a tick after its cap. */
function simulate(settings: SearchSettings, workers: number, price: number, random: () => number): number {
  const search = openSearch(settings, []);
  const running: SearchTrial[] = [];
  for (let round = 0; round < 5000; round++) {
    const next = running.length < workers ? search.ask() : null;
    if (next?.act === "try") running.push(next.trial);
    else if (running.length === 0) break;
    else end(search, settings, running.splice(Math.floor(random() * running.length), 1)[0] as SearchTrial);
  }
  return search.state.spentMicroUsd;

  function end(open: Search, { money }: SearchSettings, trial: SearchTrial): void {
    const whole = usd((trial.to - trial.from) * 0.01 * price * (0.7 + 0.6 * random()));
    const cap = (trial.maxUsd + money.tickUsd) as Usd;
    const share = whole > cap ? cap / whole : 1;
    const paid = Math.min(whole, cap) as Usd;
    const at = share < 1 ? trial.from + share * (trial.to - trial.from) : trial.to;
    const kind = random();
    if (kind < 0.1) open.tell(trial.id, { status: "failed", at: trial.from, value: null, usd: paid });
    else if (kind < 0.15)
      open.tell(trial.id, { status: "reached", at: trial.to, value: Number.NaN, usd: paid });
    else
      open.tell(trial.id, { status: share < 1 ? "cut" : "reached", at, value: lossAt(trial, at), usd: paid });
  }
}
