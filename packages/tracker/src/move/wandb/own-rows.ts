/**
 * @file Points of own runs as rows of W&B's history. A live run and an export make the same rows, line for line, so
 * that an export sent after a live run writes over what is there and adds what is missing. (The record has a step that
 * was done again once; a live run has sent it twice, and then rows of its end stand there twice.)
 *
 * W&B wants `_step` to grow with every row, while a run has several rows at one training step (training, evaluation, a
 * step done again after a roll-back). So `_step` counts rows and the training step is a column of its own, which charts
 * take as their x axis: as W&B's callback in Transformers does.
 *
 * @source huggingface/transformers src/transformers/integrations/integration_utils.py (`WandbCallback`)
 */
import type { Fact } from "../../tracking/nouns.ts";
import { looseJsonObject } from "../../wandb/loose-json.ts";
import type { KeyValue } from "../../wandb-file/write-wandb-file.ts";
import type { MovedPoint } from "../history.ts";

/** The column with the training step. */
export const globalStep = "train/global_step";

/** Points of one step and instant, each of another key. */
export type PointRow = readonly [MovedPoint, ...MovedPoint[]];

/** Points in the order in which they were logged, put together to rows. */
export class RowBuilder {
  private row: [MovedPoint, ...MovedPoint[]] | null = null;

  /** Takes a point. Returns the row before it once that is whole. */
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

  /** The last row. */
  end(): PointRow | null {
    const { row } = this;
    this.row = null;
    return row;
  }
}

/** Rows of a list of points. */
export function rowsOf(points: readonly MovedPoint[]): PointRow[] {
  const builder = new RowBuilder();
  return [...points.map((point) => builder.add(point)), builder.end()].filter((row) => row !== null);
}

/**
 * Fields of a row.
 *
 * @param line its place in the history
 * @param runtimeSeconds how long the run had worked
 */
export function rowFields(row: PointRow, line: number, runtimeSeconds: number): KeyValue[] {
  const [{ step, ms }] = row;
  return [
    ...row.map(({ key, value }): KeyValue => [key, value]),
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
 * Definitions of metrics for the client's part of a configuration: their x axis is the training step.
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
 * A hyper-parameter as W&B filters and draws it: what is text in the record is a number, a truth value or a list again.
 */
export function configValue({ value }: Pick<Fact, "value">): unknown {
  if (value === "True" || value === "False") return value === "True";
  if (value !== "" && String(Number(value)) === value && Number.isFinite(Number(value))) return Number(value);
  if (!value.startsWith("[")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Characters that parts of W&B's addresses may not have. */
const otherLetters = /[^\w.-]+/g;

/** A run's id as W&B takes it. */
export function wandbId(id: string): string {
  return id.replace(otherLetters, "-").slice(0, 64) || "run";
}

/** A project's name as W&B takes it. */
export function wandbProject(name: string): string {
  return name.replace(otherLetters, "-").slice(0, 128) || "uncategorized";
}
