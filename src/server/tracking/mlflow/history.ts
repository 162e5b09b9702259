/**
 * @file Histories of metrics: page by page, of several runs, or thinned for a chart: steps at even distance, as MLflow
 * picks them, and every point between them that is higher or lower than its neighbors among those. MLflow leaves such
 * spikes out.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_metric_history and get_metric_history_bulk_handler;
 *   mlflow/store/tracking/abstract_store.py, get_metric_history_bulk_interval
 */
import { Readable } from "node:stream";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { findTrackedRun, type Point, readChart, readPoints } from "../../../track/index.ts";
import type { Reply, Route } from "../route.ts";
import { type Fields, invalid, neededText, textField, textsField, wholeField } from "./fields.ts";
import { findRun } from "./find.ts";
import { demandRunId } from "./key-rules.ts";
import { pointToken, readPoint } from "./page-token.ts";
import { MlflowError } from "./refuse.ts";
import { getPair, jsonText } from "./route-pair.ts";
import { aboutRun, aboutRuns } from "./subjects.ts";

/** Points of a page, at most. */
const pageMost = 25_000;
/** Runs of one request, at most. */
const runsMost = 100;

/** Routes of histories. */
export function historyRoutes(desk: TrackingContext): Route[] {
  return [
    ...getPair("mlflow/metrics/get-history", aboutRun(desk), (fields) => history(desk, fields)),
    ...getPair("mlflow/metrics/get-history-bulk", aboutRuns(desk, "run_id"), (fields) => bulk(desk, fields)),
    ...chartRoutes(desk),
  ];
}

async function history(desk: TrackingContext, fields: Fields): Promise<Reply> {
  const key = neededText(fields, "metric_key");
  const { number } = await findRun(desk.database, fields);
  const asked = wholeField(fields, "max_results");
  const after = readPoint(textField(fields, "page_token"));
  // Older clients know no pages: they get the whole history, which is sent as it is read.
  if (asked === undefined && after === null) return streamed(wholeHistory(desk, number, key));
  if (asked !== undefined && asked < 1) throw invalid("max_results", asked, "It must be a positive integer.");
  const limit = Math.min(asked ?? pageMost, pageMost);
  const points = await readPoints(desk.database, { run: number, key }, { limit: limit + 1, after });
  const page = points.slice(0, limit);
  const last = page.at(-1);
  const next = points.length > limit && last ? `,"next_page_token":"${pointToken(last)}"` : "";
  return jsonText(`{"metrics":[${page.map((point) => pointText(key, point)).join(",")}]${next}}`);
}

async function* wholeHistory(desk: TrackingContext, run: number, key: string): AsyncGenerator<string> {
  let after: Point | null = null;
  let comma = "";
  yield '{"metrics":[';
  for (;;) {
    const points: Point[] = await readPoints(desk.database, { run, key }, { limit: pageMost, after });
    if (points.length > 0) yield comma + points.map((point) => pointText(key, point)).join(",");
    if (points.length < pageMost) break;
    after = points.at(-1) ?? null;
    comma = ",";
  }
  yield "]}";
}

function streamed(texts: AsyncGenerator<string>): Reply {
  const headers = { "content-type": "application/json; charset=utf-8" };
  return { status: 200, headers, body: Readable.from(texts) };
}

async function bulk(desk: TrackingContext, fields: Fields): Promise<Reply> {
  const ids = textsField(fields, "run_id");
  const refused = (what: string): MlflowError =>
    new MlflowError("INVALID_PARAMETER_VALUE", `GetMetricHistoryBulk request ${what}`);
  if (ids.length === 0) throw refused("must specify at least one run_id.");
  if (ids.length > runsMost) {
    throw refused(`cannot specify more than ${runsMost} run_ids. Received ${ids.length} run_ids.`);
  }
  const key = textField(fields, "metric_key");
  if (key === undefined) throw refused("must specify a metric_key.");
  const most = Math.min(wholeField(fields, "max_results") ?? pageMost, pageMost);
  const texts: string[] = [];
  for (const id of [...new Set(ids)].sort()) {
    if (texts.length >= most) break;
    const { number } = await findTrackedRun(desk.database, demandRunId(id));
    const limit = most - texts.length;
    const points = await readPoints(desk.database, { run: number, key }, { limit, after: null });
    for (const point of points) texts.push(pointText(key, point, id));
  }
  return jsonText(`{"metrics":[${texts.join(",")}]}`);
}

const pointsMost = 2_500;

/** Routes of charts. */
function chartRoutes(desk: TrackingContext): Route[] {
  return getPair("mlflow/metrics/get-history-bulk-interval", aboutRuns(desk, "run_ids"), (fields) =>
    interval(desk, fields),
  );
}

async function interval(desk: TrackingContext, fields: Fields): Promise<Reply> {
  const ids = textsField(fields, "run_ids");
  const refused = (message: string): MlflowError => new MlflowError("INVALID_PARAMETER_VALUE", message);
  if (ids.length === 0) throw refused("Missing value for required parameter 'run_ids'.");
  if (ids.length > runsMost) {
    throw refused(
      `GetMetricHistoryBulkInterval request must specify at most ${runsMost} run_ids. Received ${ids.length} run_ids.`,
    );
  }
  const key = neededText(fields, "metric_key");
  const most = wholeField(fields, "max_results") ?? pointsMost;
  if (most < 1 || most > pointsMost) throw refused(`max_results must be between 1 and ${pointsMost}.`);
  const range = rangeOf(fields, refused);
  const runs: { id: string; points: Point[] }[] = [];
  for (const id of new Set(ids)) {
    const { number } = await findTrackedRun(desk.database, demandRunId(id));
    // Up to so many points all are read; of a longer series those that show it.
    const request = { axis: "step", places: pointsMost, ...range } as const;
    runs.push({ id, points: await readChart(desk.database, { run: number, key }, request) });
  }
  const steps = evenSteps(
    runs.map(({ points }) => points),
    most,
  );
  const texts = runs.flatMap(({ id, points }) =>
    shown(points, steps).map((point) => pointText(key, point, id)),
  );
  return jsonText(`{"metrics":[${texts.join(",")}]}`);
}

function rangeOf(
  fields: Fields,
  refused: (message: string) => MlflowError,
): { readonly from?: number; readonly to?: number } {
  const [from, to] = [wholeField(fields, "start_step"), wholeField(fields, "end_step")];
  if (from === undefined && to === undefined) return {};
  if (from === undefined || to === undefined) {
    throw refused("If either start step or end step are specified, both must be specified.");
  }
  if (from <= to) return { from, to };
  throw refused(`end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`);
}

/** Steps at even distance in the list of all steps, and each run's first and last. */
function evenSteps(runs: readonly (readonly Point[])[], most: number): ReadonlySet<number> {
  const all = [...new Set(runs.flatMap((points) => points.map(({ step }) => step)))].sort((a, b) => a - b);
  if (all.length <= most) return new Set(all);
  const picked = new Set(
    Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)] as number),
  );
  for (const points of runs) {
    for (const end of [points[0], points.at(-1)]) if (end) picked.add(end.step);
  }
  return picked;
}

/** The points at the steps, and between two of them the lowest and the highest, where they stand out. */
function shown(points: readonly Point[], steps: ReadonlySet<number>): Point[] {
  const kept: Point[] = [];
  let gap: Point[] = [];
  for (const point of points) {
    if (!steps.has(point.step)) {
      gap.push(point);
      continue;
    }
    kept.push(...outstanding(kept.at(-1), gap, point), point);
    gap = [];
  }
  return [...kept, ...gap];
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

/** A point in MLflow's words; NaN and the infinities are texts, as in protobuf's JSON. */
function pointText(key: string, { value, ms, step }: Point, run?: string): string {
  const number = Number.isFinite(value) ? String(value) : `"${value}"`;
  const of = run === undefined ? "" : `,"run_id":"${run}"`;
  return `{"key":${JSON.stringify(key)},"value":${number},"timestamp":${ms},"step":${step}${of}}`;
}
