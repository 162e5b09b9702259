import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, worldsOf } from "../../../../../test/support/decision-arms.ts";
import type { Objective } from "./input.ts";
import { type Eligible, weigh, weighVolumes } from "./weigh.ts";

/** 1,000 simulations; the quality is high in the first ones and low in the others. */
const highIn = (simulations: number, high = 0.9, low = 0.1) => ({
  quality: Array.from({ length: 1000 }, (_, world) => (world < simulations ? high : low)),
});
const always = (quality: number) => highIn(1000, quality);
const names = ["tuned", "prompt", "few-shot", "foreseen"] as const;
const arms = names.map((name) => armOf(name, name === "foreseen" ? "few-shot" : name, [1]));
const worth: Objective = { kind: "value", usdPerCorrect: usd(1) };
const target: Objective = { kind: "target", quality: 0.75 };

const weighed = (
  qualities: Parameters<typeof worldsOf>[0],
  { objective = worth, ...among }: Partial<Eligible> & { objective?: Objective } = {},
) =>
  weigh(
    inputFor(arms.slice(0, qualities.length), { objective }),
    worldsOf(qualities),
    { tuned: [0], others: [1], extrapolated: [], ...among },
    1,
  );

describe("one volume", () => {
  test.each<[string, () => ReturnType<typeof weighed>, object]>([
    [
      "tuned ahead in 95 %",
      () => weighed([highIn(950), always(0.5)]),
      { says: "tune", arm: 0, chance: 0.95, rival: 1 },
    ],
    [
      "tuned ahead in less",
      () => weighed([highIn(949), always(0.5)]),
      { says: "open", arm: 0, chance: 0.949, rival: 1 },
    ],
    [
      "behind in 95 %",
      () => weighed([highIn(50), always(0.5)]),
      { says: "do-not-tune", arm: 1, chance: 0.95, rival: 0 },
    ],
    [
      "behind in less",
      () => weighed([highIn(51), always(0.5)]),
      { says: "open", arm: 1, chance: 0.949, rival: 0 },
    ],
    [
      "equal in all",
      () => weighed([always(0.5), always(0.5)]),
      { says: "open", arm: null, chance: 0, rival: null },
    ],
  ])("%s", (_, find, expected) => {
    expect(find()).toMatchObject(expected);
  });

  test("tuning must beat every other arm, and what is told is the hardest of them", () => {
    const three = [highIn(970), always(0.5), always(0.2)];
    expect(weighed(three, { others: [1, 2] })).toMatchObject({ says: "tune", rival: 1, chance: 0.97 });
    const hard = [highIn(970), always(0.2), highIn(60, 0.95, 0.2)];
    expect(weighed(hard, { others: [1, 2] })).toMatchObject({ says: "open", arm: 0, rival: 2, chance: 0.91 });
  });

  test("what is only foreseen is to be beaten by tuning, and nobody is sent to it", () => {
    const qualities = [always(0.8), always(0.5), always(0.1), always(0.9)];
    expect(weighed(qualities, { extrapolated: [] })).toMatchObject({ says: "tune", arm: 0 });
    expect(weighed(qualities, { extrapolated: [3] })).toMatchObject({ says: "open", chance: 0 });
  });

  test("picking the best of two others takes half the chance of error: 97.5 %", () => {
    const at = (ahead: number) =>
      weighed([highIn(1000 - ahead), always(0.5), always(0.05)], { others: [1, 2] });
    expect(at(975)).toMatchObject({ says: "do-not-tune", arm: 1, chance: 0.975 });
    expect(at(974)).toMatchObject({ says: "open", arm: 1, chance: 0.974 });
  });

  test("of several that hold, the one the others of them beat least", () => {
    const three = (one: number, two: number) =>
      weighed([always(0.1), always(one), always(two)], { others: [1, 2] });
    expect(three(0.5, 0.6)).toMatchObject({ says: "do-not-tune", arm: 2 });
    expect(three(0.6, 0.5)).toMatchObject({ says: "do-not-tune", arm: 1 });
    expect(three(0.5, 0.5)).toMatchObject({ says: "do-not-tune", arm: 1 });
  });

  test("none of them is beaten by itself: where two are within the margin the cheaper is taken", () => {
    const simulations = worldsOf([
      { quality: [0.5] },
      { quality: [0.8], fixed: [2] },
      { quality: [0.8], fixed: [1] },
    ]);
    const objective: Objective = { kind: "margin", margin: 0.1 };
    const eligible = { tuned: [0], others: [1, 2], extrapolated: [] };
    expect(weigh(inputFor(arms.slice(0, 3), { objective }), simulations, eligible, 1)).toMatchObject({
      says: "do-not-tune",
      arm: 2,
    });
  });

  test("a rival that does not hold itself is no reason against one that does", () => {
    // the last arm beats the second in 60 % of the simulations, but is below the tuned arm in the others
    const qualities = [always(0.2), always(0.5), highIn(600)];
    expect(weighed(qualities, { others: [1, 2] })).toMatchObject({ says: "do-not-tune", arm: 1, chance: 1 });
  });

  test("a target that every arm misses in 95 % of the simulations is out of reach", () => {
    const missed = (simulations: number) =>
      weighed([always(0.5), highIn(1000 - simulations)], { objective: target });
    expect(missed(950)).toMatchObject({ says: "none-reaches", arm: null, chance: 0.95, rival: null });
    expect(missed(949)).toMatchObject({ says: "open", arm: 1, chance: expect.closeTo(0.051, 12) });
    expect(weighed([highIn(51), always(0.5)], { objective: target })).toMatchObject({ says: "open", arm: 0 });
  });

  test("without a tuned arm an arm that reaches the target or the gain is enough; a worth asks for a rival", () => {
    const untuned = { tuned: [], others: [1] };
    const qualities = [always(0.1), highIn(960)];
    const enough = { says: "do-not-tune", arm: 1, chance: 0.96, rival: null };
    expect(weighed(qualities, { ...untuned, objective: target })).toMatchObject(enough);
    const gain: Objective = { kind: "gain", over: "tuned", by: 0.5 };
    expect(weighed(qualities, { ...untuned, objective: gain })).toMatchObject(enough);
    expect(weighed(qualities, untuned)).toMatchObject({ says: "open", arm: null, chance: 0, rival: null });
  });

  test("without any other arm a tuned one has to be what was wished for", () => {
    const only = { tuned: [0], others: [] };
    expect(weighed([highIn(960), always(1)], { ...only, objective: target })).toMatchObject({
      says: "tune",
      rival: null,
    });
    expect(weighed([highIn(900), always(1)], { ...only, objective: target })).toMatchObject({
      says: "open",
      chance: 0.9,
    });
  });
});

describe("all volumes", () => {
  const volumes = (fixed: readonly number[], each: readonly number[]) => {
    const simulations = worldsOf([
      { quality: fixed.map(() => 0.9), fixed, each },
      { quality: fixed.map(() => 0.9), each: fixed.map(() => 1) },
    ]);
    const eligible = { tuned: [0], others: [1], extrapolated: [] };
    return weighVolumes(inputFor(arms.slice(0, 2), { objective: target }), simulations, eligible);
  };

  test("from ten answers a month to 10^8.5: where the same is said stands one entry", () => {
    // $5,000 upfront and $0.50 saved per answer: 10,000 answers over ten months, 1,000 a month
    const [before, after, ...more] = volumes([4999], [0.5]);
    expect(more).toEqual([]);
    expect(before).toMatchObject({
      says: "do-not-tune",
      arm: 1,
      chance: 1,
      rival: 0,
      fromPerMonth: 10,
      toPerMonth: 10 ** 2.5,
    });
    expect(after).toMatchObject({
      says: "tune",
      arm: 0,
      chance: 1,
      rival: 1,
      fromPerMonth: 1000,
      toPerMonth: 10 ** 8.5,
    });
  });

  test("an entry is as sure as its least sure volume, and between two answers it is open", () => {
    // $50 upfront in 96 of 100 simulations, $5,000 in four: break-even at 10 and at 1,000 answers a month
    const fixed = Array.from({ length: 100 }, (_, world) => (world < 96 ? 49.9 : 4999));
    expect(
      volumes(
        fixed,
        fixed.map(() => 0.5),
      ),
    ).toMatchObject([{ says: "tune", chance: 0.96, fromPerMonth: 10, toPerMonth: 10 ** 8.5 }]);
    const half = fixed.map((_, world) => (world < 50 ? 150 : 15_000));
    expect(
      volumes(
        half,
        half.map(() => 0.5),
      ).map(({ says, fromPerMonth, toPerMonth }) => [says, fromPerMonth, toPerMonth]),
    ).toMatchObject([
      ["do-not-tune", 10, 10],
      ["open", 10 ** 1.5, 10 ** 3],
      ["tune", 10 ** 3.5, 10 ** 8.5],
    ]);
  });

  test("what is open is one entry, whichever arm is ahead", () => {
    const fixed = Array.from({ length: 10 }, (_, world) => (world < 3 ? 150 : world < 6 ? 1500 : 15_000));
    const found = volumes(
      fixed,
      fixed.map(() => 0.5),
    );
    expect(found.map(({ says }) => says)).toEqual(["do-not-tune", "open", "tune"]);
    expect(found[1]).toMatchObject({ arm: 1, chance: 0.6, fromPerMonth: 10 ** 1.5, toPerMonth: 10 ** 3 });
  });

  test("another arm of the same side is an entry of its own", () => {
    const simulations = worldsOf([
      { quality: [0.1] },
      { quality: [0.9], each: [1] },
      { quality: [0.9], fixed: [5000], each: [0.5] },
    ]);
    const eligible = { tuned: [0], others: [1, 2], extrapolated: [] };
    const found = weighVolumes(inputFor(arms.slice(0, 3), { objective: target }), simulations, eligible);
    expect(found.map(({ says, arm }) => [says, arm])).toEqual([
      ["do-not-tune", 1],
      ["do-not-tune", 2],
    ]);
  });
});
