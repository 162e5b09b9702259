/**
 * @file The forgetting guard: whether the tuned model lost abilities of the base model, judged by limits and
 *   confidence intervals.
 */
import { countOf } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";
import type { ForgettingGate } from "../recipe/index.ts";
import { type GateCheck, type GateVerdict, judgeMeasures, type MeasureVerdicts } from "./gate.ts";

/** What can be measured. */
export type ForgettingMeasure = "perplexity" | "tasks" | "kl" | "regression-prompts";

/** A measured loss of ability, with its confidence interval and limit. */
export interface MeasuredLoss {
  /** Above 0 if something was lost. */
  readonly value: number;
  /** 95 % confidence interval; `null` if there are too few measurements. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly limit: number;
}

/** Input of the forgetting guard; a measure is `null` if it was not measured or has no limit. */
export interface ForgettingState {
  /** Relative rise of perplexity. */
  readonly perplexity: MeasuredLoss | null;
  /** Drop in the share of correct answers. */
  readonly tasks: MeasuredLoss | null;
  /** KL divergence in nats per position. */
  readonly kl: MeasuredLoss | null;
  /** Regression prompts that passed before, and how many of them no longer do. */
  readonly regressionPrompts: { readonly worked: number; readonly broken: number } | null;
}

/** The verdict, overall and for each measure. */
export type ForgettingCheck = GateCheck<ForgettingMeasure>;

/**
 * Checks whether abilities were forgotten.
 *
 * A measure fails if its whole interval is beyond the limit and passes if its whole interval is within it.
 * Regression prompts are not a sample: a single broken one fails.
 *
 * @source gates reference, section 2.4; the rule of a non-inferiority test: Piaggio et al. 2012, JAMA 308(24)
 */
export function checkForgetting(state: ForgettingState): ForgettingCheck {
  const measures: Partial<Record<ForgettingMeasure, GateVerdict>> = {};
  for (const name of ["perplexity", "tasks", "kl"] as const) {
    const loss = state[name];
    if (loss !== null) measures[name] = checkLoss(loss);
  }
  if (state.regressionPrompts !== null)
    measures["regression-prompts"] = state.regressionPrompts.broken > 0 ? "fail" : "pass";
  return judgeMeasures(measures, openings, (verdict) => partsOf(verdict, measures, state));
}

/** Checks one small sample during training; `warned` reports each measure once. */
export function checkForgettingSample(
  step: number,
  perplexity: MeasuredLoss,
  gate: ForgettingGate,
  warned: boolean,
): Verdict {
  if (gate === "off" || warned || checkLoss(perplexity) !== "fail") return { act: "go-on" };
  const sentence = `At step ${step} ${phrases.perplexity(perplexity)}, on a small sample.`;
  return { act: "warn", guard: "forgetting", sentence };
}

function checkLoss({ interval, limit }: MeasuredLoss): GateVerdict {
  if (interval === null) return "cannot-tell";
  if (interval.low > limit) return "fail";
  return interval.high <= limit ? "pass" : "cannot-tell";
}

/** Text on each measure, with its numbers. */
const phrases: Readonly<Record<"perplexity" | "tasks" | "kl", (loss: MeasuredLoss) => string>> = {
  perplexity: (loss) =>
    `perplexity of general text is ${way(loss.value, "up", "down")} by ${percent(Math.abs(loss.value))} %${around(loss, percent)}`,
  tasks: (loss) =>
    `right answers are ${way(loss.value, "down", "up")} by ${percent(Math.abs(loss.value))} points${around(loss, percent)}`,
  kl: (loss) => `the next words are ${nats(loss.value)} nats from the base model's${around(loss, nats)}`,
};

const openings: Readonly<Record<GateVerdict, string>> = {
  fail: "The tuned model forgot",
  pass: "Nothing was forgotten beyond the limits",
  "cannot-tell": "Whether something was forgotten cannot be told",
};

function partsOf(
  verdict: GateVerdict,
  measures: MeasureVerdicts<ForgettingMeasure>,
  state: ForgettingState,
): string[] {
  const phrased = (["perplexity", "tasks", "kl"] as const).flatMap((name) => {
    const loss = state[name];
    return loss !== null && measures[name] === verdict ? [phrases[name](loss)] : [];
  });
  const prompts = state.regressionPrompts;
  if (prompts === null || prompts.broken === 0) return phrased;
  const broken = `${prompts.broken} of ${countOf(prompts.worked, "regression prompt")} broke`;
  return [broken, ...phrased];
}

function way(value: number, lost: string, won: string): string {
  return value < 0 ? won : lost;
}

/** ` (6.0 to 10.3, allowed 5.0)` */
function around({ interval, limit }: MeasuredLoss, text: (value: number) => string): string {
  const bounds = interval === null ? "" : `${text(interval.low)} to ${text(interval.high)}, `;
  return ` (${bounds}allowed ${text(limit)})`;
}

function percent(share: number): string {
  const text = (100 * share).toFixed(1);
  return text === "-0.0" ? "0.0" : text;
}

function nats(value: number): string {
  return value.toPrecision(2);
}
