/** @file Who a run is of, as its client says. */

/** What MLflow's clients send where they do not know the user. @source mlflow/mlflow mlflow/tracking/context/default_context.py */
export const unnamedPerson = "unknown";

/** The first person that is named; empty where none is: MLflow's word for that is no name. */
export function knownPerson(...said: readonly (string | null | undefined)[]): string {
  return said.find((name) => name && name !== unnamedPerson) || "";
}
