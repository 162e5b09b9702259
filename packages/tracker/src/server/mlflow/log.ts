/**
 * @file Routes that log metrics, parameters and tags to a run, one by one or in batches.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */

import { z } from "zod";
import type { Route } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import {
  changeTrackedRun,
  dropTag,
  findTrackedRun,
  type KeyValue,
  logTo,
  readStop,
  type TrackedRun,
} from "../../index.ts";
import {
  type BatchFields,
  batchFields,
  factKey,
  factValue,
  metricFields,
  type ReadBatch,
  readBatch,
  readModels,
} from "./batch.ts";
import { endpoint } from "./endpoint.ts";
import { requiredText } from "./fields.ts";
import { findActiveRun, type RunFields, runFields, runIdOf } from "./find.ts";
import { maxLength } from "./key-rules.ts";
import { addModelPoints } from "./models/parts.ts";
import { mlflowRefusal, notFound } from "./refuse.ts";
import { nameTag } from "./runs.ts";
import { aboutRun, andParent, type ModelRoles } from "./subjects.ts";

const nothing: ReadBatch = { metrics: [], modelPoints: [], params: [], tags: [] };

/** A parameter or a tag with its run. */
function factFields(max: number): z.ZodType<RunFields & { readonly fact: KeyValue }> {
  return z
    .object({ ...runFields, key: factKey, value: factValue(max) })
    .transform(({ key, value, ...run }) => ({ ...run, fact: { key, value } }));
}

/** Routes of logging. */
export function logRoutes(context: TrackingContext): Route[] {
  const run = aboutRun(context);
  const base = { method: "POST", policy: "write" } as const;
  return [
    ...endpoint({
      ...base,
      path: "mlflow/runs/log-batch",
      reads: batchFields,
      about: andParent(context, aboutRun(context, measured), (fields: BatchFields) => readBatch(fields).tags),
      summary: "Log metrics, parameters and tags atomically; at most 1,000 in total.",
      answer: (fields) => write(context, fields, readBatch(fields)),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/log-metric",
      about: aboutRun(context, measuredOn),
      summary: "Log a metric.",
      reads: metricFields,
      answer: (fields) => write(context, fields, fields),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/log-parameter",
      about: run,
      reads: factFields(maxLength.param),
      summary: "Log a parameter. Its value cannot be changed later.",
      answer: (fields) => write(context, fields, { ...nothing, params: [fields.fact] }),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/set-tag",
      reads: factFields(maxLength.tag),
      about: andParent(context, run, ({ fact }: { readonly fact: KeyValue }) => [fact]),
      summary: "Set a tag of a run.",
      answer: (fields) => write(context, fields, { ...nothing, tags: [fields.fact] }),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/delete-tag",
      about: run,
      summary: "Delete a tag of a run.",
      reads: z.object({ ...runFields, key: requiredText }),
      answer: async ({ key, ...fields }) => {
        await context.write(async (transaction) => {
          const { id, number } = await findActiveRun(transaction, fields);
          if (await dropTag(transaction, number, key)) return;
          throw notFound(`No tag with name: ${key} in run with id ${id}`);
        });
        return {};
      },
    }),
  ];
}

/** Points are also written to the models that they concern. */
const measured = ({ metrics }: { readonly metrics: readonly unknown[] }): ModelRoles =>
  readModels(metrics, "write");
const measuredOn = ({ modelPoints }: ReadBatch): ModelRoles =>
  new Map(modelPoints.map(({ modelId }) => [modelId, "write"]));

async function write(context: TrackingContext, fields: RunFields, batch: ReadBatch): Promise<object> {
  const id = runIdOf(fields);
  const name = batch.tags.findLast(({ key }) => key === nameTag)?.value;
  // Returned rather than thrown, since an error delays other writes of the same transaction.
  const stopped = await context.write(async (transaction) => {
    const run = await findTrackedRun(transaction, id);
    if (batch.metrics.length > 0 && isOver(run, context.now())) return readStop(transaction, run.number);
    await logTo(transaction, run, batch, context.now());
    if (name) await changeTrackedRun(transaction, run.number, { name });
    if (batch.modelPoints.length > 0) await addModelPoints(transaction, run.number, batch.modelPoints);
    return null;
  });
  if (stopped === null) return {};
  throw mlflowRefusal(
    "PERMISSION_DENIED",
    `Run ${id} was asked to stop and takes no more metrics: ${stopped} What it is still to save, and its end, are taken.`,
  );
}

/** Time from a stop request until a run's metrics are refused, so that it can finish its step and save. */
const graceMs = 60_000;

/** Whether a run ignores a stop request. Refusing its metrics stops a client that logs while training. */
function isOver({ stopMs, status }: TrackedRun, nowMs: number): boolean {
  return stopMs !== null && status === "running" && nowMs - stopMs > graceMs;
}
