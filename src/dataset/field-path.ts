/**
 * @file A value inside a row by its path: `answers.text.0` is the first text of the answers.
 */
import { type Fields, fieldOf, isFields } from "./record.ts";

/** Most steps of a path. */
export const MAX_PATH_STEPS = 12;

/**
 * The value at a path, or `undefined`. A field that is called like the whole path comes first, so that names with dots
 * in them stay names.
 *
 * @param path names and list positions from 0, joined by dots
 */
export function valueAt(fields: Fields, path: string): unknown {
  const own = fieldOf(fields, path);
  if (own !== undefined || !path.includes(".")) return own;
  let value: unknown = fields;
  for (const step of path.split(".", MAX_PATH_STEPS)) {
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(step) ? value[Number(step)] : undefined;
    else value = isFields(value) ? fieldOf(value, step) : undefined;
  }
  return value;
}
