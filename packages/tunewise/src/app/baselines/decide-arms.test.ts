import { usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { armLines } from "../../baselines/index.ts";
import { scorePredictions } from "../../evaluate/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { decideArms } from "./decide-arms.ts";
import type { TriedArms } from "./try-arms.ts";

const { recipe } = readRecipe(
  `model: a/b
data: { train: a.jsonl }
task: { kind: classify, labels: [yes, no] }
decision: { answers_per_month: 20000 }
comparison: [{ model: base }, { examples: 4 }, { examples: 8 }, { model: neighbours }]`,
  "r.yaml",
);
if (!recipe) throw new Error("the recipe does not read");
const references = Array.from({ length: 200 }, () => "yes");

type Answer = TriedArms["arms"][number]["answers"][number];

const aloneOf = (answer: Answer | undefined): Answer[] =>
  [0.4, 0.5, 2.5].map((seconds, row) => ({ ...(answer as Answer), set: "alone", row, seconds }));

/** Arms in the recipe's order. Each answers the given number of 200 rows correctly. */
function tried(...right: readonly number[]): TriedArms {
  const arms = armLines(recipe as NonNullable<typeof recipe>).map(({ name, candidates: [arm] }, at) => {
    const texts = references.map((_, row) => (row < (right[at] ?? 0) ? "yes" : "no"));
    const scores = scorePredictions(["accuracy"], { answers: texts }, references, {
      labels: ["yes", "no"],
      seed: 17,
    });
    const answers = texts.map((answer, row) => ({
      set: "test" as const,
      row,
      asked: "k",
      answer,
      promptTokens: 1,
      answerTokens: 1,
      seconds: 0.1,
      microUsd: 10,
      paidMicroUsd: 0,
      isKept: false,
      passages: [],
      notes: [],
      failed: null,
    }));
    const isLocal = arm.model === "base";
    return {
      arm,
      line: name,
      answers,
      alone: isLocal ? aloneOf(answers[0]) : [],
      scores: scores as unknown as TriedArms["arms"][number]["scores"],
      judged: null,
    };
  });
  return { choices: [], arms, references, questions: [], earlierAccesses: [] };
}

const decideWith = (arms: TriedArms, findings: readonly Finding[] = [], usdPerVector = 0) =>
  decideArms(arms, {
    recipe: recipe as NonNullable<typeof recipe>,
    runs: new Map(),
    trainingRows: 900,
    documents: 0,
    usdPerVector,
    findings,
    groups: null,
  });

const rulesOf = (arms: TriedArms) => decideWith(arms).rules.map(({ rule }) => rule);

test("that the first examples help does not say that prompting is not exhausted; that more of them do, does", () => {
  expect(rulesOf(tried(20, 150, 150, 100))).not.toContain("R5");
  expect(rulesOf(tried(20, 120, 160, 100))).toContain("R5");
});

test.each([
  ["ARM_CORPUS_LEAK", "error", true],
  ["DATA_LEAK_GROUP", "error", true],
  ["DATA_LEAK_GROUP", "warning", false],
  ["DATA_LEAK", "error", false], // those rows were excluded
] as const)("%s as %s: void is %s", (code, severity, isInvalid) => {
  const finding = findingOf(code, severity, { count: 1 }, [], 1);
  expect(decideWith(tried(20, 120, 120, 100), [finding]).isInvalid).toBe(isInvalid);
});

/** Decides with facts that `decideWith` does not set. */
const decideKnowing = (arms: TriedArms, more: Partial<Parameters<typeof decideArms>[1]>) =>
  decideArms(arms, {
    recipe: recipe as NonNullable<typeof recipe>,
    runs: new Map(),
    trainingRows: 900,
    documents: 0,
    usdPerVector: 0,
    findings: [],
    groups: null,
    ...more,
  });

test("an answer that needs no model is an arm that costs nothing", () => {
  const answers = references.map(() => "yes");
  const [score] = scorePredictions(["accuracy"], { answers }, references, {
    labels: ["yes", "no"],
    seed: 17,
  });
  if (!score) throw new Error("no score");
  const { table } = decideKnowing(tried(20, 120, 120, 100), { trivial: [{ name: "always yes", score }] });
  expect(table.at(-1)).toMatchObject({ name: "always yes", kind: "trivial", quality: 1, isOnFrontier: true });
  expect(table.at(-1)?.usdPerThousandAnswers.expected).toBe(0);
});

/** Turns the nearest-neighbor arm into a tuned one, so that there is something to decide. */
function withTuned(...right: readonly number[]): TriedArms {
  const all = tried(...right);
  const arms = all.arms.map((one, at) =>
    at === 3 ? { ...one, arm: { ...one.arm, model: "tuned" as const } } : one,
  );
  return { ...all, arms };
}

const places = (from: number, to: number): ReadonlySet<number> =>
  new Set(Array.from({ length: to - from }, (_, at) => from + at));

test("a preference that only rows show which training has seen is invalid", () => {
  // the tuned model is right only in the first 190 rows, which also appear in training
  const arms = withTuned(20, 20, 20, 190);
  expect(decideKnowing(arms, {})).toMatchObject({ verdict: "tune", isInvalid: false });
  const decision = decideKnowing(arms, { seen: places(0, 190) });
  expect(decision).toMatchObject({ isInvalid: true, arm: null });
  expect(JSON.stringify(decision)).toContain("190 of the 200 compared rows also appear in training");
});

test("a preference that the other rows share stands, and says how many were seen; a few are not spoken of", () => {
  const arms = withTuned(20, 20, 20, 190);
  const some = decideKnowing(arms, { seen: places(0, 60) });
  expect(some).toMatchObject({ verdict: "tune", isInvalid: false });
  expect(some.why).toContain("60 of the 200 compared rows also appear in training");
  expect(decideKnowing(arms, { seen: places(0, 9) }).why).not.toContain("in training");
});

test("a question's vector is part of an answer's price where passages are shown, and only there", () => {
  const all = tried(20, 120, 120, 100);
  const looking = all.arms.map((one, at) => (at === 1 ? { ...one, arm: { ...one.arm, passages: 2 } } : one));
  const prices = (usdPerVector: number): number[] =>
    decideWith({ ...all, arms: looking }, [], usdPerVector).table.map(
      ({ usdPerThousandAnswers }) => usdPerThousandAnswers.expected,
    );
  const [without, withVectors] = [prices(0), prices(0.002)];
  expect(withVectors.map((price, at) => price - (without[at] ?? 0))).toEqual([0, usd(2), 0, 0]);
});

test("who waits for one answer is told by answers made alone; batches are what arms without them have", () => {
  const { table } = decideWith(tried(20, 120, 120, 100));
  expect(table.map(({ latency }) => [latency?.p50, latency?.p95])).toEqual([
    [0.5, 2.5],
    [0.5, 2.5],
    [0.5, 2.5],
    [0.1, 0.1],
  ]);
});

test("arms are what they do: neighbours are no prompt, and a table has them all", () => {
  expect(decideWith(tried(20, 120, 120, 100)).table.map(({ kind }) => kind)).toEqual([
    "prompt",
    "few-shot",
    "few-shot",
    "neighbours",
  ]);
});

test("rows that cannot be judged are left out for all arms, and an arm with too many takes no part", () => {
  const all = tried(20, 120, 120, 180);
  const without = (rows: readonly number[], at: number): TriedArms => ({
    ...all,
    arms: all.arms.map((one, place) => {
      if (place !== at) return one;
      const texts = one.answers.map(({ answer }) => answer);
      const scores = scorePredictions(["accuracy"], { answers: texts, unanswered: rows }, references, {
        labels: ["yes", "no"],
      });
      const answers = one.answers.map((answer, row) =>
        rows.includes(row) ? { ...answer, failed: "503" } : answer,
      );
      return { ...one, answers, scores: scores as unknown as typeof one.scores };
    }),
  });
  // All arms answer the first ten rows correctly. Counting them as wrong would cost the arm five points.
  const few = decideWith(
    without(
      Array.from({ length: 10 }, (_, row) => row),
      3,
    ),
  );
  expect(few.table.map(({ quality }) => quality)).toEqual([10, 110, 110, 170].map((right) => right / 190));
  const names = decideWith(all).table.map(({ name }) => name);
  const many = decideWith(
    without(
      Array.from({ length: 11 }, (_, row) => row),
      3,
    ),
  );
  expect(many.table.map(({ name }) => name)).toEqual(names.slice(0, 3));
  expect(many.table.map(({ quality }) => quality)).toEqual([20, 120, 120].map((right) => right / 200));
});

test("where every arm is invalid nothing is concluded, and why is said once", () => {
  const all = tried(20, 120, 120, 180);
  const broken = all.arms.map((one) => {
    const outcomes = references.map((_, row) => ({ value: 1, weight: row < 72 ? 0 : 1 }));
    const about = { answers: references, established: { sql_execution: outcomes } };
    return {
      ...one,
      scores: scorePredictions(["sql_execution"], about, references) as unknown as typeof one.scores,
    };
  });
  const decision = decideWith({ ...all, arms: broken });
  expect(decision).toMatchObject({ isInvalid: true, verdict: "undecided", arm: null, table: [] });
  expect(decision.why).toBe("No arm has a score: all arms 72 of 200 rows not scored by same result of SQL.");
});
