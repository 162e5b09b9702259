import { range } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { sampleReport } from "../../../../../test/support/sample-report.ts";
import type { Figure, RunReport, ScoreLine } from "./report.ts";
import { curveTable, figureTable, pairedNotes, scoreTable, splitTable } from "./report-tables.ts";

/** The row of steps, by planned and actual value. */
function stepsRow(steps: Figure<number>): readonly string[] {
  const sample = sampleReport();
  return figureTable({ ...sample, figures: { ...sample.figures, steps } }).rows[3] ?? [];
}

describe("figureTable", () => {
  const cases: [Figure<number>, string, string, string][] = [
    [{ planned: range(90, 100, 120), actual: 110 }, "100 (90 to 120)", "110", "inside the range"],
    [{ planned: range(90, 100, 120), actual: 120 }, "100 (90 to 120)", "120", "inside the range"],
    [{ planned: range(90, 100, 120), actual: 150 }, "100 (90 to 120)", "150", "above the range by 25 %"],
    [{ planned: range(90, 100, 120), actual: 87 }, "100 (90 to 120)", "87", "below the range by 3.3 %"],
    [{ planned: range(100, 100, 100), actual: 100 }, "100", "100", "as planned"],
    [{ planned: range(100, 100, 100), actual: 50 }, "100", "50", "below the plan by 50 %"],
    [{ planned: range(0, 0, 0), actual: 5 }, "0", "5", "above the plan"],
    [{ planned: null, actual: 5 }, "-", "5", "-"],
    [{ planned: range(1, 2, 3), actual: null }, "2 (1 to 3)", "not measured", "-"],
  ];
  it.each(cases)("%j", (figure, planned, actual, against) => {
    expect(stepsRow(figure)).toEqual(["optimizer steps", planned, actual, against]);
  });
});

describe("scoreTable", () => {
  it("has a dash where nothing was compared", () => {
    const [accuracy, valid] = sampleReport().scores;
    const alone = { ...valid, base: null } as ScoreLine;
    expect(scoreTable([accuracy as ScoreLine, alone]).rows).toEqual([
      ["accuracy", "3.2 %", "87.4 %", "+84.2 points", "80.9-87.4", "500"],
      ["valid JSON", "-", "99.8 %", "-", "-", "500"],
    ]);
  });
});

describe("scoreTable of rows that could not be judged", () => {
  it("says how many in the line of the score", () => {
    const [accuracy] = sampleReport().scores as [ScoreLine];
    const rowsOf = (unjudged: number, isInvalid: boolean): unknown =>
      scoreTable([
        { ...accuracy, tuned: { ...accuracy.tuned, rows: 500 - unjudged, unjudged, isInvalid } },
      ]).rows[0]?.at(-1);
    expect(rowsOf(0, false)).toBe("500");
    expect(rowsOf(20, false)).toBe("480, 20 of 500 rows not scored");
    expect(rowsOf(60, true)).toBe("440, invalid: 60 of 500 rows not scored");
  });
});

describe("pairedNotes", () => {
  it("says what these rows could have shown when they show nothing", () => {
    const [line] = sampleReport().scores;
    const comparison = line?.comparison && {
      ...line.comparison,
      verdict: "unclear" as const,
      pValue: 0.1234,
    };
    expect(pairedNotes([{ ...line, comparison } as ScoreLine])).toEqual([
      "The same rows compared by accuracy: 423 right only when tuned, 2 right only in the base model, " +
        "14 in both, 61 in neither, exact McNemar p 0.123. " +
        "These rows show a difference from about 3.5 points on.",
    ]);
    expect(pairedNotes(sampleReport().scores.slice(1))).toEqual([]);
  });
});

describe("splitTable", () => {
  it("adds up what was left out", () => {
    const sample = sampleReport();
    const [train] = sample.data.splits;
    const statistics = { ...train?.statistics, dropped: 3, unusable: 4 };
    const split = { ...train, statistics } as RunReport["data"]["splits"][number];
    expect(splitTable({ ...sample, data: { splits: [split], findings: [] } }).rows).toEqual([
      ["train", "1,204", "205 k", "40.9 k", "164", "561", "2", "7"],
    ]);
  });
});

describe("curveTable", () => {
  it("has the mean training loss since the row before, and says what was kept", () => {
    const train = [4, 2, 3, 1].map((loss, i) => ({ step: i + 1, loss }));
    const validation = [{ step: 2, loss: 2.5 }];
    const { rows } = curveTable({ ...sampleReport(), curves: { train, validation, keptStep: 2 } });
    expect(rows).toEqual([
      ["1", "4.000", "-", ""],
      ["2", "2.000", "2.500", "kept"],
      ["3", "3.000", "-", ""],
      ["4", "1.000", "-", ""],
    ]);
  });

  it("stays short for a long run", () => {
    const train = Array.from({ length: 20_000 }, (_, i) => ({ step: i + 1, loss: 1 }));
    const validation = Array.from({ length: 500 }, (_, i) => ({ step: 40 * (i + 1), loss: 1 }));
    const table = curveTable({ ...sampleReport(), curves: { train, validation, keptStep: null } });
    expect(table.rows).toHaveLength(40);
    expect(table.rows.at(-1)?.[0]).toBe("20,000");
  });
});
