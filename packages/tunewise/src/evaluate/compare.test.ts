/** @file Tests paired comparisons against hand-computed counts and exact tests, closed-form intervals, and verdicts. */
import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { compareScores, compareWays, type RunOutcomes } from "./compare.ts";
import type { RowOutcome, Score } from "./score.ts";
import { scorePredictions } from "./score-predictions.ts";
import { minimumDetectableEffect, pairedDifference } from "./statistics/proportion.ts";

/** A score with the given outcomes. */
function scored(metric: MetricName, outcomes: readonly RowOutcome[], isInvalid = false): Score {
  return {
    metric,
    outcomes,
    isInvalid,
    value: isInvalid ? Number.NaN : 0.5,
    interval: null,
    unjudged: 0,
    rows: outcomes.length,
    facts: {},
    labels: null,
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
  // two of four rows differ; smoothing adds one differing row: 3 / 5
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
  // with two rows, the 2.5 % and 97.5 % quantiles are the values of single rows
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

test("of a invalid score nothing is said, whichever of the two it is", () => {
  const [good, empty] = [scored("accuracy", values(1, 1)), scored("accuracy", values(0, 1), true)];
  const nothing = {
    metric: "accuracy",
    difference: Number.NaN,
    interval: null,
    pValue: null,
    counts: null,
    rows: 0,
    verdict: "unclear",
    detectable: null,
  };
  expect(compareScores(good, empty)).toEqual({ ...nothing, base: 0.5, tuned: Number.NaN });
  expect(compareScores(empty, good)).toEqual({ ...nothing, base: Number.NaN, tuned: 0.5 });
});

test("scores of two metrics do not compare, even on the same rows", () => {
  expect(() => compareScores(scored("accuracy", values(1)), scored("exact_match", values(1)))).toThrow(
    "Internal: accuracy and exact_match were not judged on the same rows",
  );
});

/** Outcomes of which a share is right; each seed selects different rows. */
function run(share: number, seed: number, rows = 400): RunOutcomes {
  return Array.from({ length: rows }, (_, row) => ({
    value: ((row * 7919 + seed * 104_729) % 1000) / 1000 < share ? 1 : 0,
    weight: 1,
  }));
}

describe("two ways over their seeds", () => {
  test("the difference is that of the means; the same way differs by nothing that could be shown", () => {
    const found = compareWays("accuracy", [run(0.7, 1), run(0.7, 2)], [run(0.5, 3), run(0.5, 4)]);
    expect(found.value).toBeCloseTo(-0.2, 1);
    expect(found.verdict).toBe("worse");
    expect(found.interval?.high).toBeLessThan(0);
    const same = compareWays("accuracy", [run(0.7, 1), run(0.7, 2)], [run(0.7, 5), run(0.7, 6)]);
    expect(same.verdict).toBe("unclear");
    expect(same.interval?.low).toBeLessThan(0);
    expect(same.interval?.high).toBeGreaterThan(0);
  });

  test("a lower perplexity is better; a row that one run could not judge counts for none", () => {
    const loss = (nats: number): RunOutcomes =>
      Array.from({ length: 50 }, (_, row) => ({ value: nats * 10 + (row % 3), weight: 10 }));
    const found = compareWays("perplexity", [loss(1)], [loss(0.8)]);
    expect(found.value).toBeLessThan(0);
    expect(found.verdict).toBe("better");
    const short = [...loss(1).slice(0, 49), { value: 0, weight: 0 }];
    expect(compareWays("perplexity", [short], [loss(0.8)]).rows).toBe(49);
  });

  test("the choice of seeds widens the interval", () => {
    const alike = [run(0.6, 1), run(0.6, 1), run(0.6, 1)];
    const apart = [run(0.4, 1), run(0.6, 1), run(0.8, 1)];
    const width = (runs: RunOutcomes[]): number => {
      const { interval } = compareWays("accuracy", [run(0.6, 9)], runs);
      return (interval?.high ?? 0) - (interval?.low ?? 0);
    };
    expect(width(apart)).toBeGreaterThan(1.5 * width(alike));
  });

  test("one row has no interval", () => {
    expect(compareWays("accuracy", [run(1, 1, 1)], [run(0, 1, 1)])).toMatchObject({
      value: -1,
      interval: null,
      verdict: "unclear",
    });
  });
});

describe("closed forms", () => {
  const graded = (...values: number[]): RunOutcomes => values.map((value) => ({ value, weight: 1 }));

  // with two rows, the 2.5 % and 97.5 % quantiles are the values of single rows
  test.each([
    { change: [0.25, 0.5], interval: { low: 0.25, high: 0.5 }, verdict: "better" },
    { change: [0, 0.5], interval: { low: 0, high: 0.5 }, verdict: "unclear" },
    { change: [-0.5, 0], interval: { low: -0.5, high: 0 }, verdict: "unclear" },
    { change: [-0.5, -0.25], interval: { low: -0.5, high: -0.25 }, verdict: "worse" },
  ])("rows that change by $change: $verdict", ({ change, interval, verdict }) => {
    const found = compareWays("rouge_l", [graded(0.5, 0.5)], [graded(...change.map((by) => 0.5 + by))]);
    expect(found).toEqual({
      value: expect.closeTo(((change[0] ?? 0) + (change[1] ?? 0)) / 2, 12),
      interval,
      rows: 2,
      verdict,
    });
  });

  test("the means of two and of three runs, over rows that all of them could be judged on", () => {
    const unknown = { value: 0, weight: 0 };
    const from = [graded(0.25, 0.5, 1), [...graded(0.75), unknown, ...graded(0)]];
    const way = [graded(1, 0, 0.25), graded(0.5, 1, 0.25), graded(0, 0.125, 1)];
    // rows 0 and 2 count: their means are 0.5 and 0.5 both ways
    expect(compareWays("rouge_l", from, way, { draws: 20 })).toMatchObject({
      value: 0,
      rows: 2,
      verdict: "unclear",
    });
  });

  test("rows beyond the shortest run are left out", () => {
    const found = compareWays("rouge_l", [graded(0.5, 0.5, 0.5)], [graded(1, 0.75)]);
    expect(found).toMatchObject({ value: 0.375, rows: 2, verdict: "better" });
  });

  test("the same seed draws the same runs and rows", () => {
    const at = (seed: number) =>
      compareWays("accuracy", [run(0.4, 1, 50), run(0.6, 2, 50)], [run(0.5, 3, 50)], { seed, draws: 50 })
        .interval;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });
});
