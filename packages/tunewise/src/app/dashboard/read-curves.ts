/** @file Curves of many runs and metrics at once, as columns, along steps, time or dollars. */
import {
  drawSeries,
  type Point,
  pointCount,
  readSeries,
  readSpend,
  type StoredSeries,
  type TrackedRun,
} from "@tunewise/tracker";
import { priceOf, type TrackingContext } from "../tracking/index.ts";
import { type CostBasis, type CostOverTime, costOverTime } from "./cost-over-time.ts";

/** What a curve is drawn along: steps, seconds since the run's start, or what it had cost by then. */
export type CurveAxis = "step" | "time" | "dollars";

/** Which curves. */
export interface CurvesRequest {
  readonly runs: readonly TrackedRun[];
  readonly keys: readonly string[];
  readonly axis: CurveAxis;
  /** Places along the axis, each shown by up to four points. */
  readonly places: number;
  /** Part of the axis, in its unit; both ends are included. */
  readonly from: number | null;
  readonly to: number | null;
}

/** One metric of one run. `x`, `y` and `steps` have the same length. */
export interface Curve {
  readonly run: string;
  readonly key: string;
  readonly x: readonly number[];
  /** `null` where a value is no finite number. */
  readonly y: readonly (number | null)[];
  /** Steps of the points; empty along steps, where `x` are they. */
  readonly steps: readonly number[];
  /** Places of such values in `y`, and which they are. */
  readonly special: readonly (readonly [index: number, value: NonFinite])[];
  /** Points that were logged, shown or not. */
  readonly points: number;
  readonly last: {
    readonly step: number;
    readonly ms: number;
    readonly value: number | null;
    readonly special: NonFinite | null;
  };
  /** Where dollars come from; `null` on another axis. */
  readonly dollarsFrom: CostBasis | null;
}

/** Values that JSON lacks. */
export type NonFinite = "NaN" | "Infinity" | "-Infinity";

/** Curves, and how many places each was given. */
export interface Curves {
  readonly places: number;
  readonly curves: readonly Curve[];
}

/** Places of all curves of one answer: more of them would be an answer of many megabytes. */
const placesMost = 40_000;
/** Fewer show nothing. */
const placesFewest = 10;
/** Series after which others get a turn. */
const seriesAtOnce = 16;

/** Reads curves; a run that has no such metric gives none. */
export async function readCurves(
  context: Pick<TrackingContext, "database" | "price">,
  request: CurvesRequest,
): Promise<Curves> {
  const { runs, keys, axis } = request;
  const { database } = context;
  const series = await readSeries(
    database,
    runs.map(({ number }) => number),
    keys,
  );
  const share = Math.floor(placesMost / Math.max(1, series.length));
  const places = Math.max(placesFewest, Math.min(request.places, share));
  const byNumber = new Map(runs.map((run) => [run.number, run]));
  const costs = new Map<number, CostOverTime>();
  const curves: Curve[] = [];
  for (const [at, one] of series.entries()) {
    const run = byNumber.get(one.run);
    if (!run) continue;
    if (at % seriesAtOnce === seriesAtOnce - 1) await new Promise((turn) => setImmediate(turn));
    const cost = axis === "dollars" ? (costs.get(run.number) ?? (await costOf(context, run))) : null;
    if (cost) costs.set(run.number, cost);
    const scale = scaleOf(run, axis, cost);
    const [from, to] = [scale.back(request.from, "from"), scale.back(request.to, "to")];
    const points = await drawSeries(database, one, {
      ...{ axis: axis === "step" ? "step" : "ms", places },
      ...(from === null ? {} : { from }),
      ...(to === null ? {} : { to }),
    });
    curves.push({
      ...columnsOf(points, scale, axis),
      ...aboutOf(run, one),
      dollarsFrom: cost?.basis ?? null,
    });
  }
  return { places, curves };
}

/** What a run had cost at each moment. */
export async function costOf(
  { database, price }: Pick<TrackingContext, "database" | "price">,
  run: TrackedRun,
): Promise<CostOverTime> {
  const lines = await readSpend(database, run.number);
  return costOverTime(run, lines, lines.length === 0 ? await priceOf(database, run.number, price) : price);
}

/** From points to the axis and back. */
interface Scale {
  readonly of: (point: Point) => number;
  /** The step or the millisecond where a place of the axis lies; `null` where none is asked for. */
  readonly back: (x: number | null, end: "from" | "to") => number | null;
}

function scaleOf({ startedMs }: TrackedRun, axis: CurveAxis, cost: CostOverTime | null): Scale {
  const whole = (x: number, end: "from" | "to"): number => {
    const rounded = end === "from" ? Math.ceil(x) : Math.floor(x);
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, rounded));
  };
  if (axis === "step")
    return { of: ({ step }) => step, back: (x, end) => (x === null ? null : whole(x, end)) };
  if (cost === null) {
    return {
      of: ({ ms }) => (ms - startedMs) / 1000,
      back: (x, end) => (x === null ? null : whole(startedMs + x * 1000, end)),
    };
  }
  return {
    of: ({ ms }) => Math.round(cost.at(ms)) / 1e6,
    // the end is where the next micro-dollar is spent
    back: (x, end) => (x === null ? null : whole(cost.when(x * 1e6 + (end === "to" ? 1 : 0)), end)),
  };
}

function columnsOf(
  points: readonly Point[],
  { of }: Scale,
  axis: CurveAxis,
): Pick<Curve, "x" | "y" | "steps" | "special"> {
  const special: [number, NonFinite][] = [];
  for (const [at, { value }] of points.entries()) {
    if (!Number.isFinite(value)) special.push([at, String(value) as NonFinite]);
  }
  return {
    x: points.map(of),
    y: points.map(({ value }) => finite(value)),
    steps: axis === "step" ? [] : points.map(({ step }) => step),
    special,
  };
}

function aboutOf({ id }: TrackedRun, series: StoredSeries): Pick<Curve, "run" | "key" | "points" | "last"> {
  const { step, ms, value } = series.last;
  return {
    ...{ run: id, key: series.key, points: pointCount(series) },
    last: {
      step,
      ms,
      value: finite(value),
      special: finite(value) === null ? (String(value) as NonFinite) : null,
    },
  };
}

/** `null` where JSON has no such number. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
