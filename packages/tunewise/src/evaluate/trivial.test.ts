import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { compareScores } from "./compare.ts";
import type { Interval, Score } from "./score.ts";
import { scorePredictions } from "./score-predictions.ts";
import {
  bestTrivial,
  compareWithChance,
  compareWithTrivial,
  hasTrivialAnswers,
  type TrivialKind,
  type TrivialScore,
  trivialAnswers,
} from "./trivial.ts";

const material = {
  trainAnswers: ["billing", "billing ", "other", "delivery", "billing"],
  prompts: ["p1", "p2"],
  neighbours: ["other", "billing"],
  areLabels: true,
};

test("the commonest training answer, the nearest row's; a copy of the prompt where answers are no labels", () => {
  expect(trivialAnswers(material)).toEqual([
    { kind: "majority", answer: "billing", answers: ["billing", "billing"] },
    { kind: "neighbour", answer: null, answers: ["other", "billing"] },
  ]);
  expect(trivialAnswers({ ...material, areLabels: false }).at(-1)).toEqual({
    kind: "prompt",
    answer: null,
    answers: ["p1", "p2"],
  });
});

test("no majority among answers that all differ, no neighbours where nobody looked", () => {
  expect(trivialAnswers({ ...material, trainAnswers: ["a", "b", ""], neighbours: [] })).toEqual([]);
});

const references = [...new Array<string>(15).fill("billing"), ...new Array<string>(25).fill("other")];
const labels = ["billing", "other", "delivery", "account"];
const scoreOf = (answers: readonly string[]) => {
  const [score] = scorePredictions(["accuracy"], { answers }, references, { labels });
  if (!score) throw new Error("no score");
  return score;
};

test("a model that answers mostly nothing is below always answering the commonest label, and below a guess", () => {
  const tuned = scoreOf(references.map((label, row) => (row < 9 ? label : "?")));
  const majority = scoreOf(references.map(() => "billing"));
  const against = compareWithTrivial({ kind: "majority", answer: "billing" }, majority, tuned);
  expect(against).toMatchObject({ value: 0.375, rows: 40, verdict: "worse" });
  expect(against.difference).toBeCloseTo(-0.15, 10);
  const chance = compareWithChance(tuned, labels.length) as TrivialScore;
  expect(chance).toMatchObject({ kind: "chance", value: 0.25, verdict: "unclear" });
  expect(bestTrivial("accuracy", [chance, against])).toBe(against);
});

test("a perfect model is better than either", () => {
  const tuned = scoreOf(references);
  expect(compareWithChance(tuned, 4)).toMatchObject({ verdict: "better", difference: 0.75 });
  const majority = scoreOf(references.map(() => "billing"));
  expect(compareWithTrivial({ kind: "majority", answer: "billing" }, majority, tuned).verdict).toBe("better");
});

test("of one label, and of losses, a guess says nothing; forms that any text passes are no bar", () => {
  expect(compareWithChance(scoreOf(references), 1)).toBeNull();
  expect(
    ["accuracy", "json_match", "rouge_l", "exact_match"].every((metric) =>
      hasTrivialAnswers(metric as "accuracy"),
    ),
  ).toBe(true);
  expect(
    (["perplexity", "json_valid", "regex", "json_schema", "assertions"] as const).some(hasTrivialAnswers),
  ).toBe(false);
  expect(bestTrivial("accuracy", [])).toBeNull();
});

describe("the commonest answer", () => {
  const commonest = (...trainAnswers: string[]) =>
    trivialAnswers({ ...material, trainAnswers, neighbours: [] })[0]?.answer;
  test.each([
    { answers: ["a", "b", "b", "a"], answer: "a" }, // ties go to the answer that came first
    { answers: ["a", "b", "a", "b", "b"], answer: "b" },
    { answers: ["x", " x\n"], answer: "x" },
    { answers: ["", "", "", "a", "a"], answer: "a" }, // an empty answer does not count
    { answers: ["", "", "a"], answer: undefined },
    { answers: [], answer: undefined },
  ])("of $answers is $answer", ({ answers, answer }) => {
    expect(commonest(...answers)).toBe(answer);
  });
});

test("nearest rows count only where there is one for every test row", () => {
  expect(trivialAnswers({ ...material, trainAnswers: [], neighbours: ["other"] })).toEqual([]);
});

describe("a guess among the labels", () => {
  const tuned = (metric: MetricName, value: number, interval: Interval | null, isInvalid = false): Score => ({
    metric,
    value,
    interval,
    isInvalid,
    rows: 40,
    unjudged: 0,
    outcomes: [],
    facts: {},
    labels: null,
  });
  test.each([
    { low: 0.3, high: 0.6, verdict: "better" },
    { low: 0.25, high: 0.6, verdict: "unclear" },
    { low: 0.1, high: 0.25, verdict: "unclear" },
    { low: 0.1, high: 0.2, verdict: "worse" },
  ])("is right by 1 in 4: $low to $high is $verdict", ({ low, high, verdict }) => {
    expect(compareWithChance(tuned("exact_match", 0.5, { low, high }), 4)).toEqual({
      kind: "chance",
      answer: null,
      value: 0.25,
      rows: 40,
      difference: 0.25,
      interval: { low: expect.closeTo(low - 0.25, 12), high: expect.closeTo(high - 0.25, 12) },
      pValue: null,
      verdict,
    });
  });

  test("says nothing of what is not known, and of metrics that are no accuracy", () => {
    expect(compareWithChance(tuned("accuracy", 1, null), 2)).toMatchObject({
      value: 0.5,
      difference: 0.5,
      interval: null,
      verdict: "unclear",
    });
    expect(compareWithChance(tuned("accuracy", Number.NaN, null, true), 2)).toBeNull();
    for (const metric of ["macro_f1", "rouge_l", "perplexity"] as const)
      expect(compareWithChance(tuned(metric, 0.5, { low: 0.4, high: 0.6 }), 2)).toBeNull();
  });
});

test("the hardest to beat is the highest, or the lowest where less is better; of equals the first", () => {
  const at = (value: number, kind: TrivialKind): TrivialScore => ({
    kind,
    answer: null,
    value,
    rows: 4,
    difference: 0,
    interval: null,
    pValue: null,
    verdict: "unclear",
  });
  const scores = [at(0.2, "majority"), at(0.5, "chance"), at(Number.NaN, "prompt"), at(0.5, "neighbour")];
  expect(bestTrivial("accuracy", scores)?.kind).toBe("chance");
  expect(bestTrivial("perplexity", scores)?.kind).toBe("majority");
  expect(bestTrivial("accuracy", [at(Number.NaN, "prompt")])).toBeNull();
});

test("a comparison with a trivial answer carries all that is known of it", () => {
  const tuned = scoreOf(references);
  const majority = scoreOf(references.map(() => "billing"));
  const { difference, interval, pValue, verdict, rows } = compareScores(majority, tuned, { draws: 10 });
  expect(compareWithTrivial({ kind: "majority", answer: "billing" }, majority, tuned, { draws: 10 })).toEqual(
    {
      kind: "majority",
      answer: "billing",
      value: 0.375,
      rows,
      difference,
      interval,
      pValue,
      verdict,
    },
  );
});
