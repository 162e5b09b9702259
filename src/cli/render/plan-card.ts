/**
 * @file The plan as one screen: what it trains, what it takes, whether the budget covers it.
 */
import type { Plan } from "../../plan/index.ts";
import {
  bytesText,
  countText,
  type Range,
  type Seconds,
  seconds,
  secondsText,
  type Usd,
  usdText,
} from "../../quantity/index.ts";
import { tableText } from "./table.ts";

/** The card as text lines. */
export function planCard(plan: Plan): string {
  const { model, data, schedule, memory, time, cost } = plan;
  const share = (100 * model.trainedParameters) / model.parameters;
  const heads = [
    `${data.trainRows} training, ${data.validationRows} validation, ${data.testRows} test rows`,
    `${countText(data.tokensPerEpoch)} tokens an epoch, ${countText(data.labelledTokensPerEpoch)} of them with loss`,
    `longest row ${data.longestTokens}`,
  ];
  const trained = `${countText(model.trainedParameters)} of ${countText(model.parameters)} parameters trained`;
  const rows = [
    ["data", heads.join("; ")],
    [
      "model",
      `${model.source} (${model.family}), LoRA rank ${model.rank}, ${trained} (${share.toFixed(1)} %)`,
    ],
    ["steps", `${schedule.steps} (${rounded(schedule.epochs)} epochs), ${countText(schedule.tokens)} tokens`],
    ["memory", memoryLine(memory)],
    ["", `rule of thumb 12 GB per billion (full fine-tuning): ${bytesText(memory.ruleOfThumbBytes)}`],
    ["time", secondsRange(time.seconds)],
    ["", time.parts.map(({ name, seconds: part }) => `${name} ${secondsText(part.expected)}`).join(", ")],
    ["cost", `${usdRange(cost.usd)} at ${usdText(cost.usdPerHour)} an hour (${cost.priceSource})`],
    ["budget", budgetLine(plan)],
  ];
  return tableText([{ head: "" }, { head: "" }], rows);
}

function memoryLine({ peakBytes, peakPhase, biggestTerm, fits, usableBytes }: Plan["memory"]): string {
  const { low, expected, high } = peakBytes;
  const peak = `${bytesText(expected)} (${bytesText(low)}-${bytesText(high)})`;
  const verdict = fits === "yes" ? "fits" : fits === "tight" ? "may not fit" : "does not fit";
  return `${peak} peak, in ${peakPhase}, most of it ${biggestTerm}; ${verdict} into ${bytesText(usableBytes)}`;
}

function budgetLine({ budget, time }: Plan): string {
  const caps = [
    budget.capUsd === null ? null : usdText(budget.capUsd),
    budget.capSeconds === null ? null : secondsText(budget.capSeconds),
  ].filter((cap) => cap !== null);
  if (caps.length === 0) return `none; ${secondsText(time.seconds.high)} would cover the high end`;
  const share =
    budget.expectedShare === null ? "" : `, expected ${Math.round(100 * budget.expectedShare)} % of it`;
  const words = {
    high: "covers the high end",
    expected: "covers the expected time, not the high end",
    low: "covers a lucky run only",
    nothing: "does not cover the run",
    "no-cap": "",
  }[budget.covers];
  return `cap ${caps.join(" and ")}${share}; ${words}`;
}

/** `3 min 20 s (2 min 50 s-4 min)` */
export function secondsRange({ low, expected, high }: Range<Seconds>): string {
  return `${secondsText(expected)} (${secondsText(low)}-${secondsText(high)})`;
}

/** `$0.05 (0.04-0.07)` */
export function usdRange({ low, expected, high }: Range<Usd>): string {
  return low === high ? usdText(expected) : `${usdText(expected)} (${usdText(low)}-${usdText(high)})`;
}

function rounded(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** The plan as a Markdown table, for pull requests. */
export function planMarkdown(plan: Plan): string {
  const { memory, time, cost, schedule } = plan;
  return [
    `### Plan for ${plan.name}`,
    "",
    "| | expected | low | high |",
    "| --- | ---: | ---: | ---: |",
    `| memory peak | ${bytesText(memory.peakBytes.expected)} | ${bytesText(memory.peakBytes.low)} | ${bytesText(memory.peakBytes.high)} |`,
    `| time | ${secondsText(seconds(time.seconds.expected))} | ${secondsText(time.seconds.low)} | ${secondsText(time.seconds.high)} |`,
    `| cost | ${usdText(cost.usd.expected)} | ${usdText(cost.usd.low)} | ${usdText(cost.usd.high)} |`,
    "",
    `${schedule.steps} steps, ${countText(schedule.tokens)} tokens. Budget: ${budgetLine(plan)}.`,
  ].join("\n");
}
