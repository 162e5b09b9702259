import { expect, test } from "vitest";
import { sampleReport } from "../../../../../test/support/sample-report.ts";
import { labelTable } from "../../evaluate/index.ts";
import { documentHtml } from "../document/html.ts";
import { documentMarkdown } from "../document/markdown.ts";
import { confusedPairsTable, confusionTable, labelSentence, labelTableOf } from "./label-text.ts";
import type { LabelFacts } from "./report.ts";
import { runReport } from "./run-report.ts";

/** One label per row; every third answer is the next label, every fifth none. */
function facts(count: number): LabelFacts {
  const labels = Array.from({ length: count }, (_, at) => `label ${at}`);
  const outcomes = Array.from({ length: 60 }, (_, row) => {
    const expected = row % count;
    const answered = row % 5 === 0 ? -1 : row % 3 === 0 ? (expected + 1) % count : expected;
    return { value: expected === answered ? 1 : 0, weight: 1, pair: [expected, answered] as const };
  });
  const tuned = labelTable(outcomes, labels);
  return { decoding: { kind: "free", labels: null }, tuned, base: null, rows: 60 };
}

test("a few labels have a matrix whose rows add up to their rows, with a column for answers that are no label", () => {
  const table = confusionTable(facts(4).tuned);
  expect(table?.columns.map(({ title }) => title).at(-1)).toBe("no label");
  for (const [, ...cells] of table?.rows ?? []) {
    expect(cells.reduce((sum, cell) => sum + Number(cell), 0)).toBe(15);
  }
});

test("many labels have their worst mix-ups in its place", () => {
  const many = facts(30);
  expect(confusionTable(many.tuned)).toBeNull();
  expect(confusedPairsTable(many.tuned).rows.length).toBe(10);
  expect(labelTableOf(many).rows).toHaveLength(30);
  expect(documentMarkdown(runReport(sampleReport({ labels: many })))).toContain("Most frequent confusions");
  expect(documentHtml(runReport(sampleReport({ labels: many })))).not.toContain('class="matrix"');
});

test("the share of answers that are no label is said, and that there can be none where labels were chosen from", () => {
  expect(labelSentence(facts(4))).toBe(
    "Answers were decoded freely. Answers of the tuned model that are no label: 12 of 60 (20.0 %).",
  );
  const constrained = { ...facts(4), decoding: { kind: "constrained", labels: 4 } } as const;
  expect(labelSentence(constrained)).toBe("Answers were chosen among 4 labels, so that each is one of them.");
  const html = documentHtml(runReport(sampleReport({ labels: constrained })));
  expect(html).toContain('class="matrix"');
});
