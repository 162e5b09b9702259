/**
 * @file Runs: made, found, changed, deleted, restored.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */
import type { Desk } from "../../../flow/index.ts";
import {
  addTrackedRun,
  changeTrackedRun,
  findTrackedRun,
  logBatch,
  type TrackedChange,
  type TrackedStatus,
} from "../../../track/index.ts";
import type { Reply, Route } from "../route.ts";
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

/** The tag that holds a run's name too. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
export const nameTag = "mlflow.runName";

/** Routes of runs. */
export function runRoutes(desk: Desk, places: ArtifactPlaces, models: ModelParts): Route[] {
  const whole = async (id: string): Promise<Reply> => {
    const texts = await runTexts(desk, places, [await findTrackedRun(desk.database, id)], models);
    return jsonText(`{"run":${texts[0]}}`);
  };
  return [
    ...postPair("mlflow/runs/create", "write", async (fields) => whole(await createRun(desk, fields))),
    ...getPair("mlflow/runs/get", async (fields) => whole((await findRun(desk.database, fields)).id)),
    ...postPair("mlflow/runs/update", "write", async (fields) => {
      const run = await findTrackedRun(desk.database, await update(desk, fields));
      return jsonText(`{"run_info":${(await infoTexts(desk, places, [run]))[0]}}`);
    }),
    ...postPair("mlflow/runs/delete", "write", (fields) =>
      setStage(desk, fields, { stage: "deleted", deletedMs: desk.now() }),
    ),
    ...postPair("mlflow/runs/restore", "write", (fields) =>
      setStage(desk, fields, { stage: "active", deletedMs: null }),
    ),
  ];
}

/** Adds a run; gives its id. */
export async function createRun(desk: Desk, fields: Fields): Promise<string> {
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
  const user =
    textField(fields, "user_id") || tags.findLast(({ key }) => key === "mlflow.user")?.value || "unknown";
  const startedMs = wholeField(fields, "start_time") || desk.now();
  const id = desk.newId();
  await desk.write(async (transaction) => {
    const { number } = await findActiveExperiment(transaction, fields);
    await addTrackedRun(transaction, {
      id,
      project: number,
      name,
      status: "running",
      client: "mlflow",
      person: cutValue(user, lettersMost.key, "user_id"),
      purpose: "experiment",
      startedMs,
      fingerprint: null,
      family: null,
      tags: tagged ? tags : [...tags, { key: nameTag, value: name }],
    });
  });
  return id;
}

/** Changes state, end or name; gives the run's id. */
async function update(desk: Desk, fields: Fields): Promise<string> {
  const name = textField(fields, "run_name");
  const endedMs = wholeField(fields, "end_time");
  const status = statusField(fields);
  const change: TrackedChange = {
    ...(name ? { name: cutValue(name, lettersMost.tag, "run_name") } : {}),
    ...(endedMs === undefined ? {} : { endedMs }),
    ...(status === undefined ? {} : { status }),
  };
  return desk.write(async (transaction) => {
    const { id, number } = await findActiveRun(transaction, fields);
    await changeTrackedRun(transaction, number, change);
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

async function setStage(desk: Desk, fields: Fields, change: TrackedChange): Promise<Reply> {
  await desk.write(async (transaction) => {
    const { number } = await findRun(transaction, fields);
    await changeTrackedRun(transaction, number, change);
  });
  return json({});
}
