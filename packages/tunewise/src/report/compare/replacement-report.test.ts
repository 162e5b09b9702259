/** The report of a replacement: the verdict of scores and form, and the rows that would settle an open one. */
import { usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import type { NotWorse } from "../../evaluate/index.ts";
import { documentMarkdown } from "../document/markdown.ts";
import {
  type Replacement,
  replacementAction,
  replacementReport,
  replacementVerdict,
} from "./replacement-report.ts";

const judged: NotWorse = {
  old: 0.9,
  tuned: 0.91,
  rows: 400,
  margin: 0.02,
  gain: { low: -0.012, high: 0.031 },
  verdict: "not-worse",
  power: 0.55,
  rowsNeeded: 700,
};

const shown: Replacement = {
  run: "20261203-tickets",
  reference: { path: "frozen.jsonl", model: "ft:old", createdAt: "2026-12-03T12:00:00.000Z", sha256: "ab" },
  margin: 0.02,
  rows: { test: 430, compared: 400, seen: 12, missing: 18 },
  scores: [{ metric: "accuracy", ...judged }],
  form: { ...judged, old: 1, tuned: 1 },
  agreement: 0.85,
  lost: "",
  usdPerThousand: usd(0.12),
};

test("not worse: both values, the interval, what was left out, and agreement apart from correctness", () => {
  const text = documentMarkdown(replacementReport(shown));
  expect(text).toContain(
    "It loses at most 2.0 points, if anything: accuracy 91.0 % against 90.0 % of ft:old in 400 rows",
  );
  expect(text).toContain("-1.2 to +3.1 points");
  expect(text).toContain(
    "400 of 430 rows of the test set are compared; 12 also occur in training, 18 have no frozen answer.",
  );
  expect(text).toContain(
    "same answer in 85.0 % of the rows, right or wrong: agreement with ft:old is not correctness",
  );
  expect(text).toContain("A thousand of these answers of ft:old cost $0.12");
  expect(text).not.toContain("700");
});

test("unclear: the probability that these rows show it, and the rows that would", () => {
  const open = { ...judged, gain: { low: -0.03, high: 0.04 }, verdict: "unclear" as const };
  const text = documentMarkdown(replacementReport({ ...shown, scores: [{ metric: "accuracy", ...open }] }));
  expect(text).toContain("These rows do not show that it loses at most 2.0 points");
  expect(text).toContain("400 rows show it with a probability of 55 %; 700 rows would with 80 %");
});

const actionIn = (changed: Partial<Replacement>): [string, string] => {
  const { kind, command } = replacementAction({ ...shown, ...changed });
  return [kind, command];
};
const headline = (changed: Partial<NotWorse>): Partial<Replacement> => ({
  scores: [{ metric: "accuracy", ...judged, ...changed }],
});

test("each verdict ends with one action", () => {
  const serve = "tunewise model serve 20261203-tickets --alias ft:old";
  expect(actionIn({})).toEqual(["ship", serve]);
  expect(actionIn(headline({ verdict: "worse" }))).toEqual(["do-not-ship", "tunewise try"]);
  expect(actionIn(headline({ verdict: "unclear" }))).toEqual(["collect-rows", "tunewise freeze ft:old"]);
  for (const rowsNeeded of [null, 300])
    expect(actionIn(headline({ verdict: "unclear", rowsNeeded }))).toEqual(["try-first", "tunewise try"]);
  const formOpen = { ...headline({ rowsNeeded: null }), form: { ...judged, verdict: "unclear" as const } };
  expect(actionIn(formOpen)).toEqual(["collect-rows", "tunewise freeze ft:old"]);
});

test("a run that lost other skills is not shipped, as its own report says", () => {
  const lost = "It lost other skills: the perplexity of old text rose by 22.6 %.";
  expect(actionIn({ lost })).toEqual(["do-not-ship", "tunewise runs show 20261203-tickets"]);
  const text = documentMarkdown(replacementReport({ ...shown, lost }));
  expect(text).toContain("compare: not worse");
  expect(text).toContain("It is not worse on this task. It lost other skills");
  expect(
    documentMarkdown(replacementReport({ ...shown, lost, ...headline({ verdict: "worse" }) })),
  ).toContain("It does not replace ft:old");
});

test("the form of the answers can refuse what the score allows", () => {
  const form = { ...judged, verdict: "worse" as const };
  expect(replacementVerdict({ ...shown, form })).toBe("worse");
  expect(documentMarkdown(replacementReport({ ...shown, form }))).toContain("in the form of the answers");
  expect(replacementVerdict({ ...shown, form: null })).toBe("not-worse");
  expect(replacementVerdict({ ...shown, form: { ...judged, verdict: "unclear" } })).toBe("unclear");
});
