/** @file Progress of a run: one redrawn line in a terminal, otherwise plain lines or JSON lines. */

import { countOf, countText, type Seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import type { Console } from "../console.ts";
import { ESCAPE } from "./paint.ts";
import { sparkline } from "./sparkline.ts";
import { width } from "./table.ts";
import { harmlessText, plain } from "./terminal.ts";

/** Shows events as they occur. `close` restores the terminal line; call it after an error too. */
export interface Progress {
  show(event: EventBody): void;
  close(): void;
}

/** Interval between plain lines without events, in milliseconds. */
const PLAIN_EVERY = 30_000;
/** Minimum interval between redraws, in milliseconds; faster costs time on slow terminals. */
const REDRAW_EVERY = 100;

/** Selects JSON lines, quiet, terminal or plain progress, in this order. Only JSON goes to stdout. */
export function createProgress(console: Console, caps: Caps): Progress {
  if (console.json) return jsonProgress(console);
  if (console.quiet) return quietProgress(console);
  const { isTTY } = console.io.stderr;
  return isTTY && console.io.env.TERM !== "dumb"
    ? terminalProgress(console, caps)
    : plainProgress(console, caps);
}

/** Progress of phases only, for commands that print one JSON document. */
export function createPhaseProgress(
  console: Console,
): Progress & { readonly phase: (name: string, done: number, total: number) => void } {
  const options = { json: false, quiet: console.quiet || console.json };
  const progress = createProgress({ ...console, ...options }, { usd: null });
  return { ...progress, phase: (name, done, total) => progress.show({ kind: "phase", name, done, total }) };
}

/** Prints each event as a line of JSON on stdout. */
function jsonProgress(console: Console): Progress {
  return {
    show: (event) => console.event(event),
    close: () => undefined,
  };
}

/** Shows only guards and findings. */
function quietProgress(console: Console): Progress {
  return {
    show: (event) => {
      if (event.kind !== "guard-tripped" && event.kind !== "finding") return;
      const text = eventText(event);
      if (text !== null) console.error(text);
    },
    close: () => undefined,
  };
}

/** Prints a line at every notable event, and otherwise every 30 seconds. */
function plainProgress(console: Console, caps: Caps): Progress {
  let state: ProgressState = noProgress;
  let lastLine = Number.NEGATIVE_INFINITY;
  return {
    show: (event) => {
      const now = console.io.now();
      state = advance(state, event, now);
      const text = eventText(event);
      if (text !== null) console.info(text);
      else if (now - lastLine < PLAIN_EVERY) return;
      else console.info(progressText(state, caps, Number.POSITIVE_INFINITY));
      lastLine = now;
    },
    close: () => undefined,
  };
}

/** Clears the cursor's line. @source ECMA-48, EL (erase in line) */
const CLEAR = `\r${ESCAPE}[2K`;

/** Redraws one line below the lines of events. */
function terminalProgress(console: Console, caps: Caps): Progress {
  const { stderr, now } = console.io;
  let state: ProgressState = noProgress;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = false;
  const clear = (): void => {
    if (drawn) stderr.write(CLEAR);
    drawn = false;
  };
  return {
    show: (event) => {
      const at = now();
      state = advance(state, event, at);
      const text = eventText(event);
      if (text !== null) {
        clear();
        console.info(text);
      }
      const last = state.phase === null && state.step === state.steps;
      if (event.kind === "run-end" || (text === null && !last && at - drawnAt < REDRAW_EVERY)) return;
      stderr.write(CLEAR + harmlessText(progressText(state, caps, (stderr.columns ?? 80) - 1)));
      drawn = true;
      drawnAt = at;
    },
    close: clear,
  };
}

/** Caps of a run to show; `null` for none. */
export interface Caps {
  readonly usd: Usd | null;
}

/** Width of the loss curve. */
const CURVE_COLUMNS = 16;

/**
 * `step 120/900 · loss 1.234 ▇▅▃▂▁ · 812 tokens/s · $0.02 / $1.00 · 12 min left`; parts that exceed `columns` are
 * dropped from the right.
 */
export function progressText(state: ProgressState, caps: Caps, columns: number): string {
  if (state.phase) return cut(phaseText(state.phase), columns);
  const parts = [
    `step ${state.step}/${state.steps}`,
    lossPart(state),
    ratePart(state),
    spentPart(state, caps),
    leftPart(state),
  ].filter((part) => part !== "");
  let line = "";
  for (const part of parts) {
    const next = line === "" ? part : `${line} · ${part}`;
    if (width(next) > columns) break;
    line = next;
  }
  return line === "" ? cut(parts[0] ?? "", columns) : line;
}

/** Text of a notable event with its numbers; `null` for others. */
export function eventText(event: EventBody): string | null {
  switch (event.kind) {
    case "run-start":
      return `run ${plain(event.runId)}: ${countOf(event.steps, "step")}${resumed(event.resumedFromStep)}`;
    case "evaluation-end":
      return `step ${event.step}: validation loss ${lossText(event.loss)}`;
    case "forgetting-measured":
      return event.perplexityRise === null ? null : `step ${event.step}: ${riseText(event.perplexityRise)}`;
    case "checkpoint-saved":
      return `step ${event.step}: checkpoint saved at ${plain(event.path)}`;
    case "guard-tripped":
      if (event.verdict.act === "go-on") return null;
      return `step ${event.step}: ${actText(event.verdict.act)}: ${plain(event.verdict.sentence)}`;
    case "rolled-back":
      return `step ${event.step}: back to step ${event.toStep}, learning rate x ${event.rateScale}`;
    case "guard-overruled":
      return `step ${event.step}: the ${plain(event.guard)} guard is overruled, and only warns`;
    case "finding":
      return `${event.finding.severity} ${event.finding.code}: ${plain(event.finding.detail)}`;
    case "run-end":
      return `run ${event.status} after ${costText(event.wallSeconds as Seconds, event.spentMicroUsd as Usd)}`;
    default:
      return null;
  }
}

function actText(act: "warn" | "stop" | "roll-back"): string {
  return { warn: "warning", stop: "stopping", "roll-back": "rolling back" }[act];
}

function costText(time: Seconds, spent: Usd): string {
  return spent === 0 ? secondsText(time) : `${secondsText(time)}, ${usdText(spent)} spent`;
}

function riseText(share: number): string {
  return `general perplexity ${share > 0 ? "+" : ""}${(100 * share).toFixed(1)} %`;
}

function resumed(step: number): string {
  return step > 0 ? `, resumed from step ${step}` : "";
}

function phaseText({ name, done, total }: NonNullable<ProgressState["phase"]>): string {
  if (total <= 0) return plain(name);
  return `${plain(name)}: ${countText(done)} of ${countText(total)}`; // no percentage, which would look like a score
}

function lossPart({ losses }: ProgressState): string {
  const last = losses[losses.length - 1];
  return last === undefined ? "" : `loss ${lossText(last)} ${sparkline(losses, CURVE_COLUMNS)}`;
}

function ratePart(state: ProgressState): string {
  const rate = tokensPerSecond(state);
  return rate === null ? "" : `${countText(Math.round(rate))} tokens/s`;
}

function spentPart({ spentMicroUsd }: ProgressState, { usd }: Caps): string {
  if (spentMicroUsd === 0 && usd === null) return ""; // without a price, only time matters
  const spent = usdText(spentMicroUsd as Usd);
  return usd === null ? spent : `${spent} / ${usdText(usd)}`;
}

function leftPart(state: ProgressState): string {
  const left = secondsLeft(state);
  return left === null ? "" : `${secondsText(left as Seconds)} left`;
}

function lossText(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(loss < 10 ? 3 : 1) : String(loss);
}

function cut(text: string, columns: number): string {
  return width(text) <= columns ? text : `${[...text].slice(0, Math.max(0, columns - 1)).join("")}…`;
}

/** Number of steps over which speed is averaged. */
const RECENT = 20;
/** Maximum losses retained for the curve. */
const CURVE = 200;

/** Progress of a run, derived from its events. Times are milliseconds of the console's clock. */
export interface ProgressState {
  readonly runId: string;
  readonly step: number;
  readonly steps: number;
  readonly losses: readonly number[];
  readonly spentMicroUsd: number;
  /** End times and token counts of the latest steps. */
  readonly recent: readonly { readonly at: number; readonly tokens: number }[];
  readonly phase: { readonly name: string; readonly done: number; readonly total: number } | null;
}

/** State before the first event. */
export const noProgress: ProgressState = {
  runId: "",
  step: 0,
  steps: 0,
  losses: [],
  spentMicroUsd: 0,
  recent: [],
  phase: null,
};

/** Returns the state after an event. */
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
      // excludes the time before the first step
      return {
        ...state,
        phase: { name: event.name, done: event.done, total: event.total },
        recent: [{ at, tokens: 0 }],
      };
    case "evaluation-end":
    case "forgetting-measured":
    case "checkpoint-saved":
      // excludes the pause by measuring the speed anew from here
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

/** Seconds until the last step at the latest speed, excluding later evaluations. */
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
