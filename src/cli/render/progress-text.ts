/** @file The progress line as text, cut to the width it has. */
import { countOf, countText, type Seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import type { EventBody } from "../../run/index.ts";
import { plain } from "./place.ts";
import { type ProgressState, secondsLeft, tokensPerSecond } from "./progress-state.ts";
import { sparkline } from "./sparkline.ts";
import { width } from "./table.ts";

/** Caps of a run as the line shows them; `null`: none. */
export interface Caps {
  readonly usd: Usd | null;
}

/** Columns of the loss curve. */
const CURVE_COLUMNS = 16;

/**
 * `step 120/900 · loss 1.234 ▇▅▃▂▁ · 812 tokens/s · $0.02 / $1.00 · 12 min left`; parts fall away from the right where
 * `columns` are few.
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

/** A line for an event that is worth one, or `null`: what changed, with its numbers. */
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
  return `${secondsText(time)}, ${usdText(spent)} spent`;
}

function riseText(share: number): string {
  return `general perplexity ${share > 0 ? "+" : ""}${(100 * share).toFixed(1)} %`;
}

function resumed(step: number): string {
  return step > 0 ? `, resumed from step ${step}` : "";
}

function phaseText({ name, done, total }: NonNullable<ProgressState["phase"]>): string {
  if (total <= 0) return plain(name);
  return `${plain(name)} ${countText(done)}/${countText(total)} (${Math.floor((100 * done) / total)} %)`;
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
