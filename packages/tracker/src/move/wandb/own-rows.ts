/**
 * @file Points of the built-in engine's runs as rows of W&B's history. A live run and an export produce identical rows,
 * so that an export after a live run overwrites the same rows and adds missing ones. (Exception: the store keeps one
 * copy of a repeated step, but a live run has sent it twice. Some rows at its end are then duplicated.)
 *
 * W&B requires `_step` to increase with every row, but a run has several rows at one training step (training,
 * evaluation, a step repeated after a rollback). So `_step` counts rows, and the training step is a separate column
 * that charts use as x axis. W&B's callback in Transformers does the same.
 *
 * @source huggingface/transformers src/transformers/integrations/integration_utils.py (`WandbCallback`)
 */
import type { KeyValue } from "../../tracking/types.ts";
import { looseJsonObject } from "../../wandb/loose-json.ts";
import type { ItemValue } from "../../wandb-file/write-wandb-file.ts";
import type { MovedPoint } from "../history.ts";

/** The column with the training step. */
export const globalStep = "train/global_step";

/** Points with the same step and time, and distinct keys. */
export type PointRow = readonly [MovedPoint, ...MovedPoint[]];

/** Groups points, in the order they were logged, into rows. */
export class RowBuilder {
  private row: [MovedPoint, ...MovedPoint[]] | null = null;

  /** Adds a point. Returns the previous row if the point starts a new one. */
  add(point: MovedPoint): PointRow | null {
    const { row } = this;
    const isSame = row !== null && row[0].step === point.step && row[0].ms === point.ms;
    if (isSame && !row.some(({ key }) => key === point.key)) {
      row.push(point);
      return null;
    }
    this.row = [point];
    return row;
  }

  /** Returns the last row. */
  end(): PointRow | null {
    const { row } = this;
    this.row = null;
    return row;
  }
}

/** Groups a list of points into rows. */
export function rowsOf(points: readonly MovedPoint[]): PointRow[] {
  const builder = new RowBuilder();
  return [...points.map((point) => builder.add(point)), builder.end()].filter((row) => row !== null);
}

/**
 * Fields of a row.
 *
 * @param line its position in the history
 * @param runtimeSeconds how long the run had worked
 */
export function rowFields(row: PointRow, line: number, runtimeSeconds: number): ItemValue[] {
  const [{ step, ms }] = row;
  return [
    ...row.map(({ key, value }): ItemValue => [key, value]),
    [globalStep, step],
    ["_step", line],
    ["_timestamp", ms / 1000],
    ["_runtime", runtimeSeconds],
  ];
}

/** A row as a line of the history. */
export function rowLine(...row: Parameters<typeof rowFields>): string {
  return looseJsonObject(rowFields(...row));
}

/**
 * Metric definitions for W&B's own part of a configuration: their x axis is the training step.
 *
 * @source wandb/wandb core/internal/runmetric/runconfigmetrics.go; numbers are those of fields in
 *   wandb/proto/wandb_internal.proto: name 1, step_metric_index 5 (from 1 on), options 6 (step_sync 1, defined 3),
 *   summary 7
 */
export function metricDefinitions(keys: Iterable<string>): object[] {
  const others = [...keys].map((key) => ({ 1: key, 5: 1, 6: [1, 3], 7: [] }));
  return [{ 1: globalStep, 6: [3], 7: [] }, ...others];
}

/**
 * A hyperparameter for W&B's filters and charts. The store holds text, which is converted back to a number, boolean or
 * list.
 */
export function configValue({ value }: Pick<KeyValue, "value">): unknown {
  if (value === "True" || value === "False") return value === "True";
  if (value !== "" && String(Number(value)) === value && Number.isFinite(Number(value))) return Number(value);
  if (!value.startsWith("[")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Characters that are not allowed in parts of W&B's URLs. */
const otherLetters = /[^\w.-]+/g;

/** Converts a run's id to one that W&B accepts. */
export function wandbId(id: string): string {
  return id.replace(otherLetters, "-").slice(0, 64) || "run";
}

/** Converts a project's name to one that W&B accepts. */
export function wandbProject(name: string): string {
  return name.replace(otherLetters, "-").slice(0, 128) || "uncategorized";
}
