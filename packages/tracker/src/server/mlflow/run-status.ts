/**
 * @file Converts statuses of runs between MLflow's names and the store's.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, RunStatus
 */
import type { TrackedStatus } from "../../index.ts";

/** MLflow's states. */
export type MlflowStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

const names: Readonly<Record<TrackedStatus, MlflowStatus>> = {
  scheduled: "SCHEDULED",
  running: "RUNNING",
  completed: "FINISHED",
  stopped: "KILLED",
  interrupted: "KILLED",
  killed: "KILLED",
  crashed: "FAILED",
  failed: "FAILED",
};

const stored: Readonly<Record<MlflowStatus, TrackedStatus>> = {
  SCHEDULED: "scheduled",
  RUNNING: "running",
  FINISHED: "completed",
  FAILED: "failed",
  KILLED: "killed",
};

/** All of MLflow's states. */
export const statusNames: readonly MlflowStatus[] = Object.keys(stored) as MlflowStatus[];

/** Returns MLflow's name of a state. */
export function mlflowStatus(status: TrackedStatus): MlflowStatus {
  return names[status];
}

/** Returns the store's name, or `undefined` for an unknown state. */
export function storedStatus(name: string): TrackedStatus | undefined {
  return Object.hasOwn(stored, name) ? stored[name as MlflowStatus] : undefined;
}

/** Returns all of the store's states that have the given MLflow name. */
export function storedStatuses(name: MlflowStatus): TrackedStatus[] {
  return (Object.keys(names) as TrackedStatus[]).filter((status) => names[status] === name);
}
