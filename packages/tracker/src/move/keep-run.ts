/**
 * @file Imports a run. Existing data is never changed; only missing data is added. The same history can therefore be
 * imported repeatedly, and an interrupted import can continue.
 */

import type { Reader, Transaction } from "../database/database.ts";
import { addModelInputs, addOutputs } from "../models/outputs.ts";
import { writePoints } from "../points/write-points.ts";
import { problem } from "../problem/index.ts";
import { addInputs } from "../tracking/datasets.ts";
import { addParams, putProjectTags, putTags, readTags } from "../tracking/facts.ts";
import { addProject, changeProject, findProject } from "../tracking/projects.ts";
import { addTrackedRun, changeTrackedRun, findTrackedRunOrNull } from "../tracking/runs.ts";
import type { Project, TrackedRun } from "../tracking/types.ts";
import type { MovedPoint, MovedProject, MovedRun } from "./history.ts";

/** Maximum length of a key of a metric, parameter or tag, in bytes, because keys are part of a database index. */
const maxKeyBytes = 1000;
/** Valid run ids. */
const idPattern = /^[a-zA-Z0-9][\w-]{0,255}$/;

/** The project with a name, created if missing. An existing project only gets missing tags. */
export async function keepProject(
  transaction: Transaction,
  { name, stage, tags }: Pick<MovedProject, "name" | "stage" | "tags">,
  nowMs: number,
): Promise<Project> {
  const found = await findProject(transaction, { name });
  if (found) {
    const missing = tags.filter(({ key }) => !(key in found.tags));
    await putProjectTags(transaction, found.number, missing);
    return found;
  }
  const added = await addProject(transaction, { name, artifactRoot: null, tags, nowMs });
  if (stage === "deleted") await changeProject(transaction, added.number, { stage }, nowMs);
  return added;
}

/** An imported run. */
export interface KeptRun {
  readonly run: TrackedRun;
  readonly isNew: boolean;
}

/**
 * Imports a run without its points. It has the status running until `endKeptRun`, so that a partial run does not look
 * complete.
 *
 * @throws {TunewiseError} `PARAM_CHANGED` if it exists with another value of a parameter, `MOVE_RUN_INVALID`
 */
export async function keepRun(transaction: Transaction, moved: MovedRun, project: number): Promise<KeptRun> {
  requireMovedRun(moved);
  const found = await findTrackedRunOrNull(transaction, moved.id);
  const run =
    found ??
    (await addTrackedRun(transaction, {
      id: moved.id,
      project,
      name: moved.name,
      status: "running",
      client: "mlflow",
      person: moved.person,
      purpose: "experiment",
      startedMs: moved.startedMs,
      fingerprint: null,
      family: null,
      tags: moved.tags,
    }));
  await addParams(transaction, run, moved.params);
  if (found) {
    const known = await readTags(transaction, run.number);
    await putTags(
      transaction,
      run.number,
      moved.tags.filter(({ key }) => !known.has(key)),
    );
  }
  await addInputs(transaction, { ...run, stage: "active" }, moved.inputs);
  return { run, isNew: found === null };
}

/** @throws {TunewiseError} `MOVE_RUN_INVALID` */
export function requireMovedPoints(run: Pick<TrackedRun, "id">, points: readonly MovedPoint[]): void {
  for (const { key, step, ms } of points) {
    const isFit = key !== "" && Buffer.byteLength(key) <= maxKeyBytes;
    if (!isFit || !Number.isSafeInteger(step) || !Number.isSafeInteger(ms)) {
      throw problem("MOVE_RUN_INVALID", {
        id: run.id,
        reason: `the metric ${key.slice(0, 100)} has an invalid point`,
      });
    }
  }
}

/** Adds points; existing points are unchanged. @throws {TunewiseError} `MOVE_RUN_INVALID` */
export async function keepPoints(
  transaction: Transaction,
  run: TrackedRun,
  points: readonly MovedPoint[],
): Promise<void> {
  requireMovedPoints(run, points);
  await writePoints(
    transaction,
    points.map((point) => ({ ...point, run: run.number })),
  );
}

/**
 * Records how a run ended, once it is complete, and its input and output models that exist here. Returns the ids of
 * those that do not.
 */
export async function endKeptRun(
  transaction: Transaction,
  { run, isNew }: KeptRun,
  moved: MovedRun,
  nowMs: number,
): Promise<string[]> {
  const isOpen = isNew || run.status === "running" || run.status === "scheduled";
  if (isOpen)
    await changeTrackedRun(transaction, run.number, { status: moved.status, endedMs: moved.endedMs });
  const known = await knownModels(transaction, [
    ...moved.modelInputs,
    ...moved.outputs.map(({ modelId }) => modelId),
  ]);
  const outputs = moved.outputs.filter(({ modelId }) => known.has(modelId));
  if (outputs.length > 0 && run.stage === "active") await addOutputs(transaction, run.id, outputs);
  const inputs = moved.modelInputs.filter((id) => known.has(id));
  await addModelInputs(transaction, run.number, inputs);
  if (isNew && moved.stage === "deleted") {
    const change = { stage: "deleted", deletedMs: moved.deletedMs ?? nowMs } as const;
    await changeTrackedRun(transaction, run.number, change);
  }
  const seenMs = isNew ? (moved.endedMs ?? moved.startedMs) : run.seenMs;
  const sql = "UPDATE runs SET document = NULL, seen_ms = ? WHERE number = ?";
  await transaction.run(sql, seenMs, run.number);
  return [...moved.modelInputs, ...moved.outputs.map(({ modelId }) => modelId)].filter(
    (id) => !known.has(id),
  );
}

/** @throws {TunewiseError} `MOVE_RUN_INVALID` */
export function requireMovedRun(moved: MovedRun): void {
  if (!idPattern.test(moved.id)) throw invalid(moved, "its id is not valid");
  for (const { key } of [...moved.params, ...moved.tags]) {
    if (key === "" || Buffer.byteLength(key) > maxKeyBytes) {
      throw invalid(
        moved,
        `a name of ${Buffer.byteLength(key)} bytes, ${key.slice(0, 60)}, cannot be stored`,
      );
    }
  }
}

function invalid({ id }: MovedRun, reason: string): Error {
  return problem("MOVE_RUN_INVALID", { id: id.slice(0, 100), reason });
}

async function knownModels(reader: Reader, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (const id of new Set(ids)) {
    if ((await reader.all("SELECT 1 FROM logged_models WHERE id = ?", id)).length > 0) known.add(id);
  }
  return known;
}
