import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, exactly, inputFor, plainFacts, rightOf } from "../../../../../test/support/decision-arms.ts";
import { decide, invalidDecision } from "./decide.ts";
import type { DecisionArm, DecisionInput, Objective } from "./input.ts";

describe("what is said, by arms that lie far apart", () => {
  /** 100 rows per arm, far apart, and few draws: every verdict is as certain as possible. */
  const prompt = armOf("prompt", "prompt", rightOf(30, 100), { thousand: 1 });
  const few = armOf("few-shot", "few-shot", rightOf(50, 100), { thousand: 2 });
  const tuned = armOf("tuned", "tuned", rightOf(95, 100), { once: 8, thousand: 0.5 });
  const rag = armOf("rag", "rag", rightOf(40, 100), { thousand: 2 });
  const oracle = armOf("right passages", "oracle", rightOf(97, 100));
  const target = (quality: number): Objective => ({ kind: "target", quality });
  /** Error rates of 4 / sqrt(rows): 5 % at 6,400 rows. */
  const learningCurve = [100, 400, 1600].map((rows) => ({
    rows,
    outcomes: Array.from({ length: 100 }, () => 1 - 4 / Math.sqrt(rows)),
  }));
  const said = (arms: DecisionArm[], objective: Objective, rest: Parameters<typeof inputFor>[1] = {}) =>
    decide(inputFor(arms, { draws: 60, objective, ...rest }));
  const silent = { arm: null, chance: null, rows: null, isInvalid: false, wouldDecide: [] };
  const R1 = "Not measured on these rows: a prompt with examples. Cheaper ways come first.";

  test("tune: the arm that is ahead of every other one, with its share of outcomes", () => {
    expect(said([prompt, few, tuned], target(0.75))).toMatchObject({
      ...silent,
      verdict: "tune",
      arm: "tuned",
      chance: 1,
      byVolume: [],
      why: "Ahead of every other arm in 100.0 % of the simulated outcomes: tuned.",
    });
  });

  test("do not tune: the arm that is ahead of every tuned one", () => {
    expect(said([prompt, few, tuned], target(0.1))).toMatchObject({
      ...silent,
      verdict: "do-not-tune",
      arm: "prompt",
      chance: 1,
      why: "Ahead of every tuned model in 100.0 % of the simulated outcomes: prompt.",
    });
  });

  test("a retriever that fails is mended before anything is trained, and not where another arm is enough", () => {
    const fails = said([prompt, few, tuned, rag, oracle], target(0.75));
    expect(fails).toMatchObject({ ...silent, verdict: "fix-retrieval-first" });
    expect(fails.why).toContain("With the right passages 97.0 % are solved");
    expect(fails.rules.map(({ rule }) => rule)).toEqual(["R2", "R6"]);
    expect(said([prompt, few, tuned, rag, oracle], target(0.1)).verdict).toBe("do-not-tune");
  });

  test("too few training rows, though tuning is ahead", () => {
    expect(said([prompt, few, tuned], target(0.75), { facts: { cleanTrainingRows: 60 } })).toMatchObject({
      ...silent,
      verdict: "collect-more-rows",
      rows: { kind: "train", atLeast: 100, high: null, chance: null },
      why: "60 clean training rows are fewer than the 100 that a recommendation to train asks for.",
    });
  });

  test("cheaper ways were not measured, though tuning is ahead", () => {
    expect(said([prompt, tuned], target(0.75))).toMatchObject({
      ...silent,
      verdict: "undecided",
      why: R1,
      wouldDecide: [R1],
    });
  });

  test("nothing is what was asked for", () => {
    expect(said([prompt, few, tuned], target(0.999))).toMatchObject({
      ...silent,
      verdict: "undecided",
      why: "No arm is what was asked for, in 100.0 % of the simulated outcomes.",
      wouldDecide: [expect.stringContaining("Scores after training on a quarter")],
    });
  });

  test("nothing is, and the learning curve says with how many rows the tuned arm would be", () => {
    const missing = { ...tuned, outcomes: rightOf(80, 100) };
    const later = said([prompt, few, missing], target(0.95), { facts: { learningCurve } });
    expect(later).toMatchObject({
      ...silent,
      verdict: "collect-more-rows",
      rows: { kind: "train", atLeast: expect.closeTo(6400, -1) },
    });
    expect(later.why).toBe(
      `No arm reaches 95.0 %; the tuned model's learning curve does with about ${later.rows?.atLeast} training rows (in ${(100 * (later.rows?.chance ?? 0)).toFixed(1)} % of its fits).`,
    );
    const untuned = said([prompt, few], target(0.95), { facts: { learningCurve } });
    expect(untuned).toMatchObject({ verdict: "undecided", rows: null });
  });

  test("a gain that nothing brings leaves the arm it is counted from, or asks for the rows that bring it", () => {
    const gain: Objective = { kind: "gain", over: "few-shot", by: 0.45 };
    const missing = { ...tuned, outcomes: rightOf(60, 100) };
    expect(said([prompt, few, missing], gain)).toMatchObject({
      ...silent,
      verdict: "do-not-tune",
      arm: "few-shot",
      chance: 1,
    });
    const later = said([prompt, few, missing], gain, { facts: { learningCurve } });
    expect(later.verdict).toBe("collect-more-rows");
    expect(later.why).toContain("No arm reaches 95.0 %");
    // if an arm already achieves the gain or the target, no more rows are needed
    const big = armOf("big", "api", rightOf(100, 100), { thousand: 5 });
    const slower = learningCurve.map((size) => ({
      ...size,
      outcomes: size.outcomes.map((one) => 2 * one - 1),
    }));
    for (const objective of [{ ...gain, by: 0.35 }, target(0.85)]) {
      expect(
        said([prompt, few, big, missing], objective, { facts: { learningCurve: slower } }),
      ).toMatchObject({
        verdict: "do-not-tune",
        arm: "big",
      });
    }
    const nobody: Objective = { kind: "gain", over: "nobody", by: 0.95 };
    expect(said([prompt, few, missing], nobody, { facts: { learningCurve } })).toMatchObject({
      verdict: "undecided",
      rows: null,
    });
  });

  test("two that cannot be told apart: which is ahead in how many outcomes, and how many a verdict takes", () => {
    const close = said([prompt, few, { ...tuned, outcomes: rightOf(60, 100) }], target(0.55));
    expect(close).toMatchObject({
      verdict: "undecided",
      arm: null,
      isInvalid: false,
      rows: { kind: "test", high: null, chance: null },
    });
    const share = (100 * (close.chance ?? 0)).toFixed(1);
    expect(close.chance).toBeLessThan(0.95);
    expect(close.why).toBe(
      `Undecided: tuned wins in ${share} % of the simulated outcomes; a verdict needs 95 %.`,
    );
    expect(close.wouldDecide).toEqual([
      `About ${close.rows?.atLeast} test rows, if things are as they look now.`,
    ]);
  });

  test("the share that is printed is the share that is applied: of several candidates, a larger one", () => {
    const arms = [prompt, { ...few, outcomes: rightOf(55, 100) }, { ...tuned, outcomes: rightOf(50, 100) }];
    expect(said(arms, { kind: "margin", margin: 0.02 })).toMatchObject({
      verdict: "undecided",
      why:
        "Undecided: few-shot wins in 96.7 % of the simulated outcomes; " +
        "with 2 candidates a verdict needs 97.5 %.",
    });
  });

  test("nothing to weigh is an open question as well", () => {
    expect(said([oracle, prompt], { kind: "value", usdPerCorrect: usd(1) })).toMatchObject({
      verdict: "undecided",
      chance: 0,
      rows: null,
      why: "Undecided: none wins in 0.0 % of the simulated outcomes; a verdict needs 95 %.",
      wouldDecide: [R1, "A tuned arm, measured on the same rows."],
    });
  });

  test("a leak makes it void, and only a split without leaks would settle it", () => {
    const leaky = said([prompt, few, tuned], target(0.75), { facts: { failedLeakChecks: ["same text"] } });
    expect(leaky).toMatchObject({
      ...silent,
      verdict: "undecided",
      isInvalid: true,
      wouldDecide: ["A split without leaks, and all arms measured on it again."],
    });
    expect(leaky.why).toContain("(same text)");
    expect(leaky.rules.map(({ rule }) => rule)).toEqual(["R8", "R6"]);
    expect(leaky.table).toHaveLength(3);
  });

  test("without scores there is nothing but the reason", () => {
    expect(invalidDecision("no scores", ["scores"])).toEqual({
      verdict: "undecided",
      arm: null,
      chance: null,
      rows: null,
      isInvalid: true,
      why: "no scores",
      wouldDecide: ["scores"],
      rules: [],
      table: [],
      comparisons: [],
      breakEven: [],
      sensitivity: [],
      byVolume: [],
    });
  });

  describe("at a volume that nobody knows", () => {
    const anyVolume = { answersPerMonth: null };

    test("the same at all of them is a verdict", () => {
      const { verdict, byVolume, chance } = said([prompt, few, tuned], target(0.75), anyVolume);
      expect([verdict, byVolume.length, chance]).toEqual(["tune", 1, 1]);
    });

    test.each([
      ["equally sure: the first", 97, 99, "few-shot"],
      ["the first is less sure", 89, 99, "few-shot"],
      ["the last is less sure", 99, 89, "big"],
    ])(
      "so is another arm of the same side at each, and the least sure of them is told: %s",
      (_, cheap, once, arm) => {
        const others = [
          { ...few, outcomes: rightOf(cheap, 100) },
          armOf("big", "api", rightOf(once, 100), { once: 1000, thousand: 1 }),
        ];
        const hopeless = { ...tuned, outcomes: rightOf(5, 100) };
        const found = said([prompt, ...others, hopeless], target(0.8), { ...anyVolume, draws: 400 });
        expect(found.byVolume.map(({ says, arm: at }) => [says, at])).toEqual([
          ["do-not-tune", 1],
          ["do-not-tune", 2],
        ]);
        const chances = found.byVolume.map(({ chance }) => chance);
        expect(new Set(chances).size).toBe(cheap === 97 ? 1 : 2);
        expect(found).toMatchObject({ verdict: "do-not-tune", arm, chance: Math.min(...chances) });
      },
    );

    test("open at all of them is no question of volume", () => {
      const free = [prompt, few, tuned].map((one) => ({
        ...one,
        usdToGetThere: exactly(0),
        usdPerThousandAnswers: exactly(0),
      }));
      const close = free.map((one) => (one.kind === "tuned" ? { ...one, outcomes: rightOf(52, 100) } : one));
      const found = said(close, { kind: "value", usdPerCorrect: usd(1) }, anyVolume);
      expect(found.byVolume.map(({ says }) => says)).toEqual(["open"]);
      expect(found.why).toContain("Undecided: tuned wins in");
    });

    test("different ones are none", () => {
      const cheap = { ...few, outcomes: rightOf(90, 100) };
      const found = said([prompt, cheap, { ...tuned, usdToGetThere: exactly(1000) }], target(0.7), anyVolume);
      expect(found).toMatchObject({
        verdict: "undecided",
        why: "The answer depends on the volume, which is not known.",
      });
      expect(found.wouldDecide.at(-1)).toContain("answers a month: tune (tuned).");
    });
  });

  describe("what stands beside it", () => {
    const worse = armOf("tuned too", "tuned-rag", rightOf(60, 100), { once: 8, thousand: 0.5 });
    const against = (arms: DecisionArm[], quality: number) =>
      said(arms, target(quality)).comparisons.map((one) => [one.arm, one.against]);

    test("the best tuned arm is compared with each of the others but oracles; the chosen one where it is tuned", () => {
      expect(against([prompt, few, worse, oracle, tuned], 0.75)).toEqual([
        ["tuned", "prompt"],
        ["tuned", "few-shot"],
        ["tuned", "tuned too"],
      ]);
      const dear = { ...tuned, usdPerThousandAnswers: exactly(9) };
      const bad = { ...prompt, outcomes: rightOf(10, 100) };
      // all tuned arms reach 30 %, so the cheaper one is chosen although it is not the best
      expect(against([bad, few, dear, worse], 0.3)).toEqual([
        ["tuned too", "prompt"],
        ["tuned too", "few-shot"],
        ["tuned too", "tuned"],
      ]);
    });

    test("without a tuned arm the best of the others is", () => {
      expect(against([prompt, few, oracle], 0.9)).toEqual([["few-shot", "prompt"]]);
      expect(against([oracle], 0.9)).toEqual([]);
    });

    test("break-even of each tuned arm against each other arm", () => {
      const { breakEven } = said([prompt, few, worse, oracle, tuned], target(0.75));
      expect(breakEven.map((one) => [one.arm, one.against, one.expected])).toEqual([
        ...[
          ["tuned too", "prompt", 16_000],
          ["tuned too", "few-shot", 5334],
          ["tuned", "prompt", 16_000],
          ["tuned", "few-shot", 5334],
        ],
      ]);
    });

    test("what is only foreseen is weighed and not shown", () => {
      const shots = [
        { examples: 4, outcomes: rightOf(30, 100) },
        { examples: 8, outcomes: rightOf(60, 100) },
      ];
      const dear = { ...tuned, usdPerThousandAnswers: exactly(9) };
      const found = said([prompt, few, dear], target(0.75), { facts: { shots } });
      expect(found.verdict).toBe("undecided");
      expect(found.rules.map(({ rule }) => rule)).toEqual(["R5", "R6"]);
      expect(found.table.map(({ name }) => name)).toEqual(["prompt", "few-shot", "tuned"]);
    });

    test("every rule that has something to say, in one order", () => {
      const facts = {
        failedLeakChecks: ["same text"],
        factsChange: true,
        failing: ["form"] as const,
        cleanTrainingRows: 9,
        shots: [
          { examples: 4, outcomes: rightOf(30, 100) },
          { examples: 8, outcomes: rightOf(60, 100) },
        ],
      };
      const found = said([few, rag, oracle, { ...tuned, kind: "tuned-rag" }], target(0.9), { facts });
      expect(found.rules.map(({ rule }) => rule)).toEqual(["R8", "R1", "R2", "R3", "R4", "R5", "R6", "R7"]);
    });
  });

  test("groups are of rows", () => {
    const groups = rightOf(50, 100).map((_, row) => row % 20);
    expect(said([prompt, few, tuned], target(0.75), { groups }).table).toHaveLength(3);
  });

  test.each<[string, Partial<DecisionInput>]>([
    ["no arm", { arms: [] }],
    ["no row", { arms: [armOf("a", "prompt", [])] }],
    ["groups of fewer rows", { groups: [1, 2] }],
    [
      "a learning curve of other rows",
      { facts: { ...plainFacts, learningCurve: [{ rows: 1, outcomes: [1] }] } },
    ],
    ["examples of other rows", { facts: { ...plainFacts, shots: [{ examples: 1, outcomes: [1] }] } }],
  ])("a mistake of ours: %s", (_, odd) => {
    expect(() => decide({ ...inputFor([prompt, few, tuned]), ...odd })).toThrow(RangeError);
  });
});
