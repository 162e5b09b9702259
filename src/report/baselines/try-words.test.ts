import { expect, test } from "vitest";
import { decide } from "../../evaluate/index.ts";
import { type Range, seconds, type Usd, usd } from "../../quantity/index.ts";
import type { TryDocument } from "./try-document.ts";
import { tryHtml } from "./try-html.ts";
import { tryMarkdown } from "./try-markdown.ts";
import {
  armTable,
  curveSentence,
  flipSentences,
  judgeSentences,
  judgeTable,
  sealSentence,
  verdictTitle,
} from "./try-words.ts";

const price = (dollars: number): Range<Usd> => ({
  low: usd(0.8 * dollars),
  expected: usd(dollars),
  high: usd(1.2 * dollars),
});

const arm = (
  name: string,
  kind: "prompt" | "few-shot" | "tuned",
  right: number,
  thousand: number,
  there = 0,
) => ({
  ...{ name, kind, outcomes: Array.from({ length: 200 }, (_, row) => (row < right ? 1 : 0)) },
  ...{ usdToGetThere: price(there), usdPerThousandAnswers: price(thousand), usdPerMonth: price(0) },
  ...{ latency: { p50: seconds(0.1), p95: seconds(0.2) }, upkeep: [] },
});

const decision = decide({
  arms: [
    arm("<b>prompt</b>", "prompt", 0, 0.01),
    arm("few", "few-shot", 80, 0.5),
    arm("tuned", "tuned", 180, 0.02, 3),
  ],
  ...{ groups: null, months: 12, seed: 1, objective: { kind: "value", usdPerCorrect: usd(0.01) } as const },
  answersPerMonth: { low: 1000, expected: 5000, high: 20_000 },
  facts: {
    ...{
      cleanTrainingRows: 900,
      failedLeakChecks: [],
      needsCitations: false,
      factsChange: false,
      failing: [],
    },
    ...{ latencyLimit: null, learningCurve: [], shots: [] },
  },
});

const curve = [
  [100, 0.5],
  [300, 0.7],
  [900, 0.85],
] as const;

const document: TryDocument = {
  apis: { expected: 20_000, most: 50_000, paid: 10_000 },
  judge: {
    ...{ model: "judge-1", criteria: "right and short", decides: true },
    arms: [
      { line: "few", better: 1, same: 2, worse: 3, open: 4, kappa: 0.1, warnings: ["The judge leans."] },
    ],
  },
  learning_curve: curve.map(([rows, value]) => ({
    ...{ rows, metric: "accuracy", value, run: `run-${rows}` },
    interval: { low: value - 0.05, high: value + 0.05 },
  })),
  claims: [
    {
      ...{ claim: "small-tuned-beats-big", verdict: "supported", found: 0.1, interval: null },
      says: "It <beats> it.",
    },
  ],
  ...{ format_version: 1, run: "r-arms-1", name: "t", created: "2026-01-01T00:00:00.000Z", model: "m" },
  ...{
    metric: "accuracy",
    ...{ test_rows: 200, compared_rows: 200, void: [] },
    choosing_rows: 20,
    training_rows: 900,
    leaked_rows: 3,
    documents: null,
  },
  arms: decision.table.map(({ name }) => ({
    ...{
      id: name,
      name,
      line: name,
      who: "base",
      examples: 0,
      passages: 0,
      run: name === "tuned" ? "r-1" : null,
    },
    ...{
      scores: [],
      failed: 0,
      ...{ void: null, leftOut: "", answered: 200, secondsUpFront: name === "tuned" ? 60 : 0 },
      cited: null,
      remarks: [{ says: "cut off at the longest answer", count: 3 }],
      promptTokens: 1,
      answerTokens: 1,
      seconds: 1,
      microUsd: 1,
      answers: "arms/a.jsonl",
    },
  })),
  ...{ choices: [], looks_before: [], decision, wish: "Assumed.", findings: [] },
  split: [{ question: "Where? <script>alert(1)</script>", reference: "here", answers: { tuned: "here" } }],
  ...{ machine: { usd_per_hour: 1, source: "" }, took: { seconds: 3, micro_usd: 5 } },
};

test("the table leads every arm to its run or its answers, and prices no right answer where none is", () => {
  expect(
    armTable(document).rows.map(([name, quality, , , , each, from]) => [name, quality, each, from]),
  ).toEqual([
    ["<b>prompt</b> *", "0.0 %", "-", "arms/a.jsonl"],
    ["few", "40.0 %", expect.stringMatching(/^\$0\.001/), "arms/a.jsonl"],
    ["tuned *", "90.0 %", expect.stringMatching(/^\$0\.000/), "r-1"],
  ]);
});

test("the verdict, what would turn it, and how often the rows were seen are said", () => {
  expect(verdictTitle(decision)).toEqual({ title: "Fine-tune", tone: "good" });
  expect(flipSentences(document)).toContain("From not tuning to tuning at 46 answers a month.");
  expect(sealSentence(document)).toBe(
    "The 200 test rows were not accessed before this comparison. 3 test rows stand in the training rows and were left out.",
  );
  const look = { time: "2026-01-01T00:00:00.000Z", run: "r-0", rows: "x", count: 200 };
  expect(sealSentence({ ...document, looks_before: [look] })).toContain("accessed once before, last for r-0");
});

test("texts of rows and arms never become markup", () => {
  const [page, text] = [tryHtml(document), tryMarkdown(document)];
  expect(page).not.toMatch(/<script|<b>prompt/);
  expect(page).toContain("&lt;script&gt;");
  expect(text).not.toContain("<script");
});

test.each([
  ["do-not-tune", "Do not fine-tune: tuned is enough"],
  ["fix-retrieval-first", "Fix retrieval first"],
  ["collect-more-rows", "Collect rows first: at least 300"],
  ["undecided", "Undecided"],
] as const)("%s: %s", (verdict, title) => {
  const rows = { kind: "train", atLeast: 300, high: null, chance: null } as const;
  expect(verdictTitle({ ...decision, verdict, rows }).title).toBe(title);
  expect(verdictTitle({ ...decision, verdict, isVoid: true }).tone).toBe("bad");
});

test("more training rows and what many say stand in both reports; a curve of two points is not extended", () => {
  expect(curveSentence(document)).toMatch(/1,800 rows would give about (8[6-9]|9\d)\.\d %/);
  expect(curveSentence({ ...document, learning_curve: document.learning_curve.slice(1) })).toBe("");
  expect(tryMarkdown(document)).toContain("## More training rows");
  expect(tryHtml(document)).toContain("It &lt;beats&gt; it.");
  expect(tryHtml({ ...document, learning_curve: [], claims: [] })).not.toContain("More training rows");
});

test("who judged, by what, and what must be said about it", () => {
  expect(judgeTable(document).rows).toEqual([["few", "1", "2", "3", "4", "0.10"]]);
  expect(judgeSentences(document)).toEqual([
    "judge-1 compared answers with the references, each pair in both orders, by: right and short. The decision rests on it.",
    "few: The judge leans.",
  ]);
  expect(tryHtml(document)).toContain("Verdicts of the judge");
  expect(judgeSentences({ ...document, judge: null })).toEqual([]);
});

test("what is odd about answers, and what APIs took beside what was foreseen", () => {
  const text = tryMarkdown(document);
  expect(text).toContain("3 answers cut off at the longest answer");
  expect(text).toMatch(/APIs took \\?\$0\.010?; about \\?\$0\.020?, at most \\?\$0\.050?, were foreseen/);
});
