/** @file What the progress line knows: run events folded into a few numbers. Pure. */
import type { EventBody } from "../../run/index.ts";

/** Steps over which speed is averaged. */
const RECENT = 20;
/** Losses kept for the curve. */
const CURVE = 200;

/** How a run stands, as far as events told. Times are milliseconds of the console's own clock. */
export interface ProgressState {
  readonly runId: string;
  readonly step: number;
  readonly steps: number;
  readonly losses: readonly number[];
  readonly spentMicroUsd: number;
  /** Ends of the latest steps: when, and how many tokens. */
  readonly recent: readonly { readonly at: number; readonly tokens: number }[];
  readonly phase: { readonly name: string; readonly done: number; readonly total: number } | null;
}

/** Nothing heard yet. */
export const noProgress: ProgressState = {
  runId: "",
  step: 0,
  steps: 0,
  losses: [],
  spentMicroUsd: 0,
  recent: [],
  phase: null,
};

/** The state after one more event. */
export function advance(state: ProgressState, event: EventBody, at: number): ProgressState {
  switch (event.kind) {
    case "run-start":
      return {
        ...noProgress,
        runId: event.runId,
        step: event.resumedFromStep,
        steps: event.steps,
        recent: [{ at, tokens: 0 }],
      };
    case "step-end":
      return {
        ...state,
        step: event.step,
        steps: event.steps,
        losses: [...state.losses.slice(1 - CURVE), event.loss],
        spentMicroUsd: event.spentMicroUsd,
        recent: [...state.recent.slice(-RECENT), { at, tokens: event.tokens }],
        phase: null,
      };
    case "phase":
      // What comes before the first step is no training time either.
      return {
        ...state,
        phase: { name: event.name, done: event.done, total: event.total },
        recent: [{ at, tokens: 0 }],
      };
    case "evaluation-end":
    case "forgetting-measured":
    case "checkpoint-saved":
      // The pause is not training time: speed is measured anew from here.
      return { ...state, phase: null, recent: [{ at, tokens: 0 }] };
    case "run-end":
      return { ...state, spentMicroUsd: event.spentMicroUsd, phase: null };
    default:
      return state;
  }
}

/** Tokens per second over the latest steps, or `null` before the first. */
export function tokensPerSecond({ recent }: ProgressState): number | null {
  const seconds = recentSeconds(recent);
  if (seconds === null) return null;
  const tokens = recent.slice(1).reduce((sum, step) => sum + step.tokens, 0);
  return tokens / seconds;
}

/** Seconds until the last step at the latest speed; evaluations to come are not counted. */
export function secondsLeft({ recent, step, steps }: ProgressState): number | null {
  const seconds = recentSeconds(recent);
  return seconds === null ? null : (seconds / (recent.length - 1)) * Math.max(0, steps - step);
}

function recentSeconds(recent: ProgressState["recent"]): number | null {
  const first = recent[0];
  const last = recent[recent.length - 1];
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  return (last.at - first.at) / 1000;
}
