/**
 * @file Converts MLflow's rows of runs, models and versions to values. Servers, folders and databases use the same rows
 * except for a few field names.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto (RunStatus, LoggedModelStatus), mlflow/utils/mlflow_tags.py
 */
import { plainKey } from "../../artifacts/artifact-store.ts";
import type { ModelStatus, VersionStage } from "../../models/types.ts";
import type { RunInput } from "../../tracking/datasets.ts";
import { knownPerson } from "../../tracking/person.ts";
import type { KeyValue, Stage, TrackedStatus } from "../../tracking/types.ts";
import type { MovedModel, MovedName, MovedRun, MovedVersion } from "../history.ts";
import { type Loose, msIn, textIn, textOrNull, wholeIn } from "../read-row.ts";

/** A run, without its points. */
export function runFrom(
  project: string,
  id: string,
  row: Loose,
  parts: Pick<MovedRun, "tags" | "params" | "inputs" | "modelInputs" | "outputs">,
): MovedRun {
  const given = { name: textIn(row, "run_name") || textIn(row, "name"), person: textIn(row, "user_id") };
  return {
    id,
    project,
    status: statusFrom(row["status"]),
    stage: stageFrom(row["lifecycle_stage"]),
    deletedMs: msIn(row, "deleted_time"),
    startedMs: msIn(row, "start_time") ?? 0,
    endedMs: msIn(row, "end_time"),
    ...parts,
    ...nameAndPerson(id, given, parts.tags),
  };
}

/** A run's input dataset. @param prefix of most of its fields in databases */
export function inputFrom(row: Loose, tags: readonly KeyValue[], prefix: "" | "dataset_" = ""): RunInput {
  const dataset = {
    name: textIn(row, "name"),
    digest: textIn(row, "digest"),
    sourceType: textIn(row, `${prefix}source_type`),
    source: textIn(row, `${prefix}source`),
    schema: textOrNull(row, `${prefix}schema`),
    profile: textOrNull(row, `${prefix}profile`),
  };
  return { dataset, context: tags.find(({ key }) => key === contextTag)?.value ?? "", tags };
}

/** A logged model that a run produced, or that was created with it. */
export function outputFrom(row: Loose, id: string): MovedRun["outputs"][number] {
  return { modelId: textIn(row, id), step: wholeIn(row, "step") ?? 0 };
}

/** A logged model. @param suffix of its timestamp fields */
export function modelFrom(
  project: string,
  id: string,
  row: Loose,
  parts: Pick<MovedModel, "tags" | "params" | "metrics">,
  suffix: "" | "_ms" = "",
): MovedModel {
  const createdMs = msIn(row, `creation_timestamp${suffix}`) ?? 0;
  return {
    id,
    project,
    name: textIn(row, "name"),
    kind: textOrNull(row, "model_type") ?? "",
    status: modelStatusFrom(row["status"]),
    stage: stageFrom(row["lifecycle_stage"]),
    sourceRun: textOrNull(row, "source_run_id"),
    createdMs,
    changedMs: msIn(row, `last_updated_timestamp${suffix}`) ?? createdMs,
    ...parts,
  };
}

/** A registered model. @param unit suffix of its timestamp fields */
export function nameFrom(
  row: Loose,
  parts: Pick<MovedName, "tags" | "aliases" | "versions">,
  unit: "time" | "timestamp" = "timestamp",
): MovedName {
  return {
    name: textIn(row, "name"),
    description: textOrNull(row, "description"),
    createdMs: msIn(row, `creation_${unit}`) ?? 0,
    ...parts,
    versions: [...parts.versions].sort((a, b) => a.version - b.version),
  };
}

/** A version of a registered model. @param unit suffix of its timestamp fields */
export function versionFrom(
  row: Loose,
  {
    loggedModel,
    runPlace = "",
    tags,
  }: Pick<MovedVersion, "loggedModel" | "tags"> & { readonly runPlace?: string },
  unit: "time" | "timestamp" = "timestamp",
): MovedVersion {
  const createdMs = msIn(row, `creation_${unit}`) ?? 0;
  const [source, run] = [textIn(row, "source"), textOrNull(row, "run_id")];
  const place = textOrNull(row, "storage_location") ?? source;
  return {
    version: wholeIn(row, "version") ?? 0,
    stage: versionStageFrom(row["current_stage"]),
    description: textOrNull(row, "description"),
    source,
    run,
    runLink: textOrNull(row, "run_link"),
    loggedModel,
    path: versionPath(place, { run, loggedModel, runPlace }),
    person: textOrNull(row, "user_id") ?? "",
    createdMs,
    changedMs: msIn(row, `last_updated_${unit}`) ?? createdMs,
    tags,
  };
}

/** The logged model that a version was made from. */
export function loggedModelOf(row: Loose): string | null {
  const named = /^models:\/(m-[0-9a-f]{32})$/.exec(textIn(row, "source"))?.[1];
  return textOrNull(row, "model_id") ?? named ?? null;
}

/** MLflow's name for the stage of a deleted version. */
export const deletedStage = "Deleted_Internal";

/**
 * The path of a version's files within the folder of its run or logged model; empty: all of them, `null`: stored
 * elsewhere. Addresses are only compared as text and never opened.
 *
 * @param place the address of the files in the source
 */
export function versionPath(
  place: string,
  about: { readonly run: string | null; readonly loggedModel: string | null; readonly runPlace: string },
): string | null {
  const { run, loggedModel } = about;
  const bare = place.replace(/\/$/, "");
  if (loggedModel !== null) {
    if (bare === `models:/${loggedModel}`) return "";
    return below(bare, bare.indexOf(`/models/${loggedModel}/artifacts`), `/models/${loggedModel}/artifacts`);
  }
  if (run === null) return null;
  if (bare.startsWith(`runs:/${run}`)) return below(bare, 0, `runs:/${run}`);
  const runPlace = about.runPlace.replace(/\/$/, "");
  if (runPlace !== "" && bare.startsWith(runPlace)) return below(bare, 0, runPlace);
  return below(bare, bare.indexOf(`/${run}/artifacts`), `/${run}/artifacts`);
}

function below(place: string, at: number, folder: string): string | null {
  if (at === -1) return null;
  const rest = place.slice(at + folder.length);
  if (rest === "") return "";
  return rest.startsWith("/") ? plainKey(rest.slice(1)) : null;
}

/** Status names, ordered by their numbers from 1. */
const statusNames = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;

const toOurs: Readonly<Record<(typeof statusNames)[number], TrackedStatus>> = {
  RUNNING: "running",
  SCHEDULED: "scheduled",
  FINISHED: "completed",
  FAILED: "failed",
  KILLED: "killed",
};

const toTheirs: Readonly<Record<TrackedStatus, (typeof statusNames)[number]>> = {
  running: "RUNNING",
  scheduled: "SCHEDULED",
  completed: "FINISHED",
  failed: "FAILED",
  crashed: "FAILED",
  killed: "KILLED",
  stopped: "KILLED",
  interrupted: "KILLED",
};

/** Converts a status name or number. An unknown status becomes failed, because how the run ended is unknown. */
function statusFrom(word: unknown): TrackedStatus {
  const name = /^\d+$/.test(String(word)) ? statusNames[Number(word) - 1] : String(word);
  return toOurs[name as keyof typeof toOurs] ?? "failed";
}

/** MLflow's name of a status. */
export function statusName(status: TrackedStatus): string {
  return toTheirs[status];
}

/** MLflow's number of a status, as used in its folders. */
export function statusNumber(status: TrackedStatus): number {
  return statusNames.indexOf(toTheirs[status]) + 1;
}

const modelStatuses = ["unspecified", "pending", "ready", "failed"] as const;

/** Converts a logged model's status from a number, or from a name such as `LOGGED_MODEL_READY`. */
function modelStatusFrom(word: unknown): ModelStatus {
  const text = String(word);
  if (/^\d$/.test(text)) return modelStatuses[Number(text)] ?? "unspecified";
  if (text.endsWith("PENDING")) return "pending";
  if (text.endsWith("READY")) return "ready";
  return text.endsWith("FAILED") ? "failed" : "unspecified";
}

/** Converts a version's stage; unknown stages become `None`. */
function versionStageFrom(word: unknown): VersionStage {
  const stage = (["Staging", "Production", "Archived"] as const).find((known) => known === word);
  return stage ?? "None";
}

/** Converts a lifecycle stage. */
export function stageFrom(word: unknown): Stage {
  return word === "deleted" ? "deleted" : "active";
}

/** The tag that repeats a run's name. */
export const nameTag = "mlflow.runName";
/** The tag that repeats a run's user. */
const personTag = "mlflow.user";
/** The tag with the purpose of a dataset. */
const contextTag = "mlflow.data.context";

/** A run's name, its user, and its tags including the name tag, as after `runs/create`. */
function nameAndPerson(
  id: string,
  given: { readonly name: string; readonly person: string },
  tags: readonly KeyValue[],
): { readonly name: string; readonly person: string; readonly tags: readonly KeyValue[] } {
  const tag = (key: string): string | undefined => tags.find((fact) => fact.key === key)?.value;
  const name = tag(nameTag) || given.name || id;
  return {
    name,
    person: knownPerson(given.person, tag(personTag)),
    tags: tag(nameTag) === undefined ? [...tags, { key: nameTag, value: name }] : tags,
  };
}

/**
 * Undoes MLflow's clamping of a value: its databases store infinities as the largest numbers.
 *
 * @source mlflow/mlflow mlflow/store/tracking/sqlalchemy_store.py, sanitize_metric_value
 */
export function unclamped(value: number): number {
  return Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Number.POSITIVE_INFINITY : value;
}
