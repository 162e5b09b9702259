/**
 * @file Histories of metrics: page by page, of several runs, or thinned for a chart.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_metric_history and get_metric_history_bulk_handler
 */
import { Readable } from "node:stream";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { findTrackedRun, type Point, readPoints } from "../../../track/index.ts";
import type { Reply, Route } from "../route.ts";
import { type Fields, invalid, neededText, textField, textsField, wholeField } from "./fields.ts";
import { findRun } from "./find.ts";
import { chartRoutes } from "./history-chart.ts";
import { demandRunId } from "./key-rules.ts";
import { pointToken, readPoint } from "./page-token.ts";
import { pointText } from "./point-text.ts";
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
