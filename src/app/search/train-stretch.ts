/**
 * @file A stretch of a trial: training from what is saved to a share of its steps, inside a cap, and the validation
 * loss there. Test rows are not looked at.
 */
import { dollars, type Usd } from "../../quantity/index.ts";
import type { BudgetSection } from "../../recipe/index.ts";
import type { SearchRate } from "../../report/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import { openRuns, type RunChange } from "../../track/index.ts";
import type { TrialSummary } from "../runs/index.ts";
import { type BegunRun, type RunSession, type TrainingEnd, train, withSession } from "../train/index.ts";
import type { PreparedTrial } from "./prepare-trial.ts";

/** How far a trial is to be trained. */
export interface StretchRequest {
  readonly search: string;
  readonly trial: number;
  /** Share of the rows, where that is not all of them. */
  readonly slice?: number;
  /** Stretches of the trial that ended before this one. */
  readonly turn: number;
  /** Share of the trial's own steps. */
  readonly to: number;
  /** What the run may cost in all, earlier stretches included. */
  readonly capUsd: Usd;
  /** Of the part of the machine that the trial has. */
  readonly rate: SearchRate;
  /** When metering began, in seconds of the host; default: as the run is opened. */
  readonly meteredSince?: number;
}

/** What came of it. `at` is the share of the steps that is saved, `curve` shares and validation losses. */
export interface StretchResult {
  readonly status: "reached" | "failed" | "cut" | "interrupted" | "halted";
  readonly to: number;
  readonly at: number;
  readonly value: number | null;
  readonly curve: readonly (readonly [number, number])[];
  /** Why it ended before its rung; empty where it did not. */
  readonly sentence: string;
}

/** Summary of a trial between its stretches. */
interface Paused extends TrialSummary {
  readonly turn: number;
  readonly stretch: StretchResult;
  readonly validation_loss: number | null;
}

/** Parts of a plan that a stretch does not do, so that nothing is kept back for them. */
const judging: ReadonlySet<string> = new Set(["test-base", "test-tuned", "forgetting"]);

/** Trains a stretch; one that an earlier sitting ended is read from the record. */
export async function trainStretch(
  place: BegunRun,
  trial: PreparedTrial,
  request: StretchRequest,
  host: Host,
  watch: (event: EventBody) => void,
): Promise<StretchResult> {
  const ended = await endedBefore(place, request);
  if (ended !== null) {
    await trial.prepared.model.weights.close();
    return ended;
  }
  const { prepared, plan } = withoutJudging(trial, request);
  const { meteredSince } = request;
  return withSession({ ...place, prepared, plan, host, watch, meteredSince }, async (session) => {
    const end = await train(session, stepOf(request.to, session.trainer.steps));
    const result = resultOf(end, session, request.to);
    await pause(session, result, request);
    return result;
  });
}

/** The step at which a share of a training ends: at least one, so that there is something to compare. */
export function stepOf(share: number, steps: number): number {
  return Math.min(steps, Math.max(1, Math.round(share * steps)));
}

/**
 * The first loss from a step on, `null` where there is none or it is no number. Where somebody went on with the run
 * beyond the step by `tunewise resume`, that is the nearest there is.
 */
export function lossFrom(
  curve: readonly (readonly [step: number, loss: number])[],
  step: number,
): number | null {
  const loss = curve.find(([at]) => at >= step)?.[1];
  return loss !== undefined && Number.isFinite(loss) ? loss : null;
}

/** The caps of a run that a search pays for, whatever the recipe says of single runs. */
export function capOf(capUsd: Usd, { isMoney, usdPerHour }: SearchRate): BudgetSection {
  return isMoney
    ? { usd: dollars(capUsd), minutes: null }
    : { usd: null, minutes: (60 * capUsd) / usdPerHour };
}

function withoutJudging({ prepared, plan }: PreparedTrial, { capUsd, rate }: StretchRequest): PreparedTrial {
  const parts = plan.time.parts.filter(({ name }) => !judging.has(name));
  return {
    prepared: { ...prepared, forgetting: null, recipe: { ...prepared.recipe, budget: capOf(capUsd, rate) } },
    plan: { ...plan, time: { ...plan.time, parts } },
  };
}

/** The result that the record holds of this very stretch: a kill may come between its end and the search's own note. */
export async function endedBefore(place: BegunRun, request: StretchRequest): Promise<StretchResult | null> {
  const stretch = await recordedStretch(place, request);
  return stretch && !["interrupted", "halted"].includes(stretch.status) ? stretch : null;
}

/** What the record holds of this very stretch, also where it is to be gone on with; `null`: nothing. */
export async function recordedStretch(
  { runId, output }: BegunRun,
  request: StretchRequest,
): Promise<StretchResult | null> {
  const store = await openRuns(output);
  try {
    const { search, trial, turn, stretch } = JSON.parse(
      (await store.findRun(runId)).summary,
    ) as Partial<Paused>;
    if (search !== request.search || trial !== request.trial || turn !== request.turn) return null;
    return stretch ?? null;
  } finally {
    await store.close();
  }
}

function resultOf(end: TrainingEnd, { trainer }: RunSession, to: number): StretchResult {
  const { validation } = end.info.curves;
  const curve = validation.map(([step, loss]) => [step / trainer.steps, loss] as const);
  const loss = lossFrom(validation, stepOf(to, trainer.steps));
  const stop = end.guards.map(({ verdict }) => verdict).findLast(({ act }) => act === "stop");
  const [guard, sentence] = stop?.act === "stop" ? [stop.guard, stop.sentence] : ["", ""];
  const about = { to, curve: curve.filter(([share]) => share < to), sentence };
  const at = Math.min(to, trainer.step / trainer.steps);
  if (end.status === "completed") {
    if (loss !== null) return { ...about, status: "reached", at: to, value: loss };
    return { ...about, status: "failed", at, value: null, sentence: "its validation loss is no number" };
  }
  if (end.status === "interrupted") return { ...about, status: "interrupted", at, value: null };
  const status =
    guard === "budget" ? "cut" : ["shared-budget", "request"].includes(guard) ? "halted" : "failed";
  return { ...about, status, at, value: null };
}

/** Leaves the run as one that `resume` and the search itself can go on with. */
async function pause(
  { recorder, host }: RunSession,
  stretch: StretchResult,
  request: StretchRequest,
): Promise<void> {
  await recorder.write(pausedWith(stretch, request, host));
}

/** What the record says of a run whose stretch ended. */
export function pausedWith(
  stretch: StretchResult,
  { search, trial, slice, turn }: StretchRequest,
  host: Pick<Host, "now">,
): RunChange {
  const which = { search, trial, ...(slice === undefined ? {} : { slice }) };
  const summary: Paused = { kind: "trial", ...which, turn, stretch, validation_loss: stretch.value };
  const isOwn = stretch.status === "failed" || stretch.status === "interrupted";
  return {
    status: isOwn ? stretch.status : "stopped",
    endedAt: host.now().toISOString(),
    summary: JSON.stringify(summary),
  };
}
