/** @file The user of a run, as reported by its client. */

/** Sent by MLflow clients if the user is unknown. @source mlflow/mlflow mlflow/tracking/context/default_context.py */
export const unnamedPerson = "unknown";

/** The first known user name, or empty. MLflow's placeholder does not count as a name. */
export function knownPerson(...said: readonly (string | null | undefined)[]): string {
  return said.find((name) => name && name !== unnamedPerson) || "";
}
