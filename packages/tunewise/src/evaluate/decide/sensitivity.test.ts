import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, rightOf } from "../../../../../test/support/decision-arms.ts";
import type { DecisionArm, Objective } from "./input.ts";
import {
  type Adjustments,
  breakEvenValue,
  findFlips,
  type PointVerdict,
  pointVerdict,
  type SensitiveTo,
} from "./sensitivity.ts";

const eligible = { tuned: [1], others: [0], extrapolated: [] };
/** Costs over ten months of 1,000 answers: prompt $10, tuned arm $4 + $5. */
const prompt = armOf("prompt", "prompt", rightOf(70, 100), { thousand: 1 });
const tuned = armOf("tuned", "tuned", rightOf(80, 100), { once: 4, thousand: 0.5 });
const target: Objective = { kind: "target", quality: 0.7 };
const worth = (dollars: number): Objective => ({ kind: "value", usdPerCorrect: usd(dollars) });

const flipsOf = (
  what: SensitiveTo,
  objective: Objective,
  arms: DecisionArm[] = [prompt, tuned],
  among = eligible,
) =>
  findFlips(inputFor(arms, { objective }), among)
    .filter((flip) => flip.what === what)
    .map(({ at, from, to }) => [Number(at.toPrecision(3)), from, to]);

describe("where the verdict turns", () => {
  test.each<[SensitiveTo, Objective, [number, string, string][]]>([
    // $4 divided by $0.50 per thousand: 8,000 answers in ten months
    ["answers-per-month", target, [[800, "do-not-tune", "tune"]]],
    // $6 are left for answers that cost $5; the others' $10 may become $9
    ["price-of-tuned", target, [[1.2, "tune", "do-not-tune"]]],
    ["price-of-others", target, [[0.9, "do-not-tune", "tune"]]],
    // 10 points above the target
    ["quality-of-tuned", target, [[-0.1, "do-not-tune", "tune"]]],
    ["worth-of-a-correct-answer", target, []],
    // 10 points of 10,000 answers are 1,000 more correct answers, for $1 less
    ["quality-of-tuned", worth(0.01), [[-0.11, "do-not-tune", "tune"]]],
    ["price-of-tuned", worth(0.01), [[3.2, "tune", "do-not-tune"]]],
    ["worth-of-a-correct-answer", worth(0.01), []],
  ])("%s, %j", (what, objective, expected) => {
    expect(flipsOf(what, objective)).toEqual(expected);
  });

  test("what a correct answer must be worth is said in dollars", () => {
    const dear = armOf("tuned", "tuned", rightOf(80, 100), { once: 40, thousand: 1 });
    expect(flipsOf("worth-of-a-correct-answer", worth(0.01), [prompt, dear])).toEqual([
      [0.04, "do-not-tune", "tune"],
    ]);
    expect(flipsOf("worth-of-a-correct-answer", worth(0.1), [prompt, dear])).toEqual([
      [0.04, "do-not-tune", "tune"],
    ]);
  });

  test("a place is found to four digits, up to about 32 times a price or a 32nd of it, and half of all answers", () => {
    const at = (what: SensitiveTo, once: number, right = 80) => {
      const arms = [prompt, armOf("tuned", "tuned", rightOf(right, 100), { once, thousand: 0.5 })];
      return findFlips(inputFor(arms, { objective: target }), eligible).filter(
        (flip) => flip.what === what,
      )[0]?.at;
    };
    expect(at("price-of-tuned", 4)).toBeCloseTo(1.2, 4);
    expect(at("price-of-tuned", 9.8)).toBeCloseTo(0.04, 4);
    expect(at("price-of-tuned", 9.9)).toBeUndefined(); // outside the grid: 0.02
    expect(at("price-of-others", 300)).toBeCloseTo(30.5, 2);
    expect(at("price-of-others", 340)).toBeUndefined(); // outside the grid: 34.5
    expect(at("quality-of-tuned", 4, 21)).toBeCloseTo(0.49, 4);
    expect(at("quality-of-tuned", 4, 19)).toBeUndefined();
    expect(at("answers-per-month", 0.06)).toBeCloseTo(12, 2);
    expect(at("answers-per-month", 0.04)).toBeUndefined(); // outside the grid: 8
    expect(at("answers-per-month", 1.5e6) ?? 0).toBeCloseTo(3e8, -5);
    expect(at("answers-per-month", 2e6)).toBeUndefined(); // outside the grid: 400 million
  });

  test("of several places on one side the nearest is told", () => {
    // both others are within 7 points of the best of them; the cheaper one is 10 points below the tuned arm
    const others = [rightOf(80, 100), rightOf(86, 100)].map((right, at) =>
      armOf(`${at}`, "prompt", right, { thousand: 1 + 2 * at }),
    );
    const at = (thousand: number) =>
      flipsOf(
        "price-of-tuned",
        { kind: "margin", margin: 0.07 },
        [...others, armOf("tuned", "tuned", rightOf(90, 100), { thousand })],
        { tuned: [2], others: [0, 1], extrapolated: [] },
      );
    expect(at(0.5)).toEqual([[2, "tune", "neither"]]);
    expect(at(6)).toEqual([[0.5, "neither", "do-not-tune"]]);
    expect(at(2)).toEqual([
      [0.5, "tune", "neither"],
      [1.5, "neither", "do-not-tune"],
    ]);
  });

  test("with the volume unknown only the volume is turned, and every place is told", () => {
    const both = [
      prompt,
      armOf("tuned", "tuned", rightOf(80, 100), { once: 4, thousand: 0.5 }),
      armOf("api", "api", rightOf(90, 100), { once: 40, thousand: 0.25 }),
    ];
    const input = { ...inputFor(both, { objective: target }), answersPerMonth: null };
    const flips = findFlips(input, { ...eligible, others: [0, 2] });
    expect(flips.map(({ what, at, to }) => [what, Math.round(at), to])).toEqual([
      ["answers-per-month", 800, "tune"],
      ["answers-per-month", 14_400, "do-not-tune"],
    ]);
  });

  test("with the volume unknown nothing else is turned, and nothing at all where no volume turns it", () => {
    const only: Objective = { kind: "target", quality: 0.75 };
    expect(
      findFlips({ ...inputFor([prompt, tuned], { objective: only }), answersPerMonth: null }, eligible),
    ).toEqual([]);
    expect(findFlips(inputFor([prompt, tuned], { objective: only }), eligible)).toEqual([
      { what: "quality-of-tuned", at: expect.closeTo(-0.05, 4), from: "neither", to: "tune" },
    ]);
  });

  test("where there is nothing to choose from nothing turns", () => {
    const input = inputFor([prompt, tuned], { objective: target });
    expect(findFlips(input, { ...eligible, tuned: [] })).toEqual([]);
    expect(findFlips(input, { ...eligible, others: [] })).toEqual([]);
  });
});

describe("what a correct answer must be worth for the better arm to pay", () => {
  const better = armOf("better", "tuned", rightOf(80, 100), { once: 50, monthly: 3, thousand: 3 });
  const cheaper = armOf("cheaper", "prompt", rightOf(60, 100), { once: 10, monthly: 1, thousand: 1 });
  const input = inputFor([better, cheaper]);

  test("$40 and $20 and $20 more for 2,000 more correct answers are four cents", () => {
    expect(breakEvenValue(input, 0, 1)).toBeCloseTo(0.04, 12);
  });

  test("no price where the first is not better, or nobody knows how much is answered", () => {
    expect(breakEvenValue(input, 1, 0)).toBeNull();
    expect(breakEvenValue(inputFor([better, better]), 0, 1)).toBeNull();
    expect(breakEvenValue({ ...input, answersPerMonth: null }, 0, 1)).toBeNull();
    expect(breakEvenValue({ ...input, months: 0 }, 0, 1)).toBeNull();
  });
});

const now: Adjustments = { answersPerMonth: 1000, tunedPrice: 1, othersPrice: 1, tunedQuality: 0, worth: 1 };
/** Cost and quality over ten months of 1,000 answers: prompt $20 + $10, 70 %; tuned arm $40 + $20, 80 %. */
const arms = [
  armOf("prompt", "prompt", rightOf(7, 10), { thousand: 1, monthly: 2 }),
  armOf("tuned", "tuned", rightOf(8, 10), { once: 10, monthly: 3, thousand: 2 }),
];
const verdict = (objective: Objective, adjusted: Partial<Adjustments> = {}, among = eligible): PointVerdict =>
  pointVerdict(inputFor(arms, { objective }), among, { ...now, ...adjusted });

// 1,000 more correct answers for $30 more: worthwhile above 3 cents each
const cents = (worth: number): Objective => ({ kind: "value", usdPerCorrect: usd(worth / 100) });

test.each<[string, Objective, Partial<Adjustments>, PointVerdict]>([
  ["a correct answer is worth more than it costs", cents(3.1), {}, "tune"],
  ["a correct answer is worth less", cents(2.9), {}, "do-not-tune"],
  ["exactly as much settles nothing", cents(3), {}, "neither"],
  ["twice the worth", cents(1.6), { worth: 2 }, "tune"],
  ["a tuned price of 0.9 saves $2", cents(2.9), { tunedPrice: 0.9 }, "tune"],
  ["a tuned price of 1.1 adds $2", cents(3.1), { tunedPrice: 1.1 }, "do-not-tune"],
  ["others' price of 1.2 adds $2 to them", cents(2.9), { othersPrice: 1.2 }, "tune"],
  ["a point more of quality is 100 answers more", cents(2.9), { tunedQuality: 0.01 }, "tune"],
  ["a point less", cents(3.1), { tunedQuality: -0.01 }, "do-not-tune"],
  ["twice the volume: fixed costs weigh half", cents(2.1), { answersPerMonth: 2000 }, "tune"],
  ["a target that both miss", { kind: "target", quality: 0.9 }, {}, "neither"],
  ["a target that both reach: the cheaper", { kind: "target", quality: 0.7 }, {}, "do-not-tune"],
  ["a target that one reaches", { kind: "target", quality: 0.75 }, {}, "tune"],
  ["a gain over the prompt", { kind: "gain", over: "prompt", by: 0.09 }, {}, "tune"],
  [
    "a gain that is not brought: the prompt stays",
    { kind: "gain", over: "prompt", by: 0.11 },
    {},
    "do-not-tune",
  ],
  ["within the margin the cheaper", { kind: "margin", margin: 0.11 }, {}, "do-not-tune"],
  [
    "outside the margin the prompt is not as good, the tuned arm not as cheap",
    { kind: "margin", margin: 0.09 },
    {},
    "neither",
  ],
])("%s", (_, objective, adjusted, expected) => {
  expect(verdict(objective, adjusted)).toBe(expected);
});

test("one arm of a side must be ahead of every arm of the other", () => {
  const wide = [...arms, armOf("free", "few-shot", rightOf(75, 100), { thousand: 3 })]; // quality 75 % for $30
  const at = (worth: number) =>
    pointVerdict(inputFor(wide, { objective: cents(worth) }), { ...eligible, others: [0, 2] }, now);
  // the tuned arm beats the prompt above 3 cents, and the few-shot arm above 6 cents
  expect([2.9, 5.9, 6.1].map(at)).toEqual(["do-not-tune", "do-not-tune", "tune"]);
  // both achieve a gain of 4 points over the prompt, but the few-shot arm is cheaper
  const gain = inputFor(wide, { objective: { kind: "gain", over: "prompt", by: 0.04 } });
  expect(pointVerdict(gain, { ...eligible, others: [0, 2] }, now)).toBe("do-not-tune");
  const both = { ...eligible, others: [0], tuned: [1, 2] };
  expect(pointVerdict(inputFor(wide, { objective: cents(0.1) }), both, now)).toBe("tune"); // 500 more at no cost
});

test("with nobody to choose nothing is said", () => {
  expect(verdict(cents(3), {}, { tuned: [], others: [], extrapolated: [] })).toBe("neither");
});
