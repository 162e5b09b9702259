/**
 * @file The x axes of metrics, as set by a program with `define_metric(step_metric=)`.
 *
 * @source wandb/wandb core/internal/runmetric/runconfigmetrics.go: `_wandb.m` is a list of definitions, whose keys are
 *   numbers of fields in wandb/proto/wandb_internal.proto: name 1, step_metric 4, step_metric_index 5 (from 1 on)
 */
import type { Reader } from "../database/database.ts";
import { isObject, readLooseObject } from "./loose-json.ts";

/** X axes by metric; metrics that are missing use their step. */
export async function readMetricAxes(reader: Reader, run: number): Promise<ReadonlyMap<string, string>> {
  const [row] = await reader.all("SELECT config FROM wandb_runs WHERE run = ?", run);
  return metricAxes(String(row?.["config"] ?? ""));
}

/** The x axes in a configuration. */
export function metricAxes(config: string): ReadonlyMap<string, string> {
  const own = readLooseObject(config)?.["_wandb"];
  const value = isObject(own) ? own["value"] : null;
  const list = isObject(value) && Array.isArray(value["m"]) ? value["m"].filter(isObject) : [];
  const axes = new Map<string, string>();
  for (const { 1: name, 4: axis, 5: index } of list) {
    const at = typeof index === "number" ? list[index - 1]?.[1] : axis;
    if (typeof name === "string" && typeof at === "string" && at !== "") axes.set(name, at);
  }
  return axes;
}
