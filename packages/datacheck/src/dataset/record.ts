/** @file A raw row of a data file: its location, its fields, and access to them by name or path. */
import type { RowInFile } from "@tunewise/core/rows";
import type { RowIssue } from "./row-issue.ts";

/** Named values of a row; access them through `fieldOf`, since the names are untrusted. */
export type Fields = Readonly<Record<string, unknown>>;

/** A row: its fields, or the issue that prevented reading it. */
export type RawRow =
  | { readonly at: RowInFile; readonly fields: Fields }
  | { readonly at: RowInFile; readonly issue: RowIssue };

/** Rows in file order, batched to keep the overhead of async iteration low. */
export type RowSource = AsyncIterable<readonly RawRow[]>;

/** Returns an own field, or `undefined`; never a property inherited from `Object.prototype`. */
export function fieldOf(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Makes a row from a parsed JSON value, with an issue if it is not an object. */
export function rowOf(at: RowInFile, value: unknown): RawRow {
  if (isFields(value)) return { at, fields: value };
  return { at, issue: { code: "DATA_ROW_NOT_OBJECT", reason: `is ${kindOf(value)}, not an object` } };
}

/**
 * Makes a row from the columns of a file with a schema. Objects in them lose their `null` fields: the schema gives
 * every object the fields of all, so that a call of one tool has the arguments of every other as `null`.
 */
export function rowOfColumns(at: RowInFile, row: object): RawRow {
  const columns = Object.entries(row);
  if (!columns.some(([, value]) => isNested(value))) return rowOf(at, row);
  return { at, fields: Object.fromEntries(columns.map(([name, value]) => [name, withoutNullFields(value)])) };
}

/** Whether a value is a list or an object, and not bytes or a date. */
function isNested(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || !(ArrayBuffer.isView(value) || value instanceof Date);
}

function withoutNullFields(value: unknown): unknown {
  if (!isNested(value)) return value;
  if (Array.isArray(value)) return value.some(isNested) ? value.map(withoutNullFields) : value;
  const given = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(given.map(([name, field]) => [name, withoutNullFields(field)]));
}

/** Whether the value is a plain object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Describes the type of a value, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Max. steps of a path. */
const MAX_PATH_STEPS = 12;

/**
 * Returns the value at a path such as `answers.text.0`, or `undefined`. A field named like the whole path takes
 * precedence, since names may contain dots.
 *
 * @param path names and 0-based list indexes, joined by dots
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
