/**
 * @file Money that bought nothing: of each run at most one reason, the gravest first.
 */

/** What is known of a run whose money is looked at. Money is in micro-dollars. */
export interface SpentRun {
  readonly status: string;
  readonly microUsd: number;
  /** An earlier completed run of the same experiment. */
  readonly duplicateOf: string | null;
  /** Held-out losses by time, where the run logged some. */
  readonly validation: readonly { readonly ms: number; readonly value: number }[];
  /** Times at which it logged anything, in order. */
  readonly loggedMs: readonly number[];
  readonly startedMs: number;
  readonly endedMs: number;
  /** Time that was paid for: less than from start to end where the run was stopped and gone on with later. */
  readonly paidMs: number;
}

/** A pause between two things that a run logged, as far as nobody paid for it. */
interface UnpaidPause {
  readonly fromMs: number;
  readonly ms: number;
}

/** Why money bought nothing. */
export type WasteKind = "failed" | "duplicate" | "past-best" | "idle";

/** What of a run's money bought nothing. */
export interface Waste {
  readonly kind: WasteKind;
  readonly microUsd: number;
  readonly sentence: string;
}

const lost: ReadonlySet<string> = new Set(["failed", "crashed", "killed"]);

/** Silence that is no ordinary step: longer than this, and than ten times the usual pause. */
const silenceMs = 15 * 60_000;
const timesUsual = 10;

/** Judges one run; `null`: nothing was wasted that can be seen. */
export function checkWaste(run: SpentRun): Waste | null {
  if (run.microUsd <= 0) return null;
  if (lost.has(run.status)) {
    return {
      kind: "failed",
      microUsd: run.microUsd,
      sentence: `it ended as ${run.status} and left no result`,
    };
  }
  if (run.duplicateOf !== null) {
    return {
      kind: "duplicate",
      microUsd: run.microUsd,
      sentence: `the same experiment as run ${run.duplicateOf}`,
    };
  }
  return pastBest(run) ?? idle(run);
}

/** Time after the lowest held-out loss, where the loss then rose. */
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

/** Pauses in which nothing was logged, the one before the end included. */
function idle(run: SpentRun): Waste | null {
  const { loggedMs, microUsd, endedMs } = run;
  const times = [...loggedMs, endedMs];
  const unpaid = new Map(unpaidPauses(run).map(({ fromMs, ms }) => [fromMs, ms]));
  const pauses = times.slice(1).map((time, at) => {
    const from = times[at] ?? time;
    return time - from - (unpaid.get(from) ?? 0);
  });
  // of two pauses the longer is usual, so that a run which logged once or twice was never silent
  const usual = [...pauses].sort((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0;
  const long = pauses.filter((pause) => pause > silenceMs && pause > timesUsual * usual);
  const silent = long.reduce((sum, pause) => sum + pause - usual, 0);
  const amount = Math.round(shareOf(silent, run) * microUsd);
  if (amount === 0) return null;
  return {
    kind: "idle",
    microUsd: amount,
    sentence: `it logged nothing for ${Math.round(silent / 60_000)} min`,
  };
}

/** The longest pauses, until what was paid for fits into the rest: the ledger says how long, not when. */
function unpaidPauses({ loggedMs, startedMs, endedMs, paidMs }: SpentRun): readonly UnpaidPause[] {
  const times = [...loggedMs, endedMs];
  const pauses = times
    .slice(1)
    .map((time, at) => ({ fromMs: times[at] ?? time, ms: time - (times[at] ?? time) }));
  let left = endedMs - startedMs - paidMs;
  return pauses
    .sort((a, b) => b.ms - a.ms)
    .flatMap(({ fromMs, ms }) => {
      const taken = Math.min(ms, Math.max(0, left));
      left -= taken;
      return taken > 0 ? [{ fromMs, ms: taken }] : [];
    });
}

function sumOf(pauses: readonly UnpaidPause[]): number {
  return pauses.reduce((sum, { ms }) => sum + ms, 0);
}

/** A time's share of all that was paid for. */
function shareOf(ms: number, run: SpentRun): number {
  const paidMs = run.endedMs - run.startedMs - sumOf(unpaidPauses(run));
  return paidMs > 0 ? Math.min(1, Math.max(0, ms / paidMs)) : 0;
}
