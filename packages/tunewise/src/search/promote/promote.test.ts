import { describe, expect, it } from "vitest";
import { bottomRung, duePromotions, ranking, type Standing, sparePromotions } from "./asha.ts";
import { crossingGap, isStable, type LossCurve, openTop } from "./pasha.ts";
import { rungsOf } from "./rungs.ts";

const standing = (id: number, losses: readonly number[], runningTo: number | null = null): Standing => ({
  id,
  runningTo,
  losses: new Map(losses.map((loss, rung) => [rung, loss])),
});

describe("rungs", () => {
  it.each([
    [1, 27, 3, [1, 3, 9, 27]],
    [3, 27, 3, [3, 9, 27]],
    [2, 100, 4, [6, 25, 100]],
    [0.1, 0.9, 3, [0.1, 0.3, 0.9]],
    [5, 5, 3, [5]],
  ])("from %d to %d by %d", (minimum, maximum, factor, expected) => {
    const rungs = rungsOf({ minimum, maximum, factor }, "asha");
    expect(rungs).toHaveLength(expected.length);
    for (const [at, units] of expected.entries()) expect(rungs[at]).toBeCloseTo(units, 9);
    expect(rungsOf({ minimum, maximum, factor }, "none")).toEqual([maximum]);
  });

  it.each([
    { minimum: 0, maximum: 3 },
    { minimum: 4, maximum: 3 },
    { minimum: 1, maximum: Number.NaN },
    { minimum: 1, maximum: 9, factor: 1 },
  ])("refuse %o", (settings) => {
    expect(() => rungsOf(settings, "asha")).toThrow(
      expect.objectContaining({ code: "SEARCH_SETTING_INVALID" }),
    );
  });
});

describe("ASHA", () => {
  it("promotes the best third of a rung once, ties to the lower id", () => {
    const nine = Array.from({ length: 9 }, (_, at) => standing(at + 1, [at < 3 ? 1 : 5]));
    expect(duePromotions(nine, 2, 3)).toEqual([1, 2, 3].map((id) => ({ id, to: 1 })));
    const one = nine.map((trial) => (trial.id === 1 ? standing(1, [1], 1) : trial));
    expect(duePromotions(one, 2, 3)).toEqual([2, 3].map((id) => ({ id, to: 1 })));
  });

  it("looks at the highest rung first", () => {
    const trials = [standing(1, [3, 3]), standing(2, [2, 2]), standing(3, [1, 1]), standing(4, [0])];
    expect(duePromotions(trials, 2, 3)[0]).toEqual({ id: 3, to: 2 });
    expect(duePromotions(trials, 1, 3)).toEqual([{ id: 4, to: 1 }]);
  });

  it("counts failures as trials and promotes none", () => {
    const failed = [1, 2, 3].map((id) => standing(id, [Number.POSITIVE_INFINITY]));
    expect(duePromotions(failed, 1, 3)).toEqual([]);
    expect(sparePromotions(failed, 1)).toEqual([]);
    expect(duePromotions([...failed.slice(0, 2), standing(3, [7])], 1, 3)).toEqual([{ id: 3, to: 1 }]);
  });

  it("with money to spare, sends on the best that wait", () => {
    const trials = [standing(1, [2, 2]), standing(2, [1]), standing(3, [3]), standing(4, [4], 1)];
    expect(sparePromotions(trials, 2)).toEqual([
      { id: 1, to: 2 },
      { id: 2, to: 1 },
      { id: 3, to: 1 },
    ]);
  });
});

describe("PASHA", () => {
  const rungs = [1, 3, 9];
  const none = new Map<number, LossCurve>();

  it("opens two rungs, and the third only when the second ranks otherwise", () => {
    const alike = [standing(1, [1, 1]), standing(2, [2, 2]), standing(3, [3, 3])];
    expect(openTop(alike, rungs, none)).toBe(1);
    const turned = [standing(1, [1, 2]), standing(2, [2, 1]), standing(3, [3, 3])];
    expect(openTop(turned, rungs, none)).toBe(2);
    expect(openTop([], rungs, none)).toBe(1);
    expect(openTop([], [5], none)).toBe(0);
  });

  it("takes what lies within epsilon for equal", () => {
    const turned = [standing(1, [1, 2]), standing(2, [1.05, 1])];
    expect(isStable(turned, 1, 0)).toBe(false);
    expect(isStable(turned, 1, 0.1)).toBe(true);
  });

  it("takes epsilon from curves that cross and cross back", () => {
    const wave: LossCurve = [1, 2, 3, 4].map((at) => [at, at % 2 === 0 ? 1 : 2] as const);
    const flat: LossCurve = [1, 2, 3, 4].map((at) => [at, 1.5] as const);
    const far: LossCurve = [1, 2, 3, 4].map((at) => [at, 9] as const);
    expect(crossingGap([wave, flat, far], 4)).toBeCloseTo(0.5, 12);
    expect(crossingGap([flat, far], 4)).toBe(0);
    expect(crossingGap([wave, flat], 2)).toBe(0);
  });
});

it("begins new trials at the lowest rung that does not rank against the next", () => {
  const turned = [1, 2, 3, 4].map((id) => standing(id, [id, -id, -id]));
  expect(bottomRung(turned, 2)).toBe(1);
  expect(bottomRung(turned, 0)).toBe(0);
  expect(bottomRung(turned.slice(1), 2)).toBe(0);
  expect(
    bottomRung(
      [1, 2, 3, 4].map((id) => standing(id, [id, id])),
      2,
    ),
  ).toBe(0);
});

it("ranks by loss, then id", () => {
  expect(ranking([standing(3, [1]), standing(2, [1]), standing(1, [2])], 0).map(({ id }) => id)).toEqual([
    2, 3, 1,
  ]);
});
