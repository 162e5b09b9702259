import { mulberry32 } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { metricKinds } from "./metrics.ts";
import { judgeNotWorse } from "./not-worse.ts";
import type { RowOutcome, Score } from "./score.ts";
import {
  type NonInferiority,
  nonInferiority,
  nonInferiorityPower,
  rowsForMargin,
  rowsForNonInferiority,
  rowsForSpread,
  spreadPower,
} from "./statistics/non-inferiority.ts";
import { countPairs, pairedDifference } from "./statistics/proportion.ts";

function scoreOf(metric: MetricName, outcomes: readonly RowOutcome[]): Score {
  return {
    metric,
    value: metricKinds[metric].aggregate(outcomes, null),
    interval: null,
    rows: outcomes.length,
    unjudged: 0,
    isInvalid: false,
    outcomes,
    facts: {},
    labels: null,
  };
}

const rowsOf = (values: readonly number[]): RowOutcome[] => values.map((value) => ({ value, weight: 1 }));

/** A case of two models with a given true loss, drawn at random. */
interface Case {
  readonly metric: MetricName;
  readonly rows: number;
  readonly margin: number;
  readonly old: number[];
  readonly tuned: number[];
  readonly flips: number;
  readonly accuracy: number;
}

/** Enough for a share of many cases. */
const fewDraws = { draws: 400 };

type Random = () => number;

const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)] as Value;

/** Rows that are right or wrong; `loss` is the margin or nothing. */
function yesNoCase(random: Random, atMargin: boolean): Case {
  for (;;) {
    const margin = pick(random, [0.02, 0.03, 0.05, 0.1]);
    const [rows, accuracy] = [Math.round(30 * 40 ** random()), 0.3 + 0.69 * random()];
    const flips = margin + 0.4 * random() ** 2;
    const loss = atMargin ? margin : 0;
    const [onlyOld, onlyTuned] = [(flips + loss) / 2, (flips - loss) / 2];
    const both = accuracy - onlyOld;
    if (both < 0 || both + flips > 1) continue;
    const old: number[] = [];
    const tuned: number[] = [];
    for (let row = 0; row < rows; row++) {
      const draw = random();
      old.push(draw < onlyOld || (draw >= flips && draw < flips + both) ? 1 : 0);
      tuned.push(
        (draw >= onlyOld && draw < onlyOld + onlyTuned) || (draw >= flips && draw < flips + both) ? 1 : 0,
      );
    }
    return { metric: "exact_match", rows, margin, old, tuned, flips, accuracy };
  }
}

/** Scores between 0 and 1, mostly equal, with steps of some size where they differ. */
function gradedCase(random: Random, atMargin: boolean): Case {
  for (;;) {
    const margin = pick(random, [0.02, 0.03, 0.05, 0.1]);
    const rows = Math.round(30 * 20 ** random());
    const step = pick(random, [0.2, 0.5, 1]);
    const loss = atMargin ? margin / step : 0;
    const flips = loss + 0.5 * random() ** 2;
    if (flips > 0.9) continue;
    const old: number[] = [];
    const tuned: number[] = [];
    for (let row = 0; row < rows; row++) {
      const draw = random();
      const change = draw < (flips + loss) / 2 ? -step : draw < flips ? step : 0;
      const start = change < 0 ? step : change > 0 ? 1 - step : pick(random, [0.5, 1, 1, 1]);
      old.push(start);
      tuned.push(Math.min(1, Math.max(0, start + change)));
    }
    return { metric: "json_match", rows, margin, old, tuned, flips, accuracy: 1 };
  }
}

/** Share of cases that are judged `not-worse`. */
function shareNotWorse(cases: number, draw: () => Case): number {
  let found = 0;
  for (let at = 0; at < cases; at++) if (verdictOf(draw()) === "not-worse") found++;
  return found / cases;
}

/** The verdict; for yes-no metrics without the power, which takes most of the time. */
function verdictOf({ metric, old, tuned, margin }: Case): NonInferiority {
  if (!metricKinds[metric].isYesNo)
    return judgeNotWorse(scoreOf(metric, rowsOf(old)), scoreOf(metric, rowsOf(tuned)), margin, fewDraws)
      .verdict;
  const areRight = (values: readonly number[]): boolean[] => values.map((value) => value === 1);
  return nonInferiority(pairedDifference(countPairs(areRight(old), areRight(tuned))), margin);
}

describe("a new model that is worse by exactly the margin", () => {
  // the seeds of `unseen` were not used while the method was chosen
  test.each([
    ["yes or no", yesNoCase, 1, 2000],
    ["yes or no, unseen", yesNoCase, 90_001, 2000],
    ["graded", gradedCase, 2, 100],
    ["graded, unseen", gradedCase, 90_002, 100],
  ] as const)("is seldom called not worse: %s", (_, draw, seed, cases) => {
    const random = mulberry32(seed);
    const share = shareNotWorse(cases, () => draw(random, true));
    console.info(`wrong "not worse": ${(100 * share).toFixed(2)} % of ${cases}`);
    expect(share).toBeLessThanOrEqual(0.05);
  });
});

/** Cases of graded scores. */
const graded = 200;

describe("two equally good models", () => {
  const shown = (draw: () => boolean, cases: number): number => {
    let found = 0;
    for (let at = 0; at < cases; at++) if (draw()) found++;
    return found / cases;
  };

  test.each([
    [100, { margin: 0.1, flips: 0.12, accuracy: 0.8 }],
    [400, { margin: 0.05, flips: 0.12, accuracy: 0.9 }],
    [400, { margin: 0.02, flips: 0.06, accuracy: 0.5 }],
    [1000, { margin: 0.05, flips: 0.3, accuracy: 0.8 }],
    // unseen while the method was chosen
    [150, { margin: 0.07, flips: 0.2, accuracy: 0.7 }],
    [620, { margin: 0.03, flips: 0.09, accuracy: 0.9 }],
  ])("are shown to be with the power that is promised: %s rows, %o", (rows, models) => {
    const random = mulberry32(rows);
    const { margin, flips, accuracy } = models;
    const share = shown(() => {
      const [old, tuned]: number[][] = [[], []];
      for (let row = 0; row < rows; row++) {
        const draw = random();
        const isBoth = draw >= flips && draw < flips / 2 + accuracy;
        old?.push(draw < flips / 2 || isBoth ? 1 : 0);
        tuned?.push((draw >= flips / 2 && draw < flips) || isBoth ? 1 : 0);
      }
      const counts = countPairs(
        (old ?? []).map((one) => one === 1),
        (tuned ?? []).map((one) => one === 1),
      );
      return nonInferiority(pairedDifference(counts), margin) === "not-worse";
    }, 1000);
    const promised = nonInferiorityPower(rows, models);
    console.info(`power promised ${(100 * promised).toFixed(1)} %, found ${(100 * share).toFixed(1)} %`);
    expect(Math.abs(share - promised)).toBeLessThan(0.05);
  });

  test.each([
    [200, 0.05, 0.2, 1],
    [300, 0.04, 0.25, 0.5], // unseen
  ])("for graded scores too: %s rows, margin %s, %s differ by %s", (rows, margin, flips, step) => {
    const random = mulberry32(rows + 1);
    const share = shown(() => {
      const old = Array.from({ length: rows }, () => 0.5);
      const tuned = old.map(() => {
        const draw = random();
        return 0.5 + (draw < flips / 2 ? -step / 2 : draw < flips ? step / 2 : 0);
      });
      const judged = judgeNotWorse(
        scoreOf("json_match", rowsOf(old)),
        scoreOf("json_match", rowsOf(tuned)),
        margin,
        fewDraws,
      );
      return judged.verdict === "not-worse";
    }, graded);
    const promised = spreadPower(rows, margin, Math.sqrt(flips) * (step / 2));
    console.info(`power promised ${(100 * promised).toFixed(1)} %, found ${(100 * share).toFixed(1)} %`);
    expect(Math.abs(share - promised)).toBeLessThan(
      0.05 + 2 * Math.sqrt((promised * (1 - promised)) / graded),
    );
  });
});

describe("rows that would show it", () => {
  test("are the smallest number with a power of 80 %", () => {
    const models = { margin: 0.05, flips: 0.12, accuracy: 0.8 };
    const rows = rowsForNonInferiority(models) ?? 0;
    expect(nonInferiorityPower(rows, models)).toBeGreaterThanOrEqual(0.8);
    expect(nonInferiorityPower(Math.floor(rows * 0.97), models)).toBeLessThan(0.8);
    expect(rows).toBeGreaterThan(350);
    expect(rows).toBeLessThan(420);
  });

  test("are stated before any model was compared: more for a small margin and for models that differ often", () => {
    const [few, usual, many] = rowsForMargin(0.05).map(({ rows }) => rows ?? 0);
    expect(rowsForNonInferiority({ margin: 0.05, flips: 0.1, accuracy: 0.6 })).toBeCloseTo(usual ?? 0, -2);
    expect(few).toBeLessThan((usual ?? 0) / 1.5);
    expect(many).toBeGreaterThan(1.5 * (usual ?? 0));
    expect(rowsForMargin(0.005).map(({ rows }) => rows === null)).toEqual([false, true, true]);
  });

  test("are not named above 20,000", () => {
    expect(rowsForNonInferiority({ margin: 0.001, flips: 0.2, accuracy: 0.8 })).toBeNull();
    expect(rowsForSpread(0.001, 0.5)).toBeNull();
    const rows = rowsForSpread(0.02, 0.3) ?? 0;
    expect(spreadPower(rows, 0.02, 0.3)).toBeGreaterThanOrEqual(0.8);
    expect(spreadPower(rows - 1, 0.02, 0.3)).toBeLessThan(0.8);
  });
});

describe("a verdict", () => {
  const same = (count: number, value: number) => scoreOf("exact_match", rowsOf(Array(count).fill(value)));

  test("needs rows: agreement on few of them shows nothing", () => {
    expect(judgeNotWorse(same(1, 1), same(1, 1), 0.05)).toMatchObject({
      verdict: "unclear",
      rowsNeeded: null,
    });
    expect(judgeNotWorse(same(20, 1), same(20, 1), 0.05).verdict).toBe("unclear");
    expect(judgeNotWorse(same(500, 1), same(500, 1), 0.05).verdict).toBe("not-worse");
  });

  test("is worse where even the best end of the interval loses more than the margin", () => {
    const judged = judgeNotWorse(same(200, 1), same(200, 0), 0.05);
    expect(judged).toMatchObject({ verdict: "worse", old: 1, tuned: 0, rows: 200 });
  });

  test("rests on a lost row where scores are graded", () => {
    const graded = scoreOf("json_match", rowsOf(Array(40).fill(1)));
    const { gain, verdict } = judgeNotWorse(graded, graded, 0.05);
    expect(verdict).toBe("unclear");
    expect(gain?.low).toBeLessThan(-2 / 40);
  });

  test("is not given for a metric without points", () => {
    const loss = scoreOf("perplexity", rowsOf([1, 2]));
    expect(() => judgeNotWorse(loss, loss, 0.05)).toThrow("does not fit perplexity");
  });
});
