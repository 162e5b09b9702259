import { range, seconds, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, plainFacts, rightOf } from "../../../../../test/support/decision-arms.ts";
import type { ArmKind, DecisionFacts, Objective } from "./input.ts";
import {
  eligibleArms,
  extrapolateShots,
  leaks,
  mustRetrieve,
  needsForm,
  percent,
  points,
  retrievalFails,
  stillImproves,
  tooFewRows,
  unmeasured,
} from "./rules.ts";
import { qualityInterval } from "./table.ts";

const of = (kind: ArmKind, right = 50, name: string = kind) => armOf(name, kind, rightOf(right, 100));
const target = (quality: number): { objective: Objective } => ({ objective: { kind: "target", quality } });

test("R8 names every leak check that failed", () => {
  expect(leaks(plainFacts)).toBeNull();
  const says =
    "Test rows may have been seen in training (same text, same source): the scores say nothing, so the comparison is invalid.";
  expect(leaks({ ...plainFacts, failedLeakChecks: ["same text", "same source"] })).toEqual({
    rule: "R8",
    says,
  });
});

test.each<[ArmKind[], string | null]>([
  [["prompt", "few-shot"], null],
  [["prompt", "rag-few-shot"], null],
  [["prompt", "tuned"], "a prompt with examples"],
  [["few-shot", "tuned"], "a prompt"],
  [["tuned", "rag"], "a prompt and a prompt with examples"],
])("R1: of %j what is not measured is %s", (kinds, missing) => {
  const says = `Not measured on these rows: ${missing}. Cheaper ways come first.`;
  expect(unmeasured(inputFor(kinds.map((kind) => of(kind))))).toEqual(missing && { rule: "R1", says });
});

describe("R2: retrieval is what fails", () => {
  const fails = (
    oracle: number | null,
    rags: [ArmKind, number][],
    objective: { objective: Objective } = target(0.9),
  ) =>
    retrievalFails(
      inputFor(
        [...(oracle === null ? [] : [of("oracle", oracle)]), ...rags.map(([kind, right]) => of(kind, right))],
        objective,
      ),
    );

  test("the right passages reach the target, the best retriever does not: said with its name and both shares", () => {
    const says =
      "With the right passages 95.0 % are solved, with retrieved ones 80.0 % (rag): the retriever is what fails, not the weights.";
    expect(
      fails(95, [
        ["rag-few-shot", 70],
        ["rag", 80],
      ]),
    ).toEqual({ rule: "R2", says });
    expect(
      fails(95, [
        ["rag", 80],
        ["rag-few-shot", 70],
      ]),
    ).toEqual({ rule: "R2", says });
  });

  test.each<[string, () => ReturnType<typeof fails>]>([
    ["the right passages were not tried", () => fails(null, [["rag", 50]])],
    ["nothing retrieves", () => fails(95, [["prompt", 50]])],
    ["only a tuned model retrieves", () => fails(95, [["tuned-rag", 50]])],
    ["the right passages are not enough either", () => fails(89, [["rag", 50]])],
    [
      "the best retriever is enough",
      () =>
        fails(99, [
          ["rag", 50],
          ["rag-few-shot", 90],
        ]),
    ],
    ["the difference may be chance", () => fails(91, [["rag", 89]])],
    [
      "without a target nine in ten are asked for",
      () => fails(89, [["rag", 50]], { objective: { kind: "margin", margin: 0 } }),
    ],
  ])("not where %s", (_, find) => {
    expect(find()).toBeNull();
  });

  test("wherever the right passages stand among the arms", () => {
    const input = inputFor([of("prompt", 10), of("rag", 50), of("oracle", 95)], target(0.9));
    expect(retrievalFails(input)?.says).toContain("With the right passages 95.0 %");
    expect(retrievalFails({ ...input, groups: rightOf(50, 100) })).toBeNull(); // two groups are too few
  });

  test("exactly what is asked for is enough", () => {
    expect(fails(90, [["rag", 50]])?.rule).toBe("R2");
    expect(fails(90, [["rag", 50]], { objective: { kind: "margin", margin: 0 } })?.rule).toBe("R2");
    expect(fails(60, [["rag", 30]], target(0.6))?.rule).toBe("R2");
  });
});

test.each<[boolean, boolean, string | null]>([
  [false, false, null],
  [true, false, "facts change"],
  [false, true, "answers must be cited"],
  [true, true, "facts change and answers must be cited"],
])("R3: facts change %s, citations %s", (factsChange, needsCitations, why) => {
  const says = `Because ${why}, only arms that look things up can be chosen.`;
  expect(mustRetrieve({ ...plainFacts, factsChange, needsCitations })).toEqual(why && { rule: "R3", says });
});

describe("R4: form is what training mends", () => {
  const arms = [of("prompt", 90), of("few-shot", 50), of("rag-few-shot", 40)];
  const form = (
    failing: DecisionFacts["failing"],
    objective: { objective: Objective } = target(0.7),
    among = arms,
  ) => needsForm(inputFor(among, { ...objective, facts: { failing } }));

  test("said with what fails and the high end of what examples reach", () => {
    // Wilson's interval of 50 of 100: 0.4038 to 0.5962
    const says =
      "What fails is form, tone, and examples in the prompt reach at most 59.6 % of the 70.0 % asked for: that is what training mends.";
    expect(form(["form", "facts", "tone"])).toEqual({ rule: "R4", says });
    expect(form(["form", "tone"], target(0.7), arms.toReversed())).toEqual({ rule: "R4", says });
  });

  test.each<[string, () => ReturnType<typeof form>]>([
    ["nothing fails", () => form([])],
    ["facts fail, which weights do not mend", () => form(["facts"])],
    ["no target is named", () => form(["form"], { objective: { kind: "margin", margin: 0.1 } })],
    ["examples may reach it", () => form(["form"], target(0.59))],
    ["no examples were tried", () => form(["form"], target(0.7), [of("prompt", 50)])],
  ])("not where %s", (_, find) => {
    expect(find()).toBeNull();
  });

  test("a target at the very end of what examples may reach is not beyond it", () => {
    const high = qualityInterval(rightOf(50, 100), { groups: null, seed: 1 })?.high ?? 0;
    expect(form(["form"], target(high))).toBeNull();
    expect(form(["form"], target(high + 1e-9))?.rule).toBe("R4");
  });

  test("each kind of prompt with examples counts", () => {
    for (const kind of ["few-shot", "rag-few-shot"] as const)
      expect(form(["labels"], target(0.7), [of(kind)])?.rule).toBe("R4");
  });

  test("an interval that cannot be told reaches everything", () => {
    const outcomes = [0, 0, 0];
    const input = inputFor([armOf("few", "few-shot", outcomes)], {
      ...target(0.9),
      facts: { failing: ["form"] },
    });
    expect(needsForm({ ...input, groups: ["a", "a", "a"] })).toBeNull();
  });
});

describe("R5: scores climb with the examples", () => {
  const few = {
    ...of("few-shot", 60, "few"),
    usdPerThousandAnswers: range(usd(1), usd(2), usd(3)),
  };
  const shotsOf = (...right: number[]) =>
    inputFor([of("prompt", 10), few], {
      facts: { shots: right.map((one, at) => ({ examples: 2 ** at, outcomes: rightOf(one, 100) })) },
    });

  test("the last step is what is looked at, and said with its gain", () => {
    const says = "From 2 to 4 examples the score still rose by 10.0 points: prompting is not exhausted.";
    expect(stillImproves(shotsOf(90, 50, 60))).toEqual({ rule: "R5", says });
    expect(stillImproves(shotsOf(50, 60))?.says).toContain("From 1 to 2 examples");
  });

  test.each<[string, ReturnType<typeof shotsOf>]>([
    ["fewer than two numbers of examples were tried", shotsOf(50)],
    ["none were", shotsOf()],
    ["the score fell", shotsOf(50, 60, 50)],
    ["it stayed", shotsOf(50, 50)],
    ["four rows of four may be chance: p = 1 / 8", shotsOf(50, 54)],
  ])("not where %s", (_, input) => {
    expect(stillImproves(input)).toBeNull();
    expect(extrapolateShots(input)).toBeNull();
  });

  test("five rows of five are enough, one-sided at 5 %: p = 1 / 16", () => {
    expect(stillImproves(shotsOf(50, 55))?.rule).toBe("R5");
  });

  test("twice the examples are foreseen to gain as much again, and to cost up to twice as much", () => {
    const extrapolated = extrapolateShots(shotsOf(50, 60));
    expect(extrapolated).toMatchObject({ name: "4 examples, as foreseen", kind: "few-shot" });
    expect(extrapolated?.outcomes).toEqual(
      rightOf(60, 100).map((one, row) => (row >= 50 && row < 60 ? 2 : one)),
    );
    expect(extrapolated?.usdPerThousandAnswers).toEqual({ low: usd(1), expected: usd(3), high: usd(6) });
    expect(extrapolated?.usdPerMonth).toEqual(few.usdPerMonth);
    expect(extrapolateShots(shotsOf(20, 50, 60))).toEqual({
      ...extrapolated,
      name: "8 examples, as foreseen",
    });
  });

  test("without a prompt with examples nothing is foreseen", () => {
    expect(extrapolateShots({ ...shotsOf(50, 60), arms: [of("prompt")] })).toBeNull();
  });
});

test("R7: a hundred clean rows are enough, one less is not", () => {
  expect(tooFewRows({ ...plainFacts, cleanTrainingRows: 100 })).toBeNull();
  const says = "99 clean training rows are fewer than the 100 that a recommendation to train asks for.";
  expect(tooFewRows({ ...plainFacts, cleanTrainingRows: 99 })).toEqual({ rule: "R7", says });
});

describe("arms that may be chosen", () => {
  const kinds: ArmKind[] = [
    "prompt",
    "tuned",
    "oracle",
    "rag",
    "tuned-rag",
    "api",
    "rag-few-shot",
    "neighbours",
  ];
  const arms = kinds.map((kind) => of(kind));

  test("tuned ones and others, and never an oracle", () => {
    expect(eligibleArms(inputFor(arms))).toEqual({
      tuned: [1, 4],
      others: [0, 3, 5, 6, 7],
      extrapolated: [],
    });
  });

  test.each(["factsChange", "needsCitations"] as const)("%s: only what looks things up", (fact) => {
    expect(eligibleArms(inputFor(arms, { facts: { [fact]: true } }))).toMatchObject({
      tuned: [4],
      others: [3, 6],
    });
  });

  test("the slowest answer of twenty must come within the limit; what was not timed is not too slow", () => {
    const timed = [1, 2, 3].map((p95) => ({
      ...of("prompt"),
      latency: { p50: seconds(0.5), p95: seconds(p95) },
    }));
    const others = (latencyLimit: DecisionFacts["latencyLimit"]) =>
      eligibleArms(inputFor([...timed, of("api")], { facts: { latencyLimit } })).others;
    expect(others(seconds(2))).toEqual([0, 1, 3]);
    expect(others(null)).toEqual([0, 1, 2, 3]);
  });
});

test("shares in words", () => {
  expect([percent(0.8149), points(0.0325), percent(-0.01), points(1)]).toEqual([
    "81.5 %",
    "3.3 points",
    "-1.0 %",
    "100.0 points",
  ]);
});
