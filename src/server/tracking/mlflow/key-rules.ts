/**
 * @file Names of metrics, parameters, tags and experiments, and how long what is logged may be.
 *
 * @source mlflow/mlflow mlflow/utils/validation.py
 */
import { storable } from "./fields.ts";
import { MlflowError } from "./refuse.ts";

/** Letters of what is logged, at most. Values of parameters and tags of runs are cut there, as MLflow does. */
export const lettersMost = {
  key: 250,
  param: 6000,
  tag: 8000,
  experimentName: 500,
  experimentTag: 5000,
} as const;

const plainKey = /^[/\p{L}\p{N}_.\- :]+$/u;
const runId = /^[a-zA-Z0-9][\w-]{0,255}$/;

/**
 * Checks the name of a metric, a parameter or a tag: a path that is its own shortest form, of plain letters.
 *
 * @param path where it stands in the request
 * @throws {MlflowError} if it may not be used
 */
export function demandKey(key: string, path: string): void {
  const bad = (hint: string): MlflowError => {
    const shown = JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}...` : key);
    return new MlflowError(
      "INVALID_PARAMETER_VALUE",
      `Invalid value ${shown} for parameter '${path}' supplied: ${hint}`,
    );
  };
  if (key.length > lettersMost.key) {
    throw new MlflowError(
      "INVALID_PARAMETER_VALUE",
      `'${path}' exceeds the maximum length of ${lettersMost.key} characters`,
    );
  }
  if (!plainKey.test(key)) {
    throw bad(
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
    );
  }
  const isPlain = (part: string): boolean => part !== "" && part !== "." && part !== "..";
  if (key.startsWith("..") || !key.split("/").every(isPlain)) {
    throw bad("Names may be treated as files in certain cases, and must not resolve to other names.");
  }
}

/** A value of a parameter or a tag, cut where it is too long, but not through a letter of two halves. */
export function cutValue(value: string, most: number, path: string): string {
  if (value.length <= most) return storable(path, value);
  const cut = value.slice(0, most);
  return storable(path, /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut);
}

/**
 * A run's id as clients may write it.
 *
 * @throws {MlflowError} if it is none
 */
export function demandRunId(id: string): string {
  if (runId.test(id)) return id;
  throw new MlflowError("INVALID_PARAMETER_VALUE", `Invalid run ID: '${id.slice(0, 60)}'`);
}
