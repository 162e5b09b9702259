/**
 * @file MLflow's words for what runs, models and versions are, and ours.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto (RunStatus, LoggedModelStatus), mlflow/utils/mlflow_tags.py
 */
import type { ModelStatus, VersionStage } from "../../models/nouns.ts";
import type { Fact, Stage, TrackedStatus } from "../../tracking/nouns.ts";

/** Names of states in the order of their numbers, from 1. */
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

/** A run's state of a name or a number; what is neither counts as failed, since nobody knows how it ended. */
export function statusFrom(word: unknown): TrackedStatus {
  const name = /^\d+$/.test(String(word)) ? statusNames[Number(word) - 1] : String(word);
  return toOurs[name as keyof typeof toOurs] ?? "failed";
}

/** MLflow's name of a state. */
export function statusName(status: TrackedStatus): string {
  return toTheirs[status];
}

/** MLflow's number of a state, as its folders have it. */
export function statusNumber(status: TrackedStatus): number {
  return statusNames.indexOf(toTheirs[status]) + 1;
}

const modelStatuses = ["unspecified", "pending", "ready", "failed"] as const;

/** A logged model's state of a number, or of a name as `LOGGED_MODEL_READY`. */
export function modelStatusFrom(word: unknown): ModelStatus {
  const text = String(word);
  if (/^\d$/.test(text)) return modelStatuses[Number(text)] ?? "unspecified";
  if (text.endsWith("PENDING")) return "pending";
  if (text.endsWith("READY")) return "ready";
  return text.endsWith("FAILED") ? "failed" : "unspecified";
}

/** A stage of a version; an unknown one is none. */
export function versionStageFrom(word: unknown): VersionStage {
  const stage = (["Staging", "Production", "Archived"] as const).find((known) => known === word);
  return stage ?? "None";
}

/** Whether something is deleted. */
export function stageFrom(word: unknown): Stage {
  return word === "deleted" ? "deleted" : "active";
}

/** The tag that holds a run's name too. */
export const nameTag = "mlflow.runName";
/** The tag that holds a run's person too. */
const personTag = "mlflow.user";
/** The tag that says what data was used for. */
export const contextTag = "mlflow.data.context";

/** What a run is called, who made it, and its tags with the name among them, as after `runs/create`. */
export function nameAndPerson(
  id: string,
  given: { readonly name: string; readonly person: string },
  tags: readonly Fact[],
): { readonly name: string; readonly person: string; readonly tags: readonly Fact[] } {
  const tag = (key: string): string | undefined => tags.find((fact) => fact.key === key)?.value;
  const name = tag(nameTag) || given.name || id;
  return {
    name,
    person: given.person || tag(personTag) || "unknown",
    tags: tag(nameTag) === undefined ? [...tags, { key: nameTag, value: name }] : tags,
  };
}

/**
 * The number that a value of MLflow's databases stands for: they keep infinities as the largest numbers.
 *
 * @source mlflow/mlflow mlflow/store/tracking/sqlalchemy_store.py, sanitize_metric_value
 */
export function unclamped(value: number): number {
  return Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Number.POSITIVE_INFINITY : value;
}
