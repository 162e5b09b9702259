/**
 * @file How a run stands, in MLflow's words and in the store's.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, RunStatus
 */
import type { TrackedStatus } from "@tunewise/tracker";

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

/** MLflow's name of a state. */
export function mlflowStatus(status: TrackedStatus): MlflowStatus {
  return names[status];
}

/** The store's name, or `undefined` for a word that is no state. */
export function storedStatus(name: string): TrackedStatus | undefined {
  return Object.hasOwn(stored, name) ? stored[name as MlflowStatus] : undefined;
}

/** All of the store's states that go by a name of MLflow's. */
export function storedStatuses(name: MlflowStatus): TrackedStatus[] {
  return (Object.keys(names) as TrackedStatus[]).filter((status) => names[status] === name);
}
