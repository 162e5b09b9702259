import { describe, expect, test } from "vitest";
import { armOf, inputFor, rightOf } from "../../../test/support/decision-arms.ts";
import { usd } from "../../quantity/index.ts";
import type { DecisionArm, Objective } from "./input.ts";
import { findFlips, type SensitiveTo, worthOfExtra } from "./sensitivity.ts";

const eligible = { tuned: [1], others: [0], foreseen: [] };
/** Over ten months of 1,000 answers: the prompt $10, the tuned arm $4 and $5. */
const prompt = armOf("prompt", "prompt", rightOf(70, 100), { thousand: 1 });
const tuned = armOf("tuned", "tuned", rightOf(80, 100), { once: 4, thousand: 0.5 });
const target: Objective = { kind: "target", quality: 0.7 };
const worth = (dollars: number): Objective => ({ kind: "value", usdPerCorrect: usd(dollars) });

const flipsOf = (
  what: SensitiveTo,
  wish: Objective,
  arms: DecisionArm[] = [prompt, tuned],
  among = eligible,
) =>
  findFlips(inputFor(arms, { wish }), among)
    .filter((flip) => flip.what === what)
    .map(({ at, from, to }) => [Number(at.toPrecision(3)), from, to]);

describe("where the verdict turns", () => {
  test.each<[SensitiveTo, Objective, [number, string, string][]]>([
    // $4 over half a dollar a thousand: 8,000 answers in ten months
    ["answers-per-month", target, [[800, "do-not-tune", "tune"]]],
    // $6 are left for answers that cost $5, and the others' $10 may be $9
    ["price-of-tuned", target, [[1.2, "tune", "do-not-tune"]]],
    ["price-of-others", target, [[0.9, "do-not-tune", "tune"]]],
    // ten points above the target
    ["quality-of-tuned", target, [[-0.1, "do-not-tune", "tune"]]],
    ["worth-of-a-correct-answer", target, []],
    // ten points more of 10,000 answers are 1,000 correct ones, for a dollar less
    ["quality-of-tuned", worth(0.01), [[-0.11, "do-not-tune", "tune"]]],
    ["price-of-tuned", worth(0.01), [[3.2, "tune", "do-not-tune"]]],
    ["worth-of-a-correct-answer", worth(0.01), []],
  ])("%s, %j", (what, wish, expected) => {
    expect(flipsOf(what, wish)).toEqual(expected);
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
      return findFlips(inputFor(arms, { wish: target }), eligible).filter((flip) => flip.what === what)[0]
        ?.at;
    };
    expect(at("price-of-tuned", 4)).toBeCloseTo(1.2, 4);
    expect(at("price-of-tuned", 9.8)).toBeCloseTo(0.04, 4);
    expect(at("price-of-tuned", 9.9)).toBeUndefined(); // 0.02
    expect(at("price-of-others", 300)).toBeCloseTo(30.5, 2);
    expect(at("price-of-others", 340)).toBeUndefined(); // 34.5
    expect(at("quality-of-tuned", 4, 21)).toBeCloseTo(0.49, 4);
    expect(at("quality-of-tuned", 4, 19)).toBeUndefined();
    expect(at("answers-per-month", 0.06)).toBeCloseTo(12, 2);
    expect(at("answers-per-month", 0.04)).toBeUndefined(); // 8
    expect(at("answers-per-month", 1.5e6) ?? 0).toBeCloseTo(3e8, -5);
    expect(at("answers-per-month", 2e6)).toBeUndefined(); // 400 million
  });

  test("of several places on one side the nearest is told", () => {
    // within seven points the better of the others counts; the worse is cheaper and too bad for the tuned arm
    const others = [rightOf(80, 100), rightOf(86, 100)].map((right, at) =>
      armOf(`${at}`, "prompt", right, { thousand: 1 + 2 * at }),
    );
    const at = (thousand: number) =>
      flipsOf(
        "price-of-tuned",
        { kind: "margin", margin: 0.07 },
        [...others, armOf("tuned", "tuned", rightOf(90, 100), { thousand })],
        { tuned: [2], others: [0, 1], foreseen: [] },
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
    const input = { ...inputFor(both, { wish: target }), answersPerMonth: null };
    const flips = findFlips(input, { ...eligible, others: [0, 2] });
    expect(flips.map(({ what, at, to }) => [what, Math.round(at), to])).toEqual([
      ["answers-per-month", 800, "tune"],
      ["answers-per-month", 14_400, "do-not-tune"],
    ]);
  });

  test("with the volume unknown nothing else is turned, and nothing at all where no volume turns it", () => {
    const only: Objective = { kind: "target", quality: 0.75 };
    expect(
      findFlips({ ...inputFor([prompt, tuned], { wish: only }), answersPerMonth: null }, eligible),
    ).toEqual([]);
    expect(findFlips(inputFor([prompt, tuned], { wish: only }), eligible)).toEqual([
      { what: "quality-of-tuned", at: expect.closeTo(-0.05, 4), from: "neither", to: "tune" },
    ]);
  });

  test("where there is nothing to choose from nothing turns", () => {
    const input = inputFor([prompt, tuned], { wish: target });
    expect(findFlips(input, { ...eligible, tuned: [] })).toEqual([]);
    expect(findFlips(input, { ...eligible, others: [] })).toEqual([]);
  });
});

describe("what a correct answer must be worth for the better arm to pay", () => {
  const better = armOf("better", "tuned", rightOf(80, 100), { once: 50, monthly: 3, thousand: 3 });
  const cheaper = armOf("cheaper", "prompt", rightOf(60, 100), { once: 10, monthly: 1, thousand: 1 });
  const input = inputFor([better, cheaper]);

  test("$40 and $20 and $20 more for 2,000 more correct answers are four cents", () => {
    expect(worthOfExtra(input, 0, 1)).toBeCloseTo(0.04, 12);
  });

  test("no price where the first is not better, or nobody knows how much is answered", () => {
    expect(worthOfExtra(input, 1, 0)).toBeNull();
    expect(worthOfExtra(inputFor([better, better]), 0, 1)).toBeNull();
    expect(worthOfExtra({ ...input, answersPerMonth: null }, 0, 1)).toBeNull();
    expect(worthOfExtra({ ...input, months: 0 }, 0, 1)).toBeNull();
  });
});
