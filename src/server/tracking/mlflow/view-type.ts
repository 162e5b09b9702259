/**
 * @file Which stages a search looks at.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, ViewType
 */
import type { Stage } from "../../../track/index.ts";
import { type Fields, invalid } from "./fields.ts";

const views: Readonly<Record<string, readonly Stage[]>> = {
  ACTIVE_ONLY: ["active"],
  DELETED_ONLY: ["deleted"],
  ALL: ["active", "deleted"],
};

/**
 * The stages of a view; what is active where none is named.
 *
 * @throws {MlflowError} for a view that does not exist
 */
export function stagesOf(fields: Fields, name: string): readonly Stage[] {
  const view = fields[name] ?? "ACTIVE_ONLY";
  const stages = typeof view === "number" ? Object.values(views)[view - 1] : views[String(view)];
  if (!stages || (typeof view === "string" && !Object.hasOwn(views, view))) throw invalid(name, view);
  return stages;
}
