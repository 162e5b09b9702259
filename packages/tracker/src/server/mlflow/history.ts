/**
 * @file Routes of metric histories: by page, of several runs, or sampled for a chart. Samples are evenly spaced steps
 * as in MLflow, plus the extremes between them, which MLflow omits.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_metric_history and get_metric_history_bulk_handler;
 *   mlflow/store/tracking/abstract_store.py, get_metric_history_bulk_interval
 */
import { Readable } from "node:stream";
import { z } from "zod";
import type { HttpError, Route } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { findTrackedRun, type Point, readChart, readPoints } from "../../index.ts";
import { endpoint } from "./endpoint.ts";
import { integer, invalid, missing, requiredText, text, textsBy } from "./fields.ts";
import { findRun, requireRunId, runFields } from "./find.ts";
import { afterPoint, pointToken } from "./pages.ts";
import { invalidParameter } from "./refuse.ts";
import { aboutRun, someRuns } from "./subjects.ts";

/** Maximum points of a page. */
const maxPage = 25_000;
/** Maximum runs of a request. */
const maxRuns = 100;

/** Routes of histories. */
export function historyRoutes(context: TrackingContext): Route[] {
  const base = { method: "GET", policy: "read" } as const;
  return [
    ...endpoint({
      ...base,
      path: "mlflow/metrics/get-history",
      about: aboutRun(context),
      reads: pageFields,
      summary: "List all points of a metric, or one page of them.",
      gives: "metrics:Metric[] next_page_token",
      answer: (fields) => history(context, fields),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/metrics/get-history-bulk",
      reads: bulkFields,
      gives: "metrics:Metric[]",
      summary: "List points of a metric for at most 100 runs.",
      about: { all: ({ run_id }) => someRuns(context, "run_id", run_id) },
      answer: (fields) => bulk(context, fields),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/metrics/get-history-bulk-interval",
      reads: intervalFields,
      summary:
        "List points of a metric for at most 100 runs, downsampled for a chart; minima and maxima are preserved.",
      gives: "metrics:Metric[]",
      about: { all: ({ run_ids }) => someRuns(context, "run_ids", run_ids) },
      answer: (fields) => interval(context, fields),
    }),
  ];
}

const requiredTexts = textsBy((items) => items, true);

const pageFields = z.object({
  metric_key: requiredText,
  ...runFields,
  max_results: integer,
  page_token: afterPoint,
});

async function history(
  context: TrackingContext,
  { metric_key: key, max_results: asked, page_token: after, ...fields }: z.infer<typeof pageFields>,
): Promise<string | Readable> {
  const { number } = await findRun(context.database, fields);
  // Older clients do not page, so they get the complete history as a stream.
  if (asked === undefined && after === null) return Readable.from(completeHistory(context, number, key));
  if (asked !== undefined && asked < 1) {
    throw invalid("max_results", asked, "It must be a positive integer.");
  }
  const limit = Math.min(asked ?? maxPage, maxPage);
  const points = await readPoints(context.database, { run: number, key }, { limit: limit + 1, after });
  const page = points.slice(0, limit);
  const last = page.at(-1);
  const next = points.length > limit && last ? `,"next_page_token":"${pointToken(last)}"` : "";
  return `{"metrics":[${page.map((point) => pointText(key, point)).join(",")}]${next}}`;
}

async function* completeHistory(context: TrackingContext, run: number, key: string): AsyncGenerator<string> {
  let after: Point | null = null;
  let comma = "";
  yield '{"metrics":[';
  for (;;) {
    const points: Point[] = await readPoints(context.database, { run, key }, { limit: maxPage, after });
    if (points.length > 0) yield comma + points.map((point) => pointText(key, point)).join(",");
    if (points.length < maxPage) break;
    after = points.at(-1) ?? null;
    comma = ",";
  }
  yield "]}";
}

const bulkFields = z.object({ run_id: requiredTexts, metric_key: text, max_results: integer });

async function bulk(
  context: TrackingContext,
  { run_id: ids, metric_key: key, max_results = maxPage }: z.infer<typeof bulkFields>,
): Promise<string> {
  const refused = (what: string): HttpError => invalidParameter(`GetMetricHistoryBulk request ${what}`);
  if (ids.length === 0) throw refused("must specify at least one run_id.");
  if (ids.length > maxRuns) {
    throw refused(`cannot specify more than ${maxRuns} run_ids. Received ${ids.length} run_ids.`);
  }
  if (key === undefined) throw refused("must specify a metric_key.");
  const max = Math.min(max_results, maxPage);
  const texts: string[] = [];
  for (const id of [...new Set(ids)].sort()) {
    if (texts.length >= max) break;
    const { number } = await findTrackedRun(context.database, requireRunId(id));
    const limit = max - texts.length;
    const points = await readPoints(context.database, { run: number, key }, { limit, after: null });
    for (const point of points) texts.push(pointText(key, point, id));
  }
  return `{"metrics":[${texts.join(",")}]}`;
}

const maxPoints = 2_500;

const intervalFields = z.object({
  run_ids: requiredTexts,
  metric_key: requiredText,
  max_results: integer,
  start_step: integer,
  end_step: integer,
});

async function interval(
  context: TrackingContext,
  { run_ids: ids, metric_key: key, max_results = maxPoints, ...steps }: z.infer<typeof intervalFields>,
): Promise<string> {
  if (ids.length === 0) throw missing("run_ids");
  if (ids.length > maxRuns) {
    throw invalidParameter(
      `GetMetricHistoryBulkInterval request must specify at most ${maxRuns} run_ids. Received ${ids.length} run_ids.`,
    );
  }
  if (max_results < 1 || max_results > maxPoints) {
    throw invalidParameter(`max_results must be between 1 and ${maxPoints}.`);
  }
  const range = rangeOf(steps);
  const runs: { id: string; points: Point[] }[] = [];
  for (const id of new Set(ids)) {
    const { number } = await findTrackedRun(context.database, requireRunId(id));
    // reads all points of a series up to `maxPoints`, and a representative selection of a longer one
    const request = { axis: "step", places: maxPoints, ...range } as const;
    runs.push({ id, points: await readChart(context.database, { run: number, key }, request) });
  }
  const picked = evenSteps(
    runs.map(({ points }) => points),
    max_results,
  );
  const texts = runs.flatMap(({ id, points }) =>
    shown(points, picked).map((point) => pointText(key, point, id)),
  );
  return `{"metrics":[${texts.join(",")}]}`;
}

function rangeOf({
  start_step: from,
  end_step: to,
}: Pick<z.infer<typeof intervalFields>, "start_step" | "end_step">): {
  readonly from?: number;
  readonly to?: number;
} {
  if (from === undefined && to === undefined) return {};
  if (from === undefined || to === undefined) {
    throw invalidParameter("If either start step or end step are specified, both must be specified.");
  }
  if (from <= to) return { from, to };
  throw invalidParameter(
    `end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`,
  );
}

/** Evenly spaced entries of the list of all steps, and each run's first and last step. */
function evenSteps(runs: readonly (readonly Point[])[], max: number): ReadonlySet<number> {
  const all = [...new Set(runs.flatMap((points) => points.map(({ step }) => step)))].sort((a, b) => a - b);
  if (all.length <= max) return new Set(all);
  const picked = new Set(
    Array.from({ length: max }, (_, at) => all[Math.floor((at * all.length) / max)] as number),
  );
  for (const points of runs) {
    for (const end of [points[0], points.at(-1)]) if (end) picked.add(end.step);
  }
  return picked;
}

/** The points at the given steps, and the minimum and maximum between two of them if they lie outside their range. */
function shown(points: readonly Point[], steps: ReadonlySet<number>): Point[] {
  const retained: Point[] = [];
  let gap: Point[] = [];
  for (const point of points) {
    if (!steps.has(point.step)) {
      gap.push(point);
      continue;
    }
    retained.push(...outstanding(retained.at(-1), gap, point), point);
    gap = [];
  }
  return [...retained, ...gap];
}

function outstanding(before: Point | undefined, gap: readonly Point[], after: Point): Point[] {
  const ends = [before?.value ?? after.value, after.value].filter((value) => !Number.isNaN(value));
  let [lowest, highest]: (Point | undefined)[] = [undefined, undefined];
  const odd: Point[] = [];
  for (const point of gap) {
    if (Number.isNaN(point.value)) {
      if (odd.length === 0) odd.push(point);
    } else {
      if (point.value < (lowest?.value ?? Math.min(...ends))) lowest = point;
      if (point.value > (highest?.value ?? Math.max(...ends))) highest = point;
    }
  }
  const found = new Set([lowest, highest, ...odd]);
  return gap.filter((point) => found.has(point));
}

/** A point in MLflow's format; NaN and the infinities are strings, as in protobuf's JSON. */
function pointText(key: string, { value, ms, step }: Point, run?: string): string {
  const number = Number.isFinite(value) ? String(value) : `"${value}"`;
  const of = run === undefined ? "" : `,"run_id":"${run}"`;
  return `{"key":${JSON.stringify(key)},"value":${number},"timestamp":${ms},"step":${step}${of}}`;
}
