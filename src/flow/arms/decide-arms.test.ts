import { expect, test } from "vitest";
import { judge } from "../../evaluate/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import { usd } from "../../quantity/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { armLines } from "./arm.ts";
import { decideArms } from "./decide-arms.ts";
import type { TriedArms } from "./try-arms.ts";

const { recipe } = readRecipe(
  `model: a/b
data: { train: a.jsonl }
task: { kind: classify, labels: [yes, no] }
decision: { answers_per_month: 20000 }
arms: [{ who: base }, { examples: 4 }, { examples: 8 }, { who: neighbours }]`,
  "r.yaml",
);
if (!recipe) throw new Error("the recipe does not read");
const references = Array.from({ length: 200 }, () => "yes");

type Answer = TriedArms["arms"][number]["answers"][number];

const aloneOf = (answer: Answer | undefined): Answer[] =>
  [0.4, 0.5, 2.5].map((seconds, row) => ({ ...(answer as Answer), set: "alone", row, seconds }));

/** Arms in the recipe's order, each right in so many of 200 rows. */
function tried(...right: readonly number[]): TriedArms {
  const arms = armLines(recipe as NonNullable<typeof recipe>).map(({ name, candidates: [arm] }, at) => {
    const texts = references.map((_, row) => (row < (right[at] ?? 0) ? "yes" : "no"));
    const scores = judge(["accuracy"], { answers: texts }, references, { labels: ["yes", "no"], seed: 17 });
    const answers = texts.map((answer, row) => ({
      ...{ set: "test" as const, row, asked: "k", answer, promptTokens: 1, answerTokens: 1, seconds: 0.1 },
      ...{ microUsd: 10, paidMicroUsd: 0, isKept: false, passages: [], remarks: [], failed: null },
    }));
    const isLocal = arm.who === "base";
    return {
      arm,
      line: name,
      answers,
      alone: isLocal ? aloneOf(answers[0]) : [],
      scores: scores as unknown as TriedArms["arms"][number]["scores"],
      judged: null,
    };
  });
  return { choices: [], arms, references, questions: [], looksBefore: [] };
}

const decideWith = (arms: TriedArms, findings: readonly Finding[] = [], usdPerVector = 0) =>
  decideArms(arms, {
    ...{
      recipe: recipe as NonNullable<typeof recipe>,
      runs: new Map(),
      trainingRows: 900,
      documents: 0,
      usdPerVector,
    },
    ...{ findings, groups: null },
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
  ["DATA_LEAK", "error", false], // those rows were left out
] as const)("%s as %s: void is %s", (code, severity, isVoid) => {
  const finding = findingOf(code, severity, { count: 1 }, [], 1);
  expect(decideWith(tried(20, 120, 120, 100), [finding]).isVoid).toBe(isVoid);
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
