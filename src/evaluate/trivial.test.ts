import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import {
  bestTrivial,
  compareWithChance,
  compareWithTrivial,
  hasTrivialAnswers,
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
  const [score] = judge(["accuracy"], { answers }, references, { labels });
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
