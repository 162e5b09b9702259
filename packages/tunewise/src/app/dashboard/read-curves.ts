/** @file Reads curves of many runs and metrics as columns along steps, time or dollars. */
import {
  drawSeries,
  type Point,
  pointCount,
  priceOf,
  readSeries,
  readSpend,
  type StoredSeries,
  type TrackedRun,
  type TrackingContext,
} from "@tunewise/tracker";
import { type CostBasis, type CostOverTime, costOverTime } from "./cost-over-time.ts";

/** Axis of a curve: steps, seconds since the run's start, or the cost so far. */
export type CurveAxis = "step" | "time" | "dollars";

/** Request for curves. */
export interface CurvesRequest {
  readonly runs: readonly TrackedRun[];
  readonly keys: readonly string[];
  readonly axis: CurveAxis;
  /** Number of buckets along the axis. Each shows up to four points. */
  readonly places: number;
  /** Range of the axis, in its unit, including both ends. */
  readonly from: number | null;
  readonly to: number | null;
}

/** One metric of one run. `x`, `y` and `steps` have the same length, except where `steps` is empty. */
export interface Curve {
  readonly run: string;
  readonly key: string;
  readonly x: readonly number[];
  /** `null` for non-finite values. */
  readonly y: readonly (number | null)[];
  /** Steps of the points. Empty on the step axis, where `x` contains the steps. */
  readonly steps: readonly number[];
  /** Indices and values of the non-finite entries of `y`. */
  readonly special: readonly (readonly [index: number, value: NonFinite])[];
  /** Number of logged points, shown or not. */
  readonly points: number;
  readonly last: {
    readonly step: number;
    readonly ms: number;
    readonly value: number | null;
    readonly special: NonFinite | null;
  };
  /** Source of the cost; `null` on other axes. */
  readonly dollarsFrom: CostBasis | null;
}

/** Values that JSON cannot represent. */
export type NonFinite = "NaN" | "Infinity" | "-Infinity";

/** Curves, and the number of buckets of each. */
export interface Curves {
  readonly places: number;
  readonly curves: readonly Curve[];
}

/** Maximum buckets of all curves in a response. More would make it many megabytes large. */
const maxPlaces = 40_000;
/** Minimum buckets per curve. Fewer show nothing useful. */
const minPlaces = 10;
/** Number of series to read before yielding to other requests. */
const seriesAtOnce = 16;

/** Reads curves. A run without the metric has no curve. */
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
  const share = Math.floor(maxPlaces / Math.max(1, series.length));
  const places = Math.max(minPlaces, Math.min(request.places, share));
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
      axis: axis === "step" ? "step" : "ms",
      places,
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

/** Computes a run's cost over time. */
export async function costOf(
  { database, price }: Pick<TrackingContext, "database" | "price">,
  run: TrackedRun,
): Promise<CostOverTime> {
  const lines = await readSpend(database, run.number);
  return costOverTime(run, lines, lines.length === 0 ? await priceOf(database, run.number, price) : price);
}

/** Converts points to the axis, and positions on the axis to steps or milliseconds. */
interface Scale {
  readonly of: (point: Point) => number;
  /** Step or millisecond at a position on the axis; `null` if no position is given. */
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
    // a position at the end of a range includes all times until the next micro-dollar
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
    run: id,
    key: series.key,
    points: pointCount(series),
    last: {
      step,
      ms,
      value: finite(value),
      special: finite(value) === null ? (String(value) as NonFinite) : null,
    },
  };
}

/** Replaces a non-finite number with `null`, since JSON cannot represent it. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
