/**
 * @file The page of a check: order, one card per topic across splits, marked differences in pairs, counts, and no
 * markup from rows.
 */

import { type Observation, observe } from "@tunewise/datacheck";
import { expect, test } from "vitest";
import { findingOf, type Place, problemCodes } from "../../problem/index.ts";
import { documentHtml } from "../document/html.ts";
import { checkReport } from "./check-report.ts";
import { codesWithMeaning } from "./meaning.ts";
import { nextStep } from "./next-step.ts";
import { type DataCheck, topicsOf } from "./topics.ts";

const train = (line: number): Place => ({ file: "/data/train.jsonl", row: line, line });
const held = (line: number): Place => ({ file: "/data/test.jsonl", row: line, line });
const texts: Readonly<Record<string, [string, string]>> = {
  "/data/train.jsonl:1": ["When will I get my new card?", "card_arrival"],
  "/data/test.jsonl:1": ["When will I get my <b>card</b>?", "card_lost"],
  "/data/train.jsonl:2": ["Log in", "one\ntwo\neval(x)\nfour"],
};

function near(split: string, other: string, count: number): Observation {
  const evidence = Array.from({ length: count }, (_, at) => ({
    place: held(at + 1),
    reason: "85 % the same words as /data/train.jsonl:1",
    other: train(1),
  }));
  const about = {
    split,
    other,
    percent: "1.0",
    differing: "",
    first: "/data/test.jsonl:1 as /data/train.jsonl:1",
  };
  return observe("DATA_LEAK_NEAR", "warning", about, evidence);
}

function weakness(split: string, severity: "error" | "warning", cwe: number): Observation {
  const about = {
    split,
    cwe,
    weakness: `Weakness ${cwe}`,
    fix: "do not",
    by: "",
    first: "/data/train.jsonl:2",
  };
  const row = { place: train(2), reason: `CWE-${cwe} in line 3 of the answer`, answerLine: 3 };
  return observe("CODE_INSECURE", severity, about, [row]);
}

function check(observations: readonly Observation[]): DataCheck {
  return {
    name: "demo",
    recipe: "tunewise.yaml",
    model: "m",
    origin: "here",
    dataFingerprint: "f".repeat(64),
    splits: [],
    trainOn: "all",
    reasoning: "train",
    padding: null,
    memory: { rows: 14, of: 1319 },
    stamps: new Map(),
    refused: [],
    findings: [
      ...observations.map(({ finding }) => finding),
      findingOf(
        "DATA_FORMAT_DETECTED",
        "note",
        { file: "f", rows: "r", format: "g", how: "h", told: "t" },
        [],
        1,
      ),
    ],
    observations,
    excerpt: (place) => {
      const [prompt, answer] = texts[`${place.file}:${place.line}`] ?? [];
      if (prompt === undefined || answer === undefined) return null;
      return { prompt, answer, answerLines: answer.split("\n") };
    },
  };
}

const all = [near("validation", "train", 1), near("test", "train", 20), weakness("train", "error", 95)];
const mixed = check([...all, weakness("test", "error", 95), weakness("train", "warning", 117)]);

test("one topic per code, the worst first, each row counted once", () => {
  expect(
    topicsOf(mixed).map(({ code, severity, rows, subjects }) => [code, severity, rows, subjects.length]),
  ).toEqual([
    ["CODE_INSECURE", "error", 1, 2],
    ["DATA_LEAK_NEAR", "warning", 20, 1],
    ["DATA_FORMAT_DETECTED", "note", 1, 1],
  ]);
  const [code, leak] = topicsOf(mixed);
  expect(code?.subjects.map(({ summary }) => summary)).toEqual([
    "Weakness 95 (CWE-95): 1 train, 1 test",
    "Weakness 117 (CWE-117): 1 train",
  ]);
  expect(leak?.subjects[0]?.lines.map(({ sentence }) => sentence)).toEqual([
    "1 validation rows are near-duplicates of a train row (1.0 %)",
    "20 test rows are near-duplicates of a train row (1.0 %)",
  ]);
});

test("pairs are marked where they differ, names of files are short, text of rows is no markup", () => {
  const page = documentHtml(checkReport(mixed));
  expect(page).toContain("85 % the same words as train.jsonl:1");
  expect(page).not.toContain("/data/train.jsonl");
  expect(page).toContain("get my <mark>new </mark>card");
  expect(page).toContain("<mark>card_arrival</mark>");
  expect(page).toContain("&lt;");
  expect(page).not.toContain("<b>card");
  expect(page).toContain("<mark>   3  eval(x)</mark>");
  expect(page).toContain("9 more; 21 in all");
  expect(page.indexOf("Insecure code")).toBeLessThan(
    page.indexOf("Near-duplicates of held-out rows in training</h2>"),
  );
  expect(page).toMatch(/<details class="part"><summary><h2><span class="mark note">/);
});

test("the judgement names what to mend and how much of the score may be memory", () => {
  const page = documentHtml(checkReport(mixed));
  expect(page).toContain(
    "To fix: insecure code (1 row). Leakage: 14 of 1319 test rows also appear in training",
  );
  expect(page).toContain("1 / 1</b><span>kinds of errors / warnings");
  expect(documentHtml(checkReport(check([])))).toContain("Nothing stands in the way");
});

test("the next step mends what can be mended, then shows the worst, then plans", () => {
  const dropped = observe("DATA_DUPLICATE_ROWS", "warning", { split: "train", percent: "1", first: "" }, [
    { place: train(1), reason: "", remedy: "drop" },
  ]);
  expect(nextStep(check([...all, dropped]))).toEqual({
    command: "tunewise check --fix",
    does: "a copy without 1 row; your files stay as they are",
  });
  expect(nextStep(mixed).command).toBe("tunewise check --show CODE_INSECURE");
  const elsewhere = { ...check([]), recipe: "my recipes/a.yaml" };
  expect(nextStep(elsewhere).command).toBe('tunewise plan "my recipes/a.yaml"');
});

test("every code with a meaning is in the catalog", () => {
  expect(codesWithMeaning().filter((code) => !problemCodes().includes(code))).toEqual([]);
});
