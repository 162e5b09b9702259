/**
 * @file The forgetting guard: whether the tuned model lost what the base model could do, by limits and intervals.
 */
import { countOf } from "../quantity/index.ts";
import type { ForgettingGate } from "../recipe/index.ts";
import type { Verdict } from "../run/index.ts";

/** `fail`: shown to be beyond the limit · `pass`: shown to be within · `cannot-tell`: neither; it is not a pass. */
export type ForgettingVerdict = "pass" | "fail" | "cannot-tell";

/** What can be measured. */
export type ForgettingMeasure = "perplexity" | "tasks" | "kl" | "must-still-work";

/** A loss with its interval and what is allowed. */
export interface MeasuredLoss {
  /** Above 0 where something was lost. */
  readonly value: number;
  /** 95 %; `null` where too little was measured for one. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly limit: number;
}

/** All that the guard looks at; `null`: not measured, or without a limit. */
export interface ForgettingState {
  /** Share by which perplexity rose. */
  readonly perplexity: MeasuredLoss | null;
  /** Share of right answers lost. */
  readonly tasks: MeasuredLoss | null;
  /** Nats per place. */
  readonly kl: MeasuredLoss | null;
  /** Prompts that worked before, and how many of them do not any more. */
  readonly musts: { readonly worked: number; readonly broken: number } | null;
}

/** The verdict, and that of each measure. */
export interface ForgettingJudgement {
  readonly verdict: ForgettingVerdict;
  readonly measures: Readonly<Partial<Record<ForgettingMeasure, ForgettingVerdict>>>;
  /** Numbers first. */
  readonly sentence: string;
}

/**
 * Judges what was forgotten.
 *
 * A measure fails where its whole interval lies beyond the limit and passes where its whole interval lies within.
 * A prompt that must still work is no sample: one that broke fails. The run fails if any measure does, and passes only
 * if all do.
 *
 * @source gates reference, section 2.4; the rule of a non-inferiority test: Piaggio et al. 2012, JAMA 308(24)
 */
export function checkForgetting(state: ForgettingState): ForgettingJudgement {
  const measures: Partial<Record<ForgettingMeasure, ForgettingVerdict>> = {};
  for (const name of ["perplexity", "tasks", "kl"] as const) {
    const loss = state[name];
    if (loss !== null) measures[name] = judgeLoss(loss);
  }
  if (state.musts !== null) measures["must-still-work"] = state.musts.broken > 0 ? "fail" : "pass";
  const verdicts = Object.values(measures);
  const verdict = verdicts.includes("fail")
    ? "fail"
    : verdicts.length > 0 && verdicts.every((one) => one === "pass")
      ? "pass"
      : "cannot-tell";
  return { verdict, measures, sentence: sentenceOf(verdict, measures, state) };
}

/** What the gate makes of a verdict: an event to show, or nothing. The run is over, so nothing is stopped. */
export function forgettingGate(judgement: ForgettingJudgement, gate: ForgettingGate): Verdict {
  const speaks = judgement.verdict === "fail" || (judgement.verdict === "cannot-tell" && gate === "strict");
  if (gate === "off" || !speaks) return { act: "go-on" };
  return { act: "warn", guard: "forgetting", sentence: judgement.sentence };
}

/** Whether the gate says no, so that a pipeline should not go on. */
export function isGateClosed(verdict: ForgettingVerdict, gate: ForgettingGate): boolean {
  if (gate === "fail") return verdict === "fail";
  return gate === "strict" && verdict !== "pass";
}

/** One look at a small sample during training; `warned` says each thing once. */
export function checkForgettingSample(
  step: number,
  perplexity: MeasuredLoss,
  gate: ForgettingGate,
  warned: boolean,
): Verdict {
  if (gate === "off" || warned || judgeLoss(perplexity) !== "fail") return { act: "go-on" };
  const sentence = `At step ${step} ${phrases.perplexity(perplexity)}, on a small sample.`;
  return { act: "warn", guard: "forgetting", sentence };
}

function judgeLoss({ interval, limit }: MeasuredLoss): ForgettingVerdict {
  if (interval === null) return "cannot-tell";
  if (interval.low > limit) return "fail";
  return interval.high <= limit ? "pass" : "cannot-tell";
}

/** What each measure says, with its numbers. */
const phrases: Readonly<Record<"perplexity" | "tasks" | "kl", (loss: MeasuredLoss) => string>> = {
  perplexity: (loss) =>
    `perplexity of general text is ${way(loss.value, "up", "down")} by ${percent(Math.abs(loss.value))} %${around(loss, percent)}`,
  tasks: (loss) =>
    `right answers are ${way(loss.value, "down", "up")} by ${percent(Math.abs(loss.value))} points${around(loss, percent)}`,
  kl: (loss) => `the next words are ${nats(loss.value)} nats from the base model's${around(loss, nats)}`,
};

function sentenceOf(
  verdict: ForgettingVerdict,
  measures: ForgettingJudgement["measures"],
  state: ForgettingState,
): string {
  const told = (["perplexity", "tasks", "kl"] as const).flatMap((name) => {
    const loss = state[name];
    return loss !== null && measures[name] === verdict ? [phrases[name](loss)] : [];
  });
  const musts = state.musts;
  const broken =
    musts !== null && musts.broken > 0
      ? [`${musts.broken} of ${countOf(musts.worked, "prompt")} that must still work do not any more`]
      : [];
  const opening = {
    fail: "The tuned model forgot",
    pass: "Nothing was forgotten beyond the limits",
    "cannot-tell": "Whether something was forgotten cannot be told",
  }[verdict];
  const parts = [...broken, ...told];
  return parts.length === 0 ? `${opening}.` : `${opening}: ${parts.join("; ")}.`;
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
