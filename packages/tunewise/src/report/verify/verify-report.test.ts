/** The report of a verification: verdict, differences with positions, and what was not compared. */
import { expect, test } from "vitest";
import { documentHtml } from "../document/html.ts";
import { documentMarkdown } from "../document/markdown.ts";
import { type ShownVerification, verifyReport } from "./verify-report.ts";

const shown: ShownVerification = {
  source: "20261203-tickets",
  against: "run",
  export: "export/gguf/model-f16.gguf",
  runtime: "llama.cpp v0.5.0",
  conversations: { count: 18, testRows: 12, refused: 2 },
  untested: ["stop tokens"],
  differences: [],
  distance: { single: 0.0012, whole: 0.0034 },
  sameAnswers: { count: 17, nearTies: 1, of: 18 },
};

test("without a difference: what was compared", () => {
  const text = documentMarkdown(verifyReport(shown));
  expect(text).toContain("no difference");
  expect(text).toContain("17 of 18 greedy answers to the same prompts are identical.");
  expect(text).toContain(
    "1 more: where it first differs, two tokens are nearly equally likely, which is no fault.",
  );
  expect(text).toContain("0.0034 nats apart after prompts, 0.0012 after single tokens");
  expect(text).toContain("Not compared, because the runtime does not show it: stop tokens.");
  expect(text).toContain("2 built-in conversations do not fit");
});

test("a difference has its position and both sides, as text and never as markup", () => {
  const first = { number: 3, byte: 7, token: 2, expected: "<b>", found: "\n" };
  const explained = { summary: "Another template", cause: "it was replaced", fix: "export again" };
  const about = { kind: "template", ...explained, count: 1, of: 18, first };
  const page = documentHtml(verifyReport({ ...shown, differences: [about] }));
  expect(page).toContain("Differences: template");
  expect(page).toContain("no. 3, byte 7, token 2");
  expect(page).toContain("template: it was replaced. Fix: export again.");
  expect(page).not.toContain("<b>");
});
