/**
 * @file Runs: made, found, changed, deleted, restored.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */
import { admitRun, type TrackingContext, settleRun } from "../../../app/tracking/index.ts";
import {
  addTrackedRun,
  beginWork,
  changeTrackedRun,
  endWork,
  findTrackedRun,
  logBatch,
  type TrackedChange,
  type TrackedStatus,
} from "../../../track/index.ts";
import type { Caller, Reply, Route } from "../route.ts";
import { readFacts } from "./batch.ts";
import { type Fields, invalid, listField, textField, wholeField } from "./fields.ts";
import { findActiveExperiment, findActiveRun, findRun } from "./find.ts";
import { cutValue, lettersMost } from "./key-rules.ts";
import type { ModelParts } from "./model-parts.ts";
import type { ArtifactPlaces } from "./places.ts";
import { MlflowError } from "./refuse.ts";
import { getPair, json, jsonText, postPair } from "./route-pair.ts";
import { inventName } from "./run-name.ts";
import { storedStatus } from "./run-status.ts";
import { infoTexts, runTexts } from "./run-text.ts";
import { aboutExperiment, aboutRun } from "./subjects.ts";

/** The tag that holds a run's name too. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
export const nameTag = "mlflow.runName";

/** Routes of runs. */
export function runRoutes(desk: TrackingContext, places: ArtifactPlaces, models: ModelParts): Route[] {
  const whole = async (id: string): Promise<Reply> => {
    const texts = await runTexts(desk, places, [await findTrackedRun(desk.database, id)], models);
    return jsonText(`{"run":${texts[0]}}`);
  };
  const run = aboutRun(desk);
  return [
    ...postPair("mlflow/runs/create", "write", aboutExperiment(desk), async (fields, { caller }) =>
      whole(await createRun(desk, fields, caller)),
    ),
    ...getPair("mlflow/runs/get", run, async (fields) => whole((await findRun(desk.database, fields)).id)),
    ...postPair("mlflow/runs/update", "write", run, async (fields) => {
      const changed = await findTrackedRun(desk.database, await update(desk, fields));
      return jsonText(`{"run_info":${(await infoTexts(desk, places, [changed]))[0]}}`);
    }),
    ...postPair("mlflow/runs/delete", "write", run, (fields) =>
      setStage(desk, fields, { stage: "deleted", deletedMs: desk.now() }),
    ),
    ...postPair("mlflow/runs/restore", "write", run, (fields) =>
      setStage(desk, fields, { stage: "active", deletedMs: null }),
    ),
  ];
}

/** Clocks of a client and of the server may be so far apart. */
const clockMs = 600_000;

/** Adds a run; gives its id. Whoever calls by name is its person, whatever the client says. */
export async function createRun(desk: TrackingContext, fields: Fields, caller: Caller): Promise<string> {
  const tags = readFacts(listField(fields, "tags"), "tags", lettersMost.tag);
  const tagged = tags.findLast(({ key }) => key === nameTag)?.value;
  const given = textField(fields, "run_name");
  if (given && tagged && given !== tagged) {
    throw new MlflowError(
      "INVALID_PARAMETER_VALUE",
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values.",
    );
  }
  const name = cutValue(given || tagged || inventName(desk.newId()), lettersMost.tag, "run_name");
  const person =
    caller.name ||
    textField(fields, "user_id") ||
    tags.findLast(({ key }) => key === "mlflow.user")?.value ||
    "unknown";
  const nowMs = desk.now();
  const startedMs = wholeField(fields, "start_time") || nowMs;
  const id = desk.newId();
  await desk.write(async (transaction) => {
    const { number } = await findActiveExperiment(transaction, fields);
    const said = new Map(tags.map(({ key, value }) => [key, value]));
    const applicant = { id, caller: caller.name, person, project: number, tags: said, nowMs };
    const admission = await admitRun(transaction, applicant);
    const added = await addTrackedRun(transaction, {
      ...admission,
      id,
      project: number,
      name,
      status: "running",
      client: "mlflow",
      person: cutValue(person, lettersMost.key, "user_id"),
      purpose: "experiment",
      startedMs,
      tags: [...tags, ...(tagged ? [] : [{ key: nameTag, value: name }]), ...admission.tags],
    });
    // A history that is logged later worked from its own start to its own end.
    if (Math.abs(nowMs - startedMs) < clockMs) await beginWork(transaction, added.number, startedMs);
  });
  return id;
}

/** Changes state, end or name; gives the run's id. */
async function update(desk: TrackingContext, fields: Fields): Promise<string> {
  const name = textField(fields, "run_name");
  const endedMs = wholeField(fields, "end_time");
  const status = statusField(fields);
  const change: TrackedChange = {
    ...(name ? { name: cutValue(name, lettersMost.tag, "run_name") } : {}),
    ...(endedMs === undefined ? {} : { endedMs }),
    // a run that goes on has not ended
    ...(status === "running" ? { endedMs: null } : {}),
    ...(status === undefined ? {} : { status }),
  };
  return desk.write(async (transaction) => {
    const { id, number } = await findActiveRun(transaction, fields);
    await changeTrackedRun(transaction, number, change);
    if (status === "running") await beginWork(transaction, number, desk.now());
    else if (status !== undefined && status !== "scheduled") {
      await endWork(transaction, number);
      await settleRun(transaction, number, desk);
    }
    if (change.name !== undefined) {
      const tags = [{ key: nameTag, value: change.name }];
      await logBatch(transaction, id, { metrics: [], params: [], tags }, desk.now());
    }
    return id;
  });
}

function statusField(fields: Fields): TrackedStatus | undefined {
  const name = textField(fields, "status");
  if (name === undefined) return undefined;
  const status = storedStatus(name);
  if (status === undefined) throw invalid("status", name);
  return status;
}

async function setStage(desk: TrackingContext, fields: Fields, change: TrackedChange): Promise<Reply> {
  await desk.write(async (transaction) => {
    const { number } = await findRun(transaction, fields);
    await changeTrackedRun(transaction, number, change);
  });
  return json({});
}
