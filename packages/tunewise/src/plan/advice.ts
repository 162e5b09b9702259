/** @file Advice on a plan: findings with numbers and one fix each. */

import { bytesText, countOf, secondsText, usdText } from "@tunewise/core/quantity";
import type { Finding, Severity } from "../problem/index.ts";
import { adviceConstants as k } from "./constants.ts";
import type { PlanInput } from "./input.ts";
import { memorySentence } from "./local/memory.ts";
import type { Plan } from "./plan.ts";

/** A plan before its advice. */
export type BarePlan = Omit<Plan, "findings" | "fingerprint">;

/**
 * Returns advice on a plan, errors first.
 *
 * Codes: `TRAIN_EMPTY`, `MEMORY_TOO_SMALL`, `MEMORY_TIGHT`, `BUDGET_TOO_SMALL`, `BUDGET_TIGHT`, `LENGTH_OVER_CONTEXT`,
 * `TARGETS_UNKNOWN`, `VALIDATION_TOO_SMALL`, `TEST_TOO_SMALL`, `PADDING_WASTEFUL`, `FORGETTING_COSTLY`,
 * `RATE_NOT_MEASURED`, `BUDGET_BELOW_TOTAL`, `GAIN_UNSEEN`, `BASELINES_FIRST`, `SPEED_IMPOSSIBLE`, `MACHINE_BUSY`.
 */
export function advise(plan: BarePlan, input: PlanInput): Finding[] {
  const order: readonly Severity[] = ["error", "warning", "note"];
  return [
    ...dataAdvice(plan, input),
    ...memoryAdvice(plan),
    ...budgetAdvice(plan),
    ...rowAdvice(plan, input),
    ...forgettingAdvice(plan, input),
    ...speedAdvice(plan, input),
    ...busyAdvice(input),
    ...placeAdvice(plan, input),
  ].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function dataAdvice({ data, model }: BarePlan, { recipe, model: shape }: PlanInput): Finding[] {
  const found: Finding[] = [];
  if (data.trainRows === 0) {
    found.push(
      finding(
        "error",
        "TRAIN_EMPTY",
        "no training rows",
        "There is no row to train on.",
        "Check data.train.",
      ),
    );
  }
  if (model.targets.length === 0) {
    const known = shape.projections.map(({ name }) => name).join(", ");
    const detail = `method.targets names none of ${known}.`;
    found.push(
      finding("error", "TARGETS_UNKNOWN", "nothing to train", detail, "Set method.targets to all-linear."),
    );
  }
  if (data.longestTokens > shape.contextLength) {
    const detail = `The longest row has ${countOf(data.longestTokens, "token")}, but the context is ${shape.contextLength}.`;
    const fix = `Set data.max_length to ${Math.min(shape.contextLength, recipe.data.maxLength)}.`;
    found.push(
      finding("warning", "LENGTH_OVER_CONTEXT", "rows longer than the model's context", detail, fix),
    );
  }
  return found;
}

function memoryAdvice({ memory, schedule, places, best }: BarePlan): Finding[] {
  if (memory.fits === "yes") return [];
  const elsewhere = best === null ? undefined : places[best];
  const { peakBytes, usableBytes } = memory;
  const fix =
    schedule.recompute === "none"
      ? "Set training.gradient_checkpointing to layer."
      : "Lower training.batch_size or data.max_length.";
  const detail =
    `${memorySentence(memory)}; up to ${bytesText(peakBytes.high)}. ` +
    `${bytesText(usableBytes)} are usable.`;
  if (memory.fits === "no" && elsewhere) {
    const away = `Rent ${elsewhere.name} (${elsewhere.provider}), or use a smaller model.`;
    return [finding("warning", "MEMORY_TOO_SMALL", "the run does not fit into this machine", detail, away)];
  }
  return memory.fits === "no"
    ? [finding("error", "MEMORY_TOO_SMALL", "the run does not fit into memory", detail, fix)]
    : [finding("warning", "MEMORY_TIGHT", "the run may not fit into memory", detail, fix)];
}

function budgetAdvice({ budget, time, schedule }: BarePlan): Finding[] {
  const { covers, allowedSeconds, expectedShare, enoughSeconds, enoughUsd } = budget;
  if (allowedSeconds === null || covers === "high") return [];
  const cap =
    budget.capUsd !== null && allowedSeconds !== budget.capSeconds
      ? `budget.usd to ${(enoughUsd / 1e6).toFixed(2)}`
      : `budget.minutes to ${enoughSeconds / 60}`;
  const { expected, high } = time.seconds;
  const caps = [secondsText(allowedSeconds), ...(budget.capUsd === null ? [] : [usdText(budget.capUsd)])];
  const detail =
    `The run takes ${secondsText(expected)}, at most ${secondsText(high)}; ` +
    `the cap allows ${caps.join(" or ")}.`;
  if (covers === "expected") {
    const severity = (expectedShare ?? 0) > k.tightShare ? "warning" : "note";
    return [
      finding(severity, "BUDGET_TIGHT", "the cap may stop the run before its end", detail, `Set ${cap}.`),
    ];
  }
  const steps = stepsWithin(allowedSeconds, time, schedule.steps);
  const fix = steps > 0 ? `Set ${cap}, or training.steps to ${steps}.` : `Set ${cap}.`;
  return [finding("warning", "BUDGET_TOO_SMALL", "the cap stops the run before its end", detail, fix)];
}

/** Number of steps that fit into the cap, after the time for everything except training. */
function stepsWithin(allowed: number, time: BarePlan["time"], steps: number): number {
  const training = time.parts.find(({ name }) => name === "train")?.seconds.expected ?? 0;
  const rest = time.seconds.expected - training;
  return training > 0 ? Math.max(0, Math.floor((steps * (allowed - rest)) / training)) : 0;
}

function rowAdvice({ data }: BarePlan, { judging, recipe }: PlanInput): Finding[] {
  const found: Finding[] = [];
  const { validationRows, testRows } = data;
  if (
    validationRows > 0 &&
    validationRows < k.fewValidationRows &&
    recipe.training.checkpointSelection === "best"
  ) {
    const detail = `${countOf(validationRows, "row")} select the best checkpoint, so the choice is largely chance.`;
    const fix = `Give at least ${k.fewValidationRows} validation rows, or set training.checkpoint_selection to last.`;
    found.push(finding("warning", "VALIDATION_TOO_SMALL", "few validation rows", detail, fix));
  }
  return [...found, ...testRowsAdvice(judging.detectableEffect, testRows)];
}

/**
 * `TEST_TOO_SMALL`: the minimum detectable effect of the test rows.
 *
 * @param effect minimum detectable effect as a share; `null`: no metric has correct and wrong answers
 */
export function testRowsAdvice(effect: number | null, testRows: number): Finding[] {
  if (effect === null || testRows === 0) return [];
  const severity = effect > k.coarseEffect ? "warning" : "note";
  const points = (effect * 100).toFixed(effect < 0.1 ? 1 : 0);
  const detail = `${countOf(testRows, "test row")} can show a gain of ${points} points or more with a power of 80 %.`;
  const fix = "Give more test rows to detect smaller gains.";
  return [finding(severity, "TEST_TOO_SMALL", "what the test rows can show", detail, fix)];
}

/** Suggests row limits that reduce the measurement to an acceptable share of the run. */
function forgettingAdvice({ time }: BarePlan, { recipe: { forgetting } }: PlanInput): Finding[] {
  const part = time.parts.find(({ name }) => name === "forgetting");
  const share = part ? part.seconds.expected / time.seconds.expected : 0;
  if (share <= k.expensiveForgetting) return [];
  const detail = `Measuring forgetting takes ${Math.round(100 * share)} % of the run (${part?.reason}).`;
  // factor that reduces the measurement to that share of the run
  const factor = (k.expensiveForgetting * (1 - share)) / ((1 - k.expensiveForgetting) * share);
  const fewer = (rows: number | null, least: number): number =>
    rows === null ? least : Math.min(rows, Math.max(least, Math.round(factor * rows)));
  const { text, tasks, prompts } = forgetting.rows;
  const rows = `{ text: ${fewer(text, 5)}, tasks: ${fewer(tasks, 20)}, prompts: ${fewer(prompts, 4)} }`;
  const fix = `For about ${Math.round(100 * k.expensiveForgetting)} %: forgetting: { rows: ${rows}, every_checkpoint: false }; for none: forgetting: { measure: false }`;
  return [
    finding(
      share > k.halfForgetting ? "warning" : "note",
      "FORGETTING_COSTLY",
      "measuring forgetting takes a large share of the run",
      detail,
      fix,
    ),
  ];
}

/** Warns if the speed was measured under load. */
function busyAdvice({ machine: { busy } }: PlanInput): Finding[] {
  if (!busy) return [];
  const slower = 1 / Math.max(0.01, busy.processorShare);
  if (slower < k.busySlower) return [];
  const load = busy.load === null ? "other programs are running" : `load ${Number(busy.load.toPrecision(2))}`;
  const detail =
    `${countOf(busy.cores, "core")}, ${load}: times measured now are about ${slower.toPrecision(2)} times as long ` +
    "as on an idle machine.";
  const fix = "Plan again when other programs have finished, or run on another machine.";
  return [finding("warning", "MACHINE_BUSY", "speed was measured on a busy machine", detail, fix)];
}

function speedAdvice({ work, time }: BarePlan, { recipe }: PlanInput): Finding[] {
  const found: Finding[] = [];
  if (work.paddedShare > k.wastefulPadding && recipe.training.batching === "shuffle") {
    const detail = `${Math.round(work.paddedShare * 100)} % of the attention grid is padding.`;
    const fix = "Set training.batching to length.";
    found.push(finding("note", "PADDING_WASTEFUL", "much of the attention grid is padding", detail, fix));
  }
  if (!time.isRateMeasured) {
    const detail = "The time is estimated from the number of threads. A measured speed narrows it.";
    found.push(finding("note", "RATE_NOT_MEASURED", "speed not measured", detail, "Run: tunewise plan"));
  }
  return found;
}

/** Advice on placement and total cost. */
function placeAdvice(plan: BarePlan, input: PlanInput): Finding[] {
  return [...totalAdvice(plan), ...gainAdvice(plan, input), ...measuredSpeedAdvice(plan, input)];
}

function totalAdvice({ places, best, budget, baselines }: BarePlan): Finding[] {
  const place = best === null ? undefined : places[best];
  if (!place?.total) return [];
  const found: Finding[] = [];
  const { p50, p90 } = place.total;
  if (budget.capUsd !== null && budget.capUsd < p50) {
    const detail =
      `The cap of ${usdText(budget.capUsd)} is below the median total cost on ${place.name}, ${usdText(p50)}. ` +
      `In nine of ten outcomes the total is below ${usdText(p90)}.`;
    const fix = `Set budget.usd to ${(Math.ceil(p90 / 1e4) / 100).toFixed(2)}, or request fewer seeds and trials.`;
    found.push(
      finding("warning", "BUDGET_BELOW_TOTAL", "the budget covers one run, not the total", detail, fix),
    );
  }
  const [cheapest] = baselines;
  if (cheapest && cheapest.usd < p50) {
    const detail =
      `Prompting ${cheapest.name} on the test rows, plain and with examples, costs ${usdText(cheapest.usd)}; ` +
      `the fine-tune costs ${usdText(p50)} in total.`;
    found.push(
      finding(
        "note",
        "BASELINES_FIRST",
        "try the cheaper alternatives first",
        detail,
        "Compare before training.",
      ),
    );
  }
  return found;
}

/**
 * Warns if there are too few test rows for the expected gain.
 *
 * @source the minimum detectable effect of two proportions falls with the square root of the number of rows
 */
function gainAdvice({ data }: BarePlan, { judging, recipe }: PlanInput): Finding[] {
  const { gain } = recipe.plan;
  const visible = judging.detectableEffect;
  if (gain === null || gain <= 0 || visible === null || visible <= gain) return [];
  const enough = Math.ceil(data.testRows * (visible / gain) ** 2);
  const points = (share: number): string => (100 * share).toFixed(1);
  const detail =
    `${countOf(data.testRows, "test row")} can show a gain of ${points(visible)} points or more with a power of ` +
    `80 %. The expected ${points(gain)} points would be lost in noise.`;
  return [
    finding(
      "warning",
      "GAIN_UNSEEN",
      "too few test rows for the gain",
      detail,
      `Give at least ${enough} test rows.`,
    ),
  ];
}

/** Rejects a user-provided speed that no device can reach. */
function measuredSpeedAdvice({ places }: BarePlan, { market, model, recipe }: PlanInput): Finding[] {
  const speed = recipe.plan.tokensPerSecond;
  if (speed === null) return [];
  const work = 4 * model.parameters.activeLinear;
  const fastest = market.machines.reduce((peak, { device }) => Math.max(peak, device.flopsPerSecond), 0);
  if (fastest === 0 || speed * work <= k.maxPeakShare * fastest) return [];
  const detail =
    `plan.tokens_per_second of ${speed} would need more than 95 % of the dense peak of every device among ` +
    `${countOf(places.length, "place")}.`;
  const fix = "Give the speed of one device, not counting padding.";
  return [finding("error", "SPEED_IMPOSSIBLE", "no device is that fast", detail, fix)];
}

function finding(severity: Severity, code: string, title: string, detail: string, fix: string): Finding {
  return { code, severity, title, detail, where: [], count: 1, fix };
}
