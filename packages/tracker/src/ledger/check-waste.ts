/** @file Detects wasted money: at most one reason per run, the most severe. */

/** Facts about a run whose spending is checked. Money is in micro-dollars. */
export interface SpentRun {
  readonly status: string;
  readonly microUsd: number;
  /** Id of an earlier completed run of the same experiment, or `null`. */
  readonly duplicateOf: string | null;
  /** Validation losses by time, if the run logged any. */
  readonly validation: readonly { readonly ms: number; readonly value: number }[];
  /** Times of all logged values, ascending. */
  readonly loggedMs: readonly number[];
  readonly startedMs: number;
  readonly endedMs: number;
  /** Paid time: less than the time from start to end if the run was stopped and resumed later. */
  readonly paidMs: number;
}

/** A pause between two logged values. */
interface Pause {
  readonly fromMs: number;
  readonly ms: number;
}

/** Reason why money was wasted. */
export type WasteKind = "failed" | "duplicate" | "past-best" | "idle";

/** The wasted part of a run's spending. */
export interface Waste {
  readonly kind: WasteKind;
  readonly microUsd: number;
  readonly sentence: string;
}

const failedStatuses: ReadonlySet<string> = new Set(["failed", "crashed", "killed"]);

/** A pause is idle time if it is longer than this and longer than ten times the typical pause. */
const silenceMs = 15 * 60_000;
const timesTypical = 10;

/** Checks one run; returns `null` if no waste is visible. */
export function checkWaste(run: SpentRun): Waste | null {
  if (run.microUsd <= 0) return null;
  if (failedStatuses.has(run.status)) {
    const sentence = `it ended as ${run.status} and left no result`;
    return { kind: "failed", microUsd: run.microUsd, sentence };
  }
  if (run.duplicateOf !== null) {
    const sentence = `the same experiment as run ${run.duplicateOf}`;
    return { kind: "duplicate", microUsd: run.microUsd, sentence };
  }
  return pastBest(run) ?? idle(run);
}

/** Time after the lowest validation loss, if the loss then rose. */
function pastBest(run: SpentRun): Waste | null {
  const { validation, microUsd } = run;
  const finite = validation.filter(({ value }) => Number.isFinite(value));
  if (finite.length < 3) return null;
  const best = finite.reduce((lowest, point) => (point.value < lowest.value ? point : lowest));
  const last = finite.at(-1) ?? best;
  if (last.value <= best.value) return null;
  const since = unpaidPauses(run).filter(({ fromMs }) => fromMs >= best.ms && fromMs < last.ms);
  const share = shareOf(last.ms - best.ms - sumOf(since), run);
  const amount = Math.round(share * microUsd);
  if (amount === 0) return null;
  const sentence = `held-out loss rose from ${best.value.toPrecision(4)} to ${last.value.toPrecision(4)} in the last ${Math.round(100 * share)} %`;
  return { kind: "past-best", microUsd: amount, sentence };
}

/** Pauses in which nothing was logged, including the one before the end. */
function idle(run: SpentRun): Waste | null {
  const unpaid = new Map(unpaidPauses(run).map(({ fromMs, ms }) => [fromMs, ms]));
  const pauses = pausesOf(run).map(({ fromMs, ms }) => ms - (unpaid.get(fromMs) ?? 0));
  // of two pauses, the longer one is typical, so a run that logged once or twice is never idle
  const usual = [...pauses].sort((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0;
  const long = pauses.filter((pause) => pause > silenceMs && pause > timesTypical * usual);
  const silent = long.reduce((sum, pause) => sum + pause - usual, 0);
  const amount = Math.round(shareOf(silent, run) * run.microUsd);
  if (amount === 0) return null;
  const sentence = `it logged nothing for ${Math.round(silent / 60_000)} min`;
  return { kind: "idle", microUsd: amount, sentence };
}

/** The longest pauses, up to the unpaid time. The ledger records how long a run was paid for, but not when. */
function unpaidPauses(run: SpentRun): readonly Pause[] {
  let left = run.endedMs - run.startedMs - run.paidMs;
  return pausesOf(run)
    .sort((a, b) => b.ms - a.ms)
    .flatMap(({ fromMs, ms }) => {
      const taken = Math.min(ms, Math.max(0, left));
      left -= taken;
      return taken > 0 ? [{ fromMs, ms: taken }] : [];
    });
}

function pausesOf({ loggedMs, endedMs }: SpentRun): Pause[] {
  const ends = [...loggedMs.slice(1), endedMs];
  return loggedMs.map((fromMs, at) => ({ fromMs, ms: (ends[at] ?? endedMs) - fromMs }));
}

function sumOf(pauses: readonly Pause[]): number {
  return pauses.reduce((sum, { ms }) => sum + ms, 0);
}

/** A duration's share of the paid cost. */
function shareOf(ms: number, run: SpentRun): number {
  const paidMs = run.endedMs - run.startedMs - sumOf(unpaidPauses(run));
  return paidMs > 0 ? Math.min(1, Math.max(0, ms / paidMs)) : 0;
}
