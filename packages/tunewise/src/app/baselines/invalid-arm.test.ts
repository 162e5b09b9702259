import type { Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { type Arm, armLines } from "../../baselines/index.ts";
import { noScoringData, type Score, scorePredictions } from "../../evaluate/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import type { ArmAnswer } from "./answer-log.ts";
import { answerRows } from "./answer-rows.ts";
import {
  armMetrics,
  failedRows,
  failedText,
  hasTooManyFailures,
  invalidReason,
  leftOutText,
  scoreArm,
  sharedRows,
  unsent,
} from "./invalid-arm.ts";

const answered = { failed: null };
const failed = { failed: "it gave no answer: status 503." };

/** An arm that answers all rows correctly except the lost ones. Rows of weight 0 cannot be judged. */
function scored(rows: number, lost: readonly number[], unjudged: readonly number[] = []) {
  const references = Array.from({ length: rows }, (_, row) =>
    unjudged.includes(row) ? "no JSON" : `{"a": ${row}}`,
  );
  const answers = references.map((_, row) => (lost.includes(row) ? failed : answered));
  const scores = scorePredictions(["json_match"], { answers: references, unanswered: lost }, references);
  return { answers, scores: scores as unknown as readonly [Score, ...Score[]] };
}

test.each([
  [20, 1, false],
  [19, 1, true],
  [20, 2, true],
  [100, 5, false],
  [100, 6, true],
])("of %i rows %i without an answer: void %s", (rows, count, isInvalid) => {
  expect(hasTooManyFailures(count, rows)).toBe(isInvalid);
  const lost = Array.from({ length: count }, (_, at) => at);
  const one = scored(rows, lost);
  expect(one.scores[0].isInvalid).toBe(isInvalid);
  const text = `failed ${count} of ${rows} rows (it gave no answer: status 503)`;
  expect([invalidReason(one), leftOutText(one)]).toEqual(isInvalid ? [text, ""] : [null, text]);
});

test("rows that fail and rows that cannot be judged count together, and both are said", () => {
  expect(invalidReason(scored(40, [0, 1], [5]))).toBe(
    "failed 2 of 40 rows (it gave no answer: status 503); 1 of 40 rows not scored by JSON fields, F1",
  );
  expect(leftOutText(scored(60, [0], [5, 6]))).toBe(
    "failed 1 of 60 rows (it gave no answer: status 503); 2 of 60 rows not scored",
  );
});

test("arms are compared on the rows that all of them answered; a invalid arm does not take rows away", () => {
  expect(sharedRows([scored(40, [0]), scored(40, [3]), scored(40, [7, 8, 9])])).toEqual(
    Array.from({ length: 40 }, (_, row) => row).filter((row) => row !== 0 && row !== 3),
  );
  expect(sharedRows([scored(4, [0, 1])])).toEqual([]);
});

test("a invalid arm is asked no further; the others go on, and what was not asked is not written down", async () => {
  const { arms } = { arms: armLinesOf(2) };
  const asked = new Map<string, number>();
  const logged: ArmAnswer[] = [];
  const rows = Array.from({ length: 40 }, () => ({}) as never);
  const nothing = { promptTokens: 0, answerTokens: 0, seconds: 0, microUsd: 0, paidMicroUsd: 0 };
  const answers = await answerRows({
    arms,
    set: "test",
    rows,
    batchSize: 16,
    signal: new AbortController().signal,
    onTurn: () => undefined,
    logOf: () =>
      ({ find: () => undefined, add: async (all: ArmAnswer[]) => void logged.push(...all) }) as never,
    ask: async (_, example, row) => ({
      row,
      example,
      messages: [],
      ids: new Int32Array(0),
      shown: { examples: [], passages: [] },
    }),
    respond: async (arm, questions) => {
      asked.set(arm.id, (asked.get(arm.id) ?? 0) + questions.length);
      const why = arm === arms[0] ? "status 500" : null;
      return questions.map(() => ({ answer: "", ...nothing, isKept: false, notes: [], failed: why }));
    },
  });
  expect([...asked.values()]).toEqual([16, 40]);
  const [dead] = arms;
  const own = answers.get(dead?.id ?? "") ?? [];
  expect(own).toHaveLength(40);
  expect(own.map(({ failed: why }) => why).slice(14, 18)).toEqual([
    "status 500",
    "status 500",
    unsent,
    unsent,
  ]);
  const failures = failedRows(own);
  expect(failures && failedText(failures)).toBe(
    "failed 16 of 16 rows, and was not asked the other 24 (status 500)",
  );
  expect(logged).toHaveLength(16 + 40);
});

function armLinesOf(count: number): Arm[] {
  const recipe = { comparison: Array.from({ length: count }, () => ({ ...plainArm })) } as never;
  return armLines(recipe).map(({ candidates: [first] }) => first);
}

const plainArm = {
  name: null,
  model: "base",
  run: null,
  file: null,
  endpoint: null,
  instructions: null,
  examples: 0,
  choose: "nearest",
  passages: 0,
  oracle: false,
};

function recipeOf(task: string) {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\ntask: ${task}`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  return recipe;
}

const rowOf = (question: string, answer: string): Example =>
  ({
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
  }) as unknown as Example;
const scorerOf = (task: string) => ({
  recipe: recipeOf(task),
  folder: ".",
  material: noScoringData,
  knownLabels: ["cat", "dog"],
  node: [],
});
const answerOf = (answer: string) => ({ answer, seconds: 0.2, microUsd: 5 });

test("metrics of losses are left out; with nothing else there is nothing to compare arms by", () => {
  expect(armMetrics(recipeOf("{ kind: text, metrics: [perplexity, rouge_l] }"))).toEqual(["rouge_l"]);
  const lossOnly = recipeOf("{ kind: text, metrics: [perplexity] }");
  expect(() => armMetrics(lossOnly)).toThrow(expect.objectContaining({ code: "ARMS_WITHOUT_METRIC" }));
});

test("labels are those of the recipe, else those of the training rows", async () => {
  const rows = [rowOf("meow", "cat"), rowOf("woof", "dog")];
  const [score] = await scoreArm(
    scorerOf("{ kind: classify }"),
    ["accuracy"],
    [answerOf("cat"), answerOf("dog")],
    rows,
  );
  expect(score).toMatchObject({ metric: "accuracy", value: 1, rows: 2 });
});

test("assertions see what was asked, what an answer cost and how long it took", async () => {
  const limit = (type: "cost" | "latency", threshold: number) =>
    ({ type, isNegated: false, value: null, threshold, weight: 1, metric: null }) as const;
  const defaultTest = {
    vars: {},
    assertions: [limit("cost", 0.00001), limit("latency", 100)],
    threshold: null,
  };
  const material = { ...noScoringData, defaultTest };
  const rows = [rowOf("meow", "cat")];
  const scorer = { ...scorerOf("{ kind: classify }"), material };
  const [slow] = await scoreArm(scorer, ["assertions"], [answerOf("cat")], rows);
  const [quick] = await scoreArm(scorer, ["assertions"], [{ ...answerOf("cat"), seconds: 0.05 }], rows);
  expect([slow?.value, quick?.value]).toEqual([0, 1]);
});
