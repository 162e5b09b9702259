/**
 * @file A row as its file gives it, before anything is known about its meaning.
 */
import type { Complaint } from "./complaint.ts";
import type { RowInFile } from "./row-location.ts";

/** Named values of a row; read only through `fieldOf`, since names come from the file. */
export type Fields = Readonly<Record<string, unknown>>;

/** One row: its fields, or why there are none. */
export type RawRow =
  | { readonly at: RowInFile; readonly fields: Fields }
  | { readonly at: RowInFile; readonly complaint: Complaint };

/** Rows in the order of the file, in batches so that streaming costs little per row. */
export type RowSource = AsyncIterable<readonly RawRow[]>;

/** An own field, or `undefined`; never one inherited from `Object.prototype`. */
export function fieldOf(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** A row of a parsed JSON value: an object, or a complaint that it is none. */
export function rowOf(at: RowInFile, value: unknown): RawRow {
  if (isFields(value)) return { at, fields: value };
  return { at, complaint: { code: "DATA_ROW_NOT_OBJECT", reason: `is ${kindOf(value)}, not an object` } };
}

/** Whether the value is a plain record of fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value's kind in words, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
