/**
 * @file Logging to a run: metrics, parameters, tags, one by one or in batches.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import {
  changeTrackedRun,
  dropTag,
  findTrackedRun,
  logTo,
  readStop,
  type TrackedRun,
} from "../../../track/index.ts";
import type { Reply, Route } from "../route.ts";
import { type ReadBatch, readBatch, readFact, readMetric } from "./batch.ts";
import { type Fields, neededText } from "./fields.ts";
import { findActiveRun, runIdOf } from "./find.ts";
import { lettersMost } from "./key-rules.ts";
import type { ModelParts } from "./model-parts.ts";
import { MlflowError } from "./refuse.ts";
import { json, postPair } from "./route-pair.ts";
import { nameTag } from "./runs.ts";
import { aboutRun } from "./subjects.ts";

const nothing: ReadBatch = { metrics: [], modelPoints: [], params: [], tags: [] };

/** Routes of logging. */
export function logRoutes(desk: TrackingContext, models: ModelParts): Route[] {
  const route = (name: string, read: (fields: Fields) => ReadBatch): Route[] =>
    postPair(`mlflow/runs/${name}`, "write", aboutRun(desk), (fields) => write(desk, models, fields, read));
  return [
    ...route("log-batch", readBatch),
    ...route("log-metric", readMetric),
    ...route("log-parameter", (fields) => ({ ...nothing, params: [readFact(fields, lettersMost.param)] })),
    ...route("set-tag", (fields) => ({ ...nothing, tags: [readFact(fields, lettersMost.tag)] })),
    ...postPair("mlflow/runs/delete-tag", "write", aboutRun(desk), (fields) => deleteTag(desk, fields)),
  ];
}

async function write(
  desk: TrackingContext,
  models: ModelParts,
  fields: Fields,
  read: (fields: Fields) => ReadBatch,
): Promise<Reply> {
  const id = runIdOf(fields);
  const batch = read(fields);
  const name = batch.tags.findLast(({ key }) => key === nameTag)?.value;
  // Given back and not thrown: what throws makes others of the same transaction wait.
  const stopped = await desk.write(async (transaction) => {
    const run = await findTrackedRun(transaction, id);
    if (batch.metrics.length > 0 && isOver(run, desk.now())) return readStop(transaction, run.number);
    await logTo(transaction, run, batch, desk.now());
    if (name) await changeTrackedRun(transaction, run.number, { name });
    if (batch.modelPoints.length > 0) await models.addPoints(transaction, run, batch.modelPoints);
    return null;
  });
  if (stopped === null) return json({});
  throw new MlflowError(
    "PERMISSION_DENIED",
    `Run ${id} was asked to stop and takes no more metrics: ${stopped} What it is still to save, and its end, are taken.`,
  );
}

/** From asking a run to stop until its metrics are refused: time to end the step and to save. */
const graceMs = 60_000;

/** Whether a run goes on though it was asked to stop. A client that logs as it trains stops at the refusal. */
function isOver({ stopMs, status }: TrackedRun, nowMs: number): boolean {
  return stopMs !== null && status === "running" && nowMs - stopMs > graceMs;
}

async function deleteTag(desk: TrackingContext, fields: Fields): Promise<Reply> {
  await desk.write(async (transaction) => {
    const { id, number } = await findActiveRun(transaction, fields);
    const key = neededText(fields, "key");
    if (await dropTag(transaction, number, key)) return;
    throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `No tag with name: ${key} in run with id ${id}`);
  });
  return json({});
}
