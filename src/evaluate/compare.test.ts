/** @file Base beside tuned on the same rows: counts and exact tests by hand, intervals of closed form, verdicts. */
import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { compareScores } from "./compare.ts";
import type { RowOutcome, Score } from "./score.ts";
import { scorePredictions } from "./score-predictions.ts";
import { minimumDetectableEffect, pairedDifference } from "./statistics/proportion.ts";

/** A score of outcomes as they are. */
function scored(metric: MetricName, outcomes: readonly RowOutcome[], isVoid = false): Score {
  return {
    ...{ metric, outcomes, isVoid, value: isVoid ? Number.NaN : 0.5, interval: null, unjudged: 0 },
    ...{ rows: outcomes.length, facts: {}, labels: null },
  };
}
const values = (...list: number[]): RowOutcome[] => list.map((value) => ({ value, weight: 1 }));

describe("base beside tuned", () => {
  const rows = Array.from({ length: 40 }, () => "yes");
  const score = (metric: MetricName, right: (row: number) => boolean) => {
    const [found] = scorePredictions(
      [metric],
      { answers: rows.map((_, row) => (right(row) ? "yes" : "no")) },
      rows,
    );
    if (!found) throw new Error("no score");
    return found;
  };
  test("counts rows by who was right, and tests them exactly", () => {
    const base = score("exact_match", (row) => row < 21);
    const tuned = score("exact_match", (row) => row >= 1 && row < 30);
    const comparison = compareScores(base, tuned);
    expect(comparison).toMatchObject({
      base: 21 / 40,
      tuned: 29 / 40,
      rows: 40,
      counts: { both: 20, onlyBase: 1, onlyTuned: 9, neither: 10 },
      verdict: "better",
    });
    expect(comparison.difference).toBeCloseTo(0.2, 12);
    expect(comparison.pValue).toBeCloseTo(0.0215, 4);
    expect(comparison.interval?.low).toBeGreaterThan(0);
    expect(comparison.detectable).toBeGreaterThan(0.1);
  });
  test("a difference that chance explains is unclear", () => {
    const comparison = compareScores(
      score("exact_match", (row) => row < 20),
      score("exact_match", (row) => row < 22),
    );
    expect(comparison).toMatchObject({ verdict: "unclear", pValue: 0.5 });
  });
  test("graded metrics use the paired bootstrap", () => {
    const comparison = compareScores(
      score("rouge_l", (row) => row < 10),
      score("rouge_l", (row) => row < 30),
    );
    expect(comparison).toMatchObject({ verdict: "better", pValue: null, counts: null, detectable: null });
    expect(comparison.interval?.low).toBeGreaterThan(0.3);
    expect(comparison.interval?.high).toBeLessThan(0.7);
  });
  test("pairing narrows the interval: two equal models differ by nothing at all", () => {
    const same = score("rouge_l", (row) => row % 2 === 0);
    expect(compareScores(same, same).interval).toEqual({ low: 0, high: 0 });
  });
  test("scores of other rows or metrics do not compare", () => {
    const short = scorePredictions(["exact_match"], { answers: ["yes"] }, ["yes"])[0];
    if (!short) throw new Error("no score");
    expect(() =>
      compareScores(
        short,
        score("exact_match", () => true),
      ),
    ).toThrow("not judged on the same rows");
  });
});

test("a lower perplexity is better", () => {
  const row = (nll: number) => ({ nll, labelledTokens: 4 });
  const at = (shift: number) =>
    scorePredictions(["perplexity"], { losses: [1, 2, 3, 4, 5].map((nll) => row(nll + shift)) }, [
      "",
      "",
      "",
      "",
      "",
    ])[0];
  const [base, tuned] = [at(1), at(0)];
  if (!base || !tuned) throw new Error("no scores");
  expect(compareScores(base, tuned).verdict).toBe("better");
  expect(compareScores(tuned, base).verdict).toBe("worse");
  expect(compareScores(base, base).verdict).toBe("unclear");
});

test("a row that one of the two could not be judged on counts for neither", () => {
  const base = [...values(1, 0, 1, 0), { value: 0, weight: 0 }, ...values(0)];
  const tuned = [...values(1, 1, 1), { value: 0, weight: 0 }, ...values(1, 1)];
  const comparison = compareScores(scored("exact_match", base), scored("exact_match", tuned));
  const counts = { both: 2, onlyBase: 0, onlyTuned: 2, neither: 0 };
  expect(comparison).toMatchObject({ rows: 4, difference: 0.5, counts, pValue: 0.5, verdict: "unclear" });
  expect(comparison.interval).toEqual(pairedDifference(counts));
  // two of four rows differ; one row of doubt on either side
  expect(comparison.detectable).toBe(minimumDetectableEffect(4, 3 / 5));
});

test("what the rows can show goes by how often the two differ", () => {
  const base = Array.from({ length: 200 }, (_, row) => (row < 100 ? 1 : 0));
  const tuned = base.map((value, row) => (row < 3 ? 0 : row >= 194 ? 1 : value));
  const { counts, detectable } = compareScores(
    scored("accuracy", values(...base)),
    scored("accuracy", values(...tuned)),
  );
  expect(counts).toEqual({ both: 97, onlyBase: 3, onlyTuned: 6, neither: 94 });
  expect(detectable).toBe(minimumDetectableEffect(200, 10 / 201));
});

describe("a graded difference is shown by an interval that leaves 0 out", () => {
  // of two rows the quantiles of 2.5 and 97.5 % are one row alone
  test.each([
    { changes: [0.25, 0.5], interval: { low: 0.25, high: 0.5 }, verdict: "better" },
    { changes: [-0.25, -0.5], interval: { low: -0.5, high: -0.25 }, verdict: "worse" },
    { changes: [0, 0.5], interval: { low: 0, high: 0.5 }, verdict: "unclear" },
    { changes: [-0.5, 0], interval: { low: -0.5, high: 0 }, verdict: "unclear" },
    { changes: [-0.25, 0.5], interval: { low: -0.25, high: 0.5 }, verdict: "unclear" },
    { changes: [0.5], interval: null, verdict: "unclear" },
  ])("$changes: $verdict", ({ changes, interval, verdict }) => {
    const base = scored("rouge_l", values(...changes.map(() => 0.5)));
    const tuned = scored("rouge_l", values(...changes.map((change) => 0.5 + change)));
    const comparison = compareScores(base, tuned);
    expect(comparison).toMatchObject({ interval, verdict, pValue: null, counts: null, detectable: null });
    expect(comparison.difference).toBeCloseTo(
      changes.reduce((sum, one) => sum + one, 0) / changes.length,
      12,
    );
  });
});

test("yes-no rows are judged by the exact test: five that all went one way are unclear, six are not", () => {
  const verdict = (gained: number) =>
    compareScores(
      scored("exact_match", values(...new Array<number>(gained).fill(0))),
      scored("exact_match", values(...new Array<number>(gained).fill(1))),
    );
  expect(verdict(5)).toMatchObject({ pValue: 0.0625, verdict: "unclear" });
  expect(verdict(6)).toMatchObject({ pValue: expect.closeTo(0.03125, 12), verdict: "better" });
  expect(verdict(1)).toMatchObject({ pValue: 1, interval: null, rows: 1 });
  expect(verdict(2).interval).not.toBeNull();
});

test("of a void score nothing is said, whichever of the two it is", () => {
  const [good, empty] = [scored("accuracy", values(1, 1)), scored("accuracy", values(0, 1), true)];
  const nothing = {
    ...{ metric: "accuracy", difference: Number.NaN, interval: null, pValue: null, counts: null },
    ...{ rows: 0, verdict: "unclear", detectable: null },
  };
  expect(compareScores(good, empty)).toEqual({ ...nothing, base: 0.5, tuned: Number.NaN });
  expect(compareScores(empty, good)).toEqual({ ...nothing, base: Number.NaN, tuned: 0.5 });
});

test("scores of two metrics do not compare, even on the same rows", () => {
  expect(() => compareScores(scored("accuracy", values(1)), scored("exact_match", values(1)))).toThrow(
    "Internal: accuracy and exact_match were not judged on the same rows",
  );
});
