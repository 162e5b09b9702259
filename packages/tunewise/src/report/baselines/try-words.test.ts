import { expect, test } from "vitest";
import { sampleDecision as decision, sampleTry as document } from "../../../../../test/support/sample-try.ts";
import { documentHtml } from "../document/html.ts";
import { documentMarkdown } from "../document/markdown.ts";
import { tryReport } from "./try-report.ts";
import {
  armTable,
  curveSentence,
  flipSentences,
  judgeSentences,
  judgeTable,
  sealSentence,
  verdictTitle,
} from "./try-words.ts";

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
    "No run scored the 200 test rows before this comparison. 3 of 203 test rows also appear in training (exact, near or paraphrased); the 3 exact copies were left out of the comparison.",
  );
  const look = { time: "2026-01-01T00:00:00.000Z", run: "r-0", rows: "x", count: 200 };
  expect(sealSentence({ ...document, seen: { rows: 16, of: 203 } })).toContain(
    "16 of 203 test rows also appear in training (exact, near or paraphrased); the 3 exact copies were left out",
  );
  expect(sealSentence({ ...document, looks_before: [look] })).toContain("scored once before, last by r-0");
});

test("texts of rows and arms never become markup", () => {
  const [page, text] = [documentHtml(tryReport(document)), documentMarkdown(tryReport(document))];
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
  expect(verdictTitle({ ...decision, verdict, isInvalid: true }).tone).toBe("bad");
});

test("more training rows and what many say stand in both reports; a curve of two points is not extended", () => {
  expect(curveSentence(document)).toMatch(/1,800 rows would give about (8[6-9]|9\d)\.\d %/);
  expect(curveSentence({ ...document, learning_curve: document.learning_curve.slice(1) })).toBe("");
  expect(documentMarkdown(tryReport(document))).toContain("## More training rows");
  expect(documentHtml(tryReport(document))).toContain("It &lt;beats&gt; it.");
  expect(documentHtml(tryReport({ ...document, learning_curve: [], claims: [] }))).not.toContain(
    "More training rows",
  );
});

test("who judged, by what, and what must be said about it", () => {
  expect(judgeTable(document).rows).toEqual([["few", "1", "2", "3", "4", "0.10"]]);
  expect(judgeSentences(document)).toEqual([
    "judge-1 compared answers with the references, each pair in both orders, by: right and short. The decision rests on it.",
    "few: The judge leans.",
  ]);
  expect(documentHtml(tryReport(document))).toContain("Verdicts of the judge");
  expect(judgeSentences({ ...document, judge: null })).toEqual([]);
});

test("what is odd about answers, and what APIs took beside what was foreseen", () => {
  const text = documentMarkdown(tryReport(document));
  expect(text).toContain("3 answers cut off at the longest answer");
  expect(text).toMatch(/APIs took \\?\$0\.010?; about \\?\$0\.020?, at most \\?\$0\.050?, were foreseen/);
});
