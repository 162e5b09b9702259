/**
 * @file Rules for names of metrics, parameters, tags and experiments, and maximum lengths of logged values.
 *
 * @source mlflow/mlflow mlflow/utils/validation.py
 */

import type { HttpError } from "../../http/index.ts";
import { storable } from "./fields.ts";
import { invalidParameter } from "./refuse.ts";

/** Maximum lengths in characters. Longer values of runs' parameters and tags are truncated, as in MLflow. */
export const maxLength = {
  key: 250,
  param: 6000,
  tag: 8000,
  experimentName: 500,
  experimentTag: 5000,
} as const;

const plainKey = /^[/\p{L}\p{N}_.\- :]+$/u;

/**
 * Requires a valid name of a metric, a parameter or a tag: a normalized path of plain characters.
 *
 * @param path of the name in the request
 * @throws {HttpError} for an invalid name
 */
export function requireKey(key: string, path: string): void {
  const bad = (hint: string): HttpError => {
    const shown = JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}...` : key);
    return invalidParameter(`Invalid value ${shown} for parameter '${path}' supplied: ${hint}`);
  };
  if (key.length > maxLength.key) throw tooLong(path, maxLength.key);
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

/** The refusal for a text that is too long. */
export function tooLong(path: string, max: number): HttpError {
  return invalidParameter(`'${path}' exceeds the maximum length of ${max} characters`);
}

/** Truncates a value of a parameter or a tag that is too long, without splitting a surrogate pair. */
export function cutValue(value: string, max: number, path: string): string {
  if (value.length <= max) return storable(path, value);
  const cut = value.slice(0, max);
  return storable(path, /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut);
}
