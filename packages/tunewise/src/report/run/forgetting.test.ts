/** @file The forgetting section of the report: tables, sentences, chart and verdict. */

import { describe, expect, it } from "vitest";
import { sampleForgetting, sampleReport } from "../../../../../test/support/sample-report.ts";
import { forgettingChart } from "../charts/forgetting-chart.ts";
import { documentHtml } from "../document/html.ts";
import { documentMarkdown } from "../document/markdown.ts";
import { forgettingNotes, forgettingTable, measurementTable } from "./forgetting-text.ts";
import { judgeRun } from "./judgement.ts";
import { runReport } from "./run-report.ts";

const facts = sampleForgetting();
const nothingMore = sampleForgetting({ tasks: null, divergence: null, regressionPrompts: null, curve: [] });

describe("the table", () => {
  it("says before, after, change, interval, limit and verdict of each measure", () => {
    expect(forgettingTable(facts).rows.map((row) => row.join(" | "))).toMatchInlineSnapshot(`
      [
        "perplexity of 20 documents | 35.29 | 38.10 | +8.0 % | +6.1 to +9.9 | +5.0 % | forgot",
        "right answers to 130 questions | 83.1 % | 80.8 % | -2.3 points | -5.8 to +1.2 | -2.0 points | cannot tell",
        "divergence on 12 prompts, nats | 0 | 0.0812 | +0.0812 | 0.0610 to 0.104 | - | shown only",
        "regression prompts | 3 of 4 | 2 of 3 | 1 broke | - | none | forgot",
      ]
    `);
  });

  it("has perplexity alone where nothing else was measured", () => {
    expect(forgettingTable(nothingMore).rows).toHaveLength(1);
  });

  it("judges divergence where there is a limit", () => {
    const limits = { ...facts.limits, maxKl: 0.05 };
    const judgement = { ...facts.judgement, measures: { kl: "fail" as const } };
    expect(forgettingTable({ ...facts, limits, judgement }).rows[2]?.slice(-2)).toEqual([
      "+0.0500",
      "forgot",
    ]);
  });

  it("stands numbers that are none", () => {
    const perplexity = {
      ...facts.perplexity,
      tuned: Number.POSITIVE_INFINITY,
      rise: Number.POSITIVE_INFINITY,
    };
    const [row] = forgettingTable({ ...facts, perplexity: { ...perplexity, interval: null } }).rows;
    expect(row?.slice(2, 5)).toEqual(["Infinity", "+Infinity %", "none"]);
  });
});

describe("the notes", () => {
  it("tell what the table leaves out", () => {
    expect(forgettingNotes(facts)).toMatchInlineSnapshot(`
      [
        "The same questions: 5 right before only, 2 right after only (exact McNemar p 0.453); guessing gets 26.2 %. By plain likelihood 84.6 % before and 83.8 % after; mean probability of the right choice 0.766 and 0.749.",
        "These questions show a change from about 6.1 points on: more questions tell more, or set forgetting.max_task_drop to what matters.",
        "1 prompt failed with the base model already and cannot be forgotten.",
        "Measured on regression-prompts.jsonl and what tunewise ships.",
      ]
    `);
  });

  it("are none where there is nothing to add", () => {
    const sources = { text: "general", tasks: "none", prompts: "none", regressionPrompts: null };
    expect(forgettingNotes({ ...nothingMore, sources })).toEqual([]);
  });
});

describe("the looks", () => {
  it("stand beside the validation loss of their step", () => {
    const { rows } = measurementTable(facts, new Map([[25, 1.5]]));
    expect(rows[0]).toEqual(["25", "+1.9 %", "+0.5 to +3.3", "-", "0.0188", "1.500"]);
    expect(rows[1]?.at(-1)).toBe("-");
  });
});

describe("the drawing", () => {
  const { curves } = sampleReport();
  const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

  it("has a dot and an interval for each look, the limit, and validation loss below", () => {
    const { markup } = forgettingChart(facts, curves) ?? { markup: "" };
    expect(count(markup, /class="forgotten-dot" cx="[^"]+" cy="[^"]+" r="3.5">\n<title>/g)).toBe(12);
    expect(count(markup, /class="bound"/g)).toBe(3 * 12);
    expect(count(markup, /class="limit"/g)).toBe(1);
    expect(markup).toContain('class="validation"');
    expect(markup).toContain("kept: step 225");
    expect(markup).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("does without validation loss and without intervals", () => {
    const curve = facts.curve.map((point) => ({ ...point, low: null, high: null }));
    const { markup } = forgettingChart(
      { ...facts, curve },
      { ...curves, validation: [], keptStep: null },
    ) ?? {
      markup: "",
    };
    expect(markup).not.toContain("validation");
    expect(count(markup, /class="bound"/g)).toBe(0);
  });

  it("needs two looks with numbers", () => {
    const [first] = facts.curve;
    if (!first) throw new Error("the sample has looks");
    const broken = { ...first, step: 50, perplexityRise: null };
    expect(forgettingChart({ ...facts, curve: [first, broken] }, curves)).toBeNull();
    expect(forgettingChart(nothingMore, curves)).toBeNull();
  });
});

describe("the judgement on top", () => {
  it("is not all good where something was lost", () => {
    const { tone, title, sentence } = judgeRun(sampleReport({ forgetting: facts }));
    expect([tone, title]).toEqual(["open", "Training helped, and other skills were lost"]);
    expect(sentence).toContain("; the tuned model forgot: perplexity of general text is up by 8.0 %");
  });

  it("is silent where nothing was shown to be lost", () => {
    const judgement = { verdict: "cannot-tell" as const, measures: {}, sentence: "Whether." };
    const report = sampleReport({ forgetting: sampleForgetting({ judgement }) });
    expect(judgeRun(report)).toEqual(judgeRun(sampleReport()));
  });
});

describe("both reports", () => {
  it("show the broken prompt side by side, and what to do", () => {
    const report = sampleReport({ forgetting: facts });
    const texts = [documentMarkdown(runReport(report)), documentHtml(runReport(report))];
    for (const text of texts) {
      expect(text).toMatch(/(<h2>|## )Forgetting/);
      expect(text).toContain("The capital of France is Paris.");
      expect(text).toMatch(/`regularization: ewc`|<code>regularization: ewc<\/code>/);
      expect(text).toContain("better than any penalty");
    }
  });

  it("leave the section out where nothing was measured", () => {
    const report = sampleReport();
    expect(documentMarkdown(runReport(report))).not.toMatch(/(<h2>|## )Forgetting/);
    expect(documentHtml(runReport(report))).not.toMatch(/(<h2>|## )Forgetting/);
  });

  it("suggest nothing where nothing was lost", () => {
    const judgement = { verdict: "pass" as const, measures: {}, sentence: "Kept." };
    const forgetting = sampleForgetting({ judgement });
    expect(documentMarkdown(runReport(sampleReport({ forgetting })))).not.toContain("regularization: ewc");
    expect(documentHtml(runReport(sampleReport({ forgetting })))).not.toContain("regularization: ewc");
  });
});
