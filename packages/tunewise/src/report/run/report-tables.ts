/** @file Tables of a report. */

import { bytesText, type Range, secondsText, usdText } from "@tunewise/core/quantity";
import { coverageText, metricKinds } from "../../evaluate/index.ts";
import { type Table, table } from "../document/table.ts";
import {
  differenceText,
  intervalText,
  lossText,
  percent,
  pValueText,
  rangeText,
  scoreText,
  shortCountText,
  wholeText,
} from "../figure-text.ts";
import type { CurvePoint, Figure, RunReport, ScoreLine, ShownScore } from "./report.ts";
import { isUnpriced } from "./sentences.ts";

/** Base and tuned model, one row per metric. */
export function scoreTable(scores: readonly ScoreLine[]): Table {
  const titles = ["metric", "#base", "#tuned", "#difference", "#95 % interval of the difference", "#rows"];
  return table(
    titles,
    scores.map(({ metric, base, tuned, comparison }) => [
      `${metricKinds[metric].title}${metricKinds[metric].higherIsBetter ? "" : " (lower is better)"}`,
      base ? scoreText(metric, base.value) : "-",
      scoreText(metric, tuned.value),
      comparison ? differenceText(metric, comparison.difference) : "-",
      comparison ? intervalText(metric, comparison.interval) : "-",
      judgedText(tuned),
    ]),
  );
}

/** Rows of a score, and how many could not be scored. */
function judgedText(score: ShownScore): string {
  const left = coverageText(score);
  return left === "" ? wholeText(score.rows) : `${wholeText(score.rows)}, ${left}`;
}

/** Paired comparison of base and tuned model, one sentence per metric. */
export function pairedNotes(scores: readonly ScoreLine[]): string[] {
  return scores.flatMap(({ metric, comparison }) => {
    if (!comparison?.counts) return [];
    const { onlyBase, onlyTuned, both, neither } = comparison.counts;
    const p = comparison.pValue === null ? "" : `, exact McNemar p ${pValueText(comparison.pValue)}`;
    const unclear =
      comparison.verdict === "unclear" && comparison.detectable !== null
        ? ` These rows show a difference from about ${percent(comparison.detectable)} points on.`
        : "";
    const counts =
      `${wholeText(onlyTuned)} right only when tuned, ${wholeText(onlyBase)} right only in the base model, ` +
      `${wholeText(both)} in both, ${wholeText(neither)} in neither`;
    return [`The same rows compared by ${metricKinds[metric].title}: ${counts}${p}.${unclear}`];
  });
}

/** Plan and actual run. */
export function figureTable({ figures, budget }: RunReport): Table {
  const rate = (value: number): string => `${wholeText(value)} tokens/s`;
  return table(
    ["", "#planned (likely range)", "#actual", "against the plan"],
    [
      figureRow("time", figures.wall, secondsText),
      ...(isUnpriced(budget) ? [] : [figureRow("cost", figures.cost, usdText)]),
      figureRow("peak memory", figures.memoryBytesPeak, bytesText),
      figureRow("optimizer steps", figures.steps, wholeText),
      figureRow("tokens trained on", figures.tokens, shortCountText),
      figureRow("speed", figures.tokensPerSecond, rate),
    ],
  );
}

function figureRow<Quantity extends number>(
  name: string,
  figure: Figure<Quantity>,
  text: (value: Quantity) => string,
): string[] {
  const { planned, actual } = figure;
  return [
    name,
    planned === null ? "-" : rangeText(planned, text),
    actual === null ? "not measured" : text(actual),
    planned === null || actual === null ? "-" : againstPlan(planned, actual),
  ];
}

/** `inside the range`, or the deviation from the expected value. */
function againstPlan(planned: Range<number>, actual: number): string {
  if (actual >= planned.low && actual <= planned.high) {
    return planned.low === planned.high ? "as planned" : "inside the range";
  }
  const edge = actual < planned.low ? planned.low : planned.high;
  const side = actual < planned.low ? "below" : "above";
  if (edge === 0) return `${side} the plan`;
  return `${side} ${
    planned.low === planned.high ? "the plan" : "the range"
  } by ${offText(actual / edge - 1)}`;
}

function offText(share: number): string {
  const percent = Math.abs(100 * share);
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Rows and lengths of each data split. */
export function splitTable({ data }: RunReport): Table {
  return table(
    ["part", "#rows", "#tokens", "#with loss", "#median length", "#longest", "#cut", "#left out"],
    data.splits.map(({ name, statistics }) => [
      name,
      wholeText(statistics.rows),
      shortCountText(statistics.tokens),
      shortCountText(statistics.labelledTokens),
      wholeText(statistics.total.p50),
      wholeText(statistics.total.max),
      wholeText(statistics.truncated),
      wholeText(statistics.dropped + statistics.unusable),
    ]),
  );
}

/** Maximum rows of the table below a chart. */
const curveRowsMax = 40;

/**
 * The loss curves as a table: training loss as the mean since the previous row, and validation loss where it was
 * measured.
 */
export function curveTable({ curves }: RunReport): Table {
  const steps = tableSteps(curves.train, curves.validation);
  const validation = new Map(curves.validation.map((point) => [point.step, point.loss]));
  let before = Number.NEGATIVE_INFINITY;
  const rows = steps.map((step) => {
    const since = curves.train.filter((point) => point.step > before && point.step <= step);
    before = step;
    const mean = since.reduce((sum, point) => sum + point.loss, 0) / since.length;
    const measured = validation.get(step);
    return [
      wholeText(step),
      since.length ? lossText(mean) : "-",
      measured === undefined ? "-" : lossText(measured),
      step === curves.keptStep ? "kept" : "",
    ];
  });
  return table(["#step", "#training loss", "#validation loss", ""], rows);
}

/** Steps of the evaluations, with evenly spaced steps if there are few. */
function tableSteps(train: readonly CurvePoint[], validation: readonly CurvePoint[]): number[] {
  const spread = (points: readonly CurvePoint[], count: number): number[] =>
    Array.from({ length: Math.min(count, points.length) }, (_, i) => {
      const at = Math.ceil(((i + 1) * points.length) / Math.min(count, points.length)) - 1;
      return points[at]?.step ?? 0;
    });
  const evaluated = spread(validation, curveRowsMax);
  const besides = evaluated.length >= 10 ? [] : spread(train, 20);
  return [...new Set([...evaluated, ...besides])].sort((a, b) => a - b);
}
