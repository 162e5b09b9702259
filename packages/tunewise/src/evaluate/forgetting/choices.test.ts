/** @file Tests multiple-choice answers by likelihood, and the comparison of two models on the same items. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seeded } from "../../../../../test/support/chance.ts";
import { exactMcNemar, minimumDetectableEffect } from "../statistics/proportion.ts";
import { type ChoiceOutcome, compareChoices, scoreChoices } from "./choices.ts";

const outcome = (isRight: boolean): ChoiceOutcome => ({
  isRight,
  isRightPlain: isRight,
  probability: isRight ? 0.9 : 0.2,
});
const item = { characters: [4, 4, 4, 4], answer: 0 };

/** Outcomes of two models with the given paired counts. */
function pair(both: number, onlyBase: number, onlyTuned: number, neither: number) {
  const make = (b: boolean, t: boolean, count: number) =>
    Array.from({ length: count }, () => [b, t] as const);
  const all = [
    ...make(true, true, both),
    ...make(true, false, onlyBase),
    ...make(false, true, onlyTuned),
    ...make(false, false, neither),
  ];
  return {
    items: all.map(() => item),
    base: all.map(([right]) => outcome(right)),
    tuned: all.map(([, right]) => outcome(right)),
  };
}

describe("scoreChoices", () => {
  const score = (characters: number[], nll: number[], answer = 0) =>
    scoreChoices([{ characters, answer }], [nll])[0];

  it("divides by the length for one reading, and does not for the other", () => {
    // the short choice is likelier in total, the long one per character
    expect(score([2, 10], [3, 8], 1)).toMatchObject({ isRight: true, isRightPlain: false });
    expect(score([2, 10], [3, 8], 0)).toMatchObject({ isRight: false, isRightPlain: true });
  });

  it("gives the right choice's share of the likelihood", () => {
    const shares = [0.5, 0.3, 0.2];
    const nll = shares.map((share) => -Math.log(share / 10));
    expect(score([1, 1, 1], nll, 1)?.probability).toBeCloseTo(0.3, 12);
  });

  it("takes the first of equals", () => {
    expect(score([3, 3], [2, 2], 0)?.isRight).toBe(true);
    expect(score([3, 3], [2, 2], 1)?.isRight).toBe(false);
  });

  it("takes no number for no answer", () => {
    expect(score([3, 3], [Number.NaN, 1], 1)).toEqual({
      isRight: false,
      isRightPlain: false,
      probability: 0,
    });
  });

  it("stands losses too large for an exponential", () => {
    expect(score([3, 3], [2000, 1990], 1)?.probability).toBeCloseTo(1 / (1 + Math.exp(-10)), 12);
  });

  it("stands a spread of losses too large for an exponential", () => {
    expect(score([3, 3, 3], [3000, 1000, 5000], 1)?.probability).toBe(1);
    expect(score([3, 3, 3], [3000, 1000, 5000], 0)?.probability).toBe(0);
  });

  it("divides by one where a choice has no characters", () => {
    expect(score([0, 4], [1, 8], 0)).toMatchObject({ isRight: true, isRightPlain: true });
    expect(score([0, 4], [3, 8], 1)).toMatchObject({ isRight: true, isRightPlain: false });
  });

  it("answers item by item", () => {
    const items = [item, { characters: [1, 1], answer: 1 }];
    const outcomes = scoreChoices(items, [
      [1, 2, 3, 4],
      [1, 2],
    ]);
    expect(outcomes.map(({ isRight }) => isRight)).toEqual([true, false]);
    expect(() => scoreChoices(items, [[1, 2, 3, 4]])).toThrow("0 losses of 2 choices");
  });

  it("refuses losses of other choices", () => {
    expect(() => score([3, 3], [1])).toThrow(/Internal/);
  });
});

describe("compareChoices", () => {
  it("tells shares, drop, test and chance", () => {
    const { items, base, tuned } = pair(60, 15, 5, 20);
    const change = compareChoices(items, base, tuned);
    expect(change).toMatchObject({
      items: 100,
      base: 0.75,
      tuned: 0.65,
      chance: 0.25,
      method: "paired-bootstrap",
    });
    expect(change.drop).toBeCloseTo(0.1, 12);
    expect(change.pValue).toBeCloseTo(exactMcNemar(15, 5), 12);
    expect(change.pValue).toBeCloseTo(0.0414, 4);
    expect(change.interval?.low).toBeGreaterThan(0);
    expect(change.interval?.high).toBeLessThan(0.2);
    expect(change.probability.base - change.probability.tuned).toBeCloseTo(0.07, 12);
  });

  // Normal interval of the lost answers: mean 0.1, variance 20/100 - 0.1^2, 1.96 standard errors of 0.0436.
  it("draws items for the interval of many changed answers", () => {
    const { items, base, tuned } = pair(60, 15, 5, 20);
    const { interval } = compareChoices(items, base, tuned, { seed: 2, draws: 4000 });
    expect(Math.abs((interval?.low ?? 0) - 0.0146)).toBeLessThan(0.0101);
    expect(Math.abs((interval?.high ?? 0) - 0.1854)).toBeLessThan(0.0101);
    const at = (seed: number) => compareChoices(items, base, tuned, { seed, draws: 40 }).interval;
    expect(at(3)).toEqual(at(3));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(at(seed)))).size).toBeGreaterThan(1);
  });

  // Newcombe's interval of the table 5, 2, 3, 4, computed independently of this code, with the sign reversed
  it("takes Newcombe's interval below ten changed answers, and draws from ten on", () => {
    const { items, base, tuned } = pair(5, 2, 3, 4);
    const change = compareChoices(items, base, tuned);
    expect(change).toMatchObject({
      method: "newcombe",
      counts: { both: 5, onlyBase: 2, onlyTuned: 3, neither: 4 },
      interval: { low: expect.closeTo(-0.363947406, 9), high: expect.closeTo(0.2410854072, 9) },
    });
    expect(change.drop).toBeCloseTo(-1 / 14, 12);
    const method = (lost: number, won: number) => {
      const changed = pair(30, lost, won, 10);
      return compareChoices(changed.items, changed.base, changed.tuned, { draws: 50 }).method;
    };
    expect([method(5, 4), method(5, 5), method(10, 0), method(0, 9)]).toEqual([
      ...["newcombe", "paired-bootstrap", "paired-bootstrap", "newcombe"],
    ]);
  });

  it("tells plain shares, probabilities and chance apart from the verdict's", () => {
    const items = [
      { characters: [1, 1], answer: 0 },
      { characters: [1, 1, 1, 1], answer: 0 },
    ];
    const one = (isRight: boolean, isRightPlain: boolean, probability: number): ChoiceOutcome => ({
      isRight,
      isRightPlain,
      probability,
    });
    const base = [one(true, false, 0.6), one(true, false, 0.2)];
    const tuned = [one(false, true, 0.5), one(true, false, 0.1)];
    const change = compareChoices(items, base, tuned);
    expect(change).toMatchObject({
      items: 2,
      base: 1,
      tuned: 0.5,
      drop: 0.5,
      chance: 0.375,
      pValue: 1,
      plain: { base: 0, tuned: 0.5 },
      probability: { base: 0.4, tuned: 0.3 },
    });
    expect(change.interval).not.toBeNull();
  });

  it("says what so many items can show, by how often the models disagree", () => {
    const { items, base, tuned } = pair(300, 15, 14, 171);
    // share of flips, smoothed: (29 + 1) / 501
    expect(compareChoices(items, base, tuned, { draws: 50 }).detectable).toBe(
      minimumDetectableEffect(500, 30 / 501),
    );
  });

  it("refuses outcomes of other items", () => {
    const { items, base, tuned } = pair(3, 0, 0, 0);
    expect(() => compareChoices(items, base, tuned.slice(1))).toThrow("outcomes of 3 and of 2 items");
  });

  it("does not take no change among few for no doubt", () => {
    const { items, base, tuned } = pair(80, 0, 0, 20);
    const { interval, method, drop } = compareChoices(items, base, tuned);
    expect([method, drop]).toEqual(["newcombe", 0]);
    expect(interval?.high).toBeGreaterThan(0.01);
    expect(interval?.low).toBeLessThan(-0.01);
  });

  it("knows no interval of one item", () => {
    const { items, base, tuned } = pair(1, 0, 0, 0);
    expect(compareChoices(items, base, tuned).interval).toBeNull();
  });

  it("turns its sign when the models change places", () => {
    const count = fc.nat(30);
    fc.assert(
      fc.property(count, count, count, count, (both, onlyBase, onlyTuned, neither) => {
        fc.pre(both + onlyBase + onlyTuned + neither > 1);
        const { items, base, tuned } = pair(both, onlyBase, onlyTuned, neither);
        const settings = { draws: 200 };
        const there = compareChoices(items, base, tuned, settings);
        const back = compareChoices(items, tuned, base, settings);
        expect(there.drop).toBeCloseTo(-back.drop, 12);
        expect(there.pValue).toBeCloseTo(back.pValue, 12);
        expect(there.interval?.low).toBeCloseTo(-(back.interval?.high ?? 0), 9);
        expect((there.interval?.low ?? 1) <= there.drop + 1e-9).toBe(true);
        expect((there.interval?.high ?? -1) >= there.drop - 1e-9).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [0.04, 0.02],
    [0.15, 0.05],
    [0.02, 0.02],
  ])("holds the truth in about 95 of 100 evaluations (lost %s, won %s)", (lost, won) => {
    const random = seeded(11);
    const runs = 500;
    let inside = 0;
    for (let run = 0; run < runs; run++) {
      const counts = { both: 0, onlyBase: 0, onlyTuned: 0, neither: 0 };
      for (let at = 0; at < 100; at++) {
        const chance = random();
        if (chance < lost) counts.onlyBase++;
        else if (chance < lost + won) counts.onlyTuned++;
        else if (chance < 0.75) counts.both++;
        else counts.neither++;
      }
      const { items, base, tuned } = pair(counts.both, counts.onlyBase, counts.onlyTuned, counts.neither);
      const { interval } = compareChoices(items, base, tuned, { draws: 300, seed: run });
      const truth = lost - won;
      if ((interval?.low ?? 1) <= truth && truth <= (interval?.high ?? 0)) inside++;
    }
    expect(inside / runs).toBeGreaterThan(0.93);
    expect(inside / runs).toBeLessThan(0.99);
  });
});
