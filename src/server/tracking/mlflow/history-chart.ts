/**
 * @file Histories of several runs, thinned for a chart: steps at even distance, as MLflow picks them, and every point
 * between them that is higher or lower than its neighbors among those. MLflow leaves such spikes out.
 *
 * @source mlflow/mlflow mlflow/store/tracking/abstract_store.py, get_metric_history_bulk_interval
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { findTrackedRun, type Point, readChart } from "../../../track/index.ts";
import type { Reply, Route } from "../route.ts";
import { type Fields, neededText, textsField, wholeField } from "./fields.ts";
import { demandRunId } from "./key-rules.ts";
import { pointText } from "./point-text.ts";
import { MlflowError } from "./refuse.ts";
import { getPair, jsonText } from "./route-pair.ts";
import { aboutRuns } from "./subjects.ts";

const runsMost = 100;
const pointsMost = 2_500;

/** Routes of charts. */
export function chartRoutes(desk: TrackingContext): Route[] {
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
export function evenSteps(runs: readonly (readonly Point[])[], most: number): ReadonlySet<number> {
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
export function shown(points: readonly Point[], steps: ReadonlySet<number>): Point[] {
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
