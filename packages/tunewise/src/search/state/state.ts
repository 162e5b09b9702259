/** @file The state of a search, folded from its records. */
import { problem } from "../../problem/index.ts";
import { type Axis, placesOf } from "../space/axis.ts";
import type { SearchPoint } from "../space/hyperparameter.ts";
import type { KnownRun, PointOrigin, SearchRecord, SegmentEnd, SegmentStart } from "./record.ts";

/** A trial with all its results. */
export interface TrialState {
  readonly id: number;
  readonly point: SearchPoint;
  readonly place: Float64Array;
  readonly origin: PointOrigin;
  /** The earlier run that it stands for, if any. */
  readonly run: string | null;
  /** Loss (lower is better) at each rung reached; infinite if it failed on the way. */
  readonly losses: Map<number, number>;
  /** Loss by ascending units of training. */
  curve: (readonly [number, number])[];
  /** Units of training that can be resumed from. */
  savedAt: number;
  /** Whether the saved checkpoint belongs to the earlier run. */
  savedByRun: boolean;
  /** The running segment. */
  running: SegmentStart | null;
  /** Number of consecutive segments that their cap cut off. */
  cuts: number;
  /** Target of a segment that was cut off. */
  cutTo: number | null;
}

/** A segment with its cost. */
export type PaidSegment = Pick<SegmentEnd, "trial" | "at" | "status" | "microUsd"> &
  Pick<SegmentStart, "point" | "from" | "to">;

/** The state described by the records. */
export interface SearchState {
  readonly trials: Map<number, TrialState>;
  readonly paid: PaidSegment[];
  spentMicroUsd: number;
}

/** The settings that folding needs. */
export interface Ladder {
  readonly axes: readonly Axis[];
  readonly rungs: readonly number[];
  /** 1 if lower is better, -1 if higher is. */
  readonly sign: 1 | -1;
  /** Whether a promoted trial restarts. */
  readonly restart: boolean;
}

/** Consecutive cuts after which a trial counts as failed, because its price cannot be estimated. */
const maxCuts = 3;
/** A known run's result may stand for a rung from this share of the rung's length on. */
const rungSlack = 0.95;

/** The state before any record. */
export function emptyState(): SearchState {
  return { trials: new Map(), paid: [], spentMicroUsd: 0 };
}

/**
 * Folds one record into the state.
 *
 * @param number number of the record, counted from 1, for messages
 * @throws {TunewiseError} `SEARCH_RECORD_INVALID` for a record that does not follow from those before it
 */
export function foldRecord(state: SearchState, record: SearchRecord, ladder: Ladder, number: number): void {
  if (record.kind === "known-run") {
    foldKnown(state, record, ladder);
    return;
  }
  const reason =
    record.kind === "stretch-start" ? foldStart(state, record, ladder) : foldEnd(state, record, ladder);
  if (reason !== null) throw problem("SEARCH_RECORD_INVALID", { number, reason });
}

function foldKnown(state: SearchState, record: KnownRun, ladder: Ladder): void {
  const trial = trialFrom(state.trials.size + 1, record.point, "known", record.run, ladder);
  trial.curve = record.curve.map(([units, value]) => [units, value * ladder.sign] as const);
  trial.savedAt = record.savedAt;
  trial.savedByRun = record.savedAt > 0;
  for (const [rung, units] of ladder.rungs.entries()) {
    const next = ladder.rungs[rung + 1] ?? Number.POSITIVE_INFINITY;
    const there = trial.curve.find(([at]) => at >= rungSlack * units && at < rungSlack * next);
    if (there !== undefined) trial.losses.set(rung, there[1]);
  }
  state.trials.set(trial.id, trial);
}

function foldStart(state: SearchState, record: SegmentStart, ladder: Ladder): string | null {
  if (!ladder.rungs.includes(record.to)) return `no rung has ${record.to} units of training`;
  const known = state.trials.get(record.trial);
  if (known === undefined && record.trial !== state.trials.size + 1)
    return `trial ${record.trial} is out of order`;
  const trial = known ?? trialFrom(record.trial, record.point, record.origin, null, ladder);
  if (trial.running !== null) return `trial ${record.trial} is running already`;
  if (record.from > trial.savedAt || record.from > record.to)
    return `trial ${record.trial} cannot continue from ${record.from}`;
  trial.running = record;
  state.trials.set(trial.id, trial);
  return null;
}

function foldEnd(state: SearchState, record: SegmentEnd, { rungs, sign, restart }: Ladder): string | null {
  const trial = state.trials.get(record.trial);
  const stretch = trial?.running;
  if (trial === undefined || !stretch) return `trial ${record.trial} is not running`;
  const { from, to } = stretch;
  trial.running = null;
  state.spentMicroUsd += record.microUsd;
  const { at, status, microUsd } = record;
  state.paid.push({ trial: trial.id, point: trial.point, from, to, at, status, microUsd });
  const curve = record.curve.map(([units, value]) => [units, value * sign] as const);
  if (record.value !== null) curve.push([at, record.value * sign]);
  trial.curve = joined(trial.curve, curve);
  if (at > trial.savedAt || restart) {
    trial.savedAt = at;
    trial.savedByRun = false;
  }
  const rung = rungs.indexOf(to);
  trial.cuts = status === "cut" ? trial.cuts + 1 : 0;
  trial.cutTo = status === "cut" && trial.cuts < maxCuts ? to : null;
  if (status === "reached" && record.value !== null) trial.losses.set(rung, record.value * sign);
  else if (trial.cutTo === null) trial.losses.set(rung, Number.POSITIVE_INFINITY);
  return null;
}

function trialFrom(
  id: number,
  point: SearchPoint,
  origin: PointOrigin,
  run: string | null,
  { axes }: Ladder,
): TrialState {
  return {
    id,
    point,
    place: placesOf(axes, point),
    origin,
    run,
    losses: new Map(),
    curve: [],
    savedAt: 0,
    savedByRun: false,
    running: null,
    cuts: 0,
    cutTo: null,
  };
}

/** Merges two curves in ascending order; where both have a point, the later measurement counts. */
function joined(
  first: readonly (readonly [number, number])[],
  second: readonly (readonly [number, number])[],
): (readonly [number, number])[] {
  return [...new Map([...first, ...second])].sort((a, b) => a[0] - b[0]);
}
