/**
 * @file Fields of a request as zod schemas, with MLflow's own error messages. A field that is `null` counts as missing,
 * as in protobuf's JSON.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _validate_param_against_schema; mlflow/utils/validation.py
 */

import { z } from "zod";
import { HttpError, type JsonSchema, requiredMark, sentText } from "../../http/index.ts";
import type { Stage } from "../../index.ts";
import { invalidParameter } from "./refuse.ts";

/** Values by name, not yet parsed. */
export type Fields = Readonly<Record<string, unknown>>;

/** Schemas of fields, to spread into a route's schema. */
export type Shape<Parsed> = { readonly [Key in keyof Parsed]-?: z.ZodType<Parsed[Key]> };

/** Returns a value as fields. @throws {HttpError} if it is not an object */
export function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalidParameter("The request's body is no JSON object.");
}

/** Thrown by a reader of a field for an invalid value. */
export class ValidationError extends Error {
  readonly value: unknown;

  constructor(value: unknown, hint = "") {
    super(hint);
    this.value = value;
  }
}

/**
 * Creates a field with its own reader, for values that MLflow's clients write in several ways, and for hot paths.
 *
 * @param json schema for the OpenAPI document
 * @param read parses a value, `undefined` if it is missing; throws `ValidationError`, or a complete `HttpError`
 * @param isRequired for the OpenAPI document; `read` itself refuses a missing value
 */
export function field<Value>(
  json: JsonSchema,
  read: (value: unknown) => Value,
  isRequired = false,
): z.ZodType<Value> {
  return z
    .any()
    .optional()
    .transform((value, issues) => {
      try {
        return read(value ?? undefined);
      } catch (error) {
        if (!(error instanceof ValidationError || error instanceof HttpError)) throw error;
        issues.addIssue({ code: "custom", message: error.message, params: { error } });
        return z.NEVER;
      }
    })
    .meta(isRequired ? { ...json, [requiredMark]: true } : json);
}

/** Schema of a list of one of the document's shapes. */
export function listOf(shape: string): JsonSchema {
  return { type: "array", items: { $ref: `#/components/schemas/${shape}` } };
}

/** Returns a text unchanged, but refuses NUL, which PostgreSQL cannot store. */
export function storable(name: string, text: string): string {
  if (text.includes("\0")) throw invalid(name, text, noNul);
  return text;
}

const noNul = "it holds a NUL letter";
const string = z.string().refine((value) => !value.includes("\0"), noNul);

/** An optional text. */
export const text: z.ZodType<string | undefined> = string.nullish().transform((value) => value ?? undefined);

/** A required text that must not be empty. */
export const requiredText: z.ZodType<string> = string.min(1);

/** Parses a field of an item by its schema. @throws {HttpError} that names the field */
export function itemField<Value>(item: Fields, name: string, schema: z.ZodType<Value>): Value {
  const { data, error } = schema.safeParse(item[name]);
  if (error === undefined) return data;
  const [issue] = error.issues as [z.core.$ZodIssue];
  throw invalidField({ ...issue, path: [name, ...issue.path] }, item);
}

/** A text that `read` parses. @throws the errors of `read` */
export function textBy<Value>(
  read: (value: string | undefined) => Value,
  isRequired = false,
): z.ZodType<Value> {
  const readText = (value: unknown): Value => {
    if (value !== undefined && typeof value !== "string") throw new ValidationError(value);
    return read(value);
  };
  return field({ type: "string" }, readText, isRequired);
}

/** A list of texts that `read` parses; empty if it is missing. A single text in a query counts as a list of one. */
export function textsBy<Value>(read: (items: string[]) => Value, isRequired = false): z.ZodType<Value> {
  return list(
    { items: { type: "string" } },
    (items) =>
      read(
        items.map((item) => {
          if (typeof item !== "string") throw new ValidationError(items);
          if (item.includes("\0")) throw new ValidationError(item, noNul);
          return item;
        }),
      ),
    isRequired,
  );
}

/** A list of any values; empty if it is missing. */
export function list<Value>(
  json: JsonSchema,
  read: (items: readonly unknown[]) => Value,
  isRequired = false,
): z.ZodType<Value> {
  return field({ type: "array", ...json }, (value) => read(listFrom(value)), isRequired);
}

/** @throws {ValidationError} */
export function listFrom(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [value];
  throw new ValidationError(value);
}

/** Schema of a 64-bit integer for the OpenAPI document. */
const int64 = { type: "integer", format: "int64" };

/** An integer, also as a string, as in queries and protobuf's JSON. */
export const integer: z.ZodType<number | undefined> = field(int64, integerFrom);

/** @throws {ValidationError} */
export function integerFrom(value: unknown): number | undefined {
  if (value === undefined || value === "") return undefined;
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) throw new ValidationError(value);
  return number;
}

/** Number of items of a page, with a default and a maximum. */
export function pageSize(usual: number, max: number, hint = ""): z.ZodType<number> {
  return field(int64, (value) => {
    const number = integerFrom(value) ?? usual;
    if (number < 1 || number > max) throw new ValidationError(hint ? number : value, hint);
    return number;
  });
}

const views: Readonly<Record<string, readonly Stage[]>> = {
  ACTIVE_ONLY: ["active"],
  DELETED_ONLY: ["deleted"],
  ALL: ["active", "deleted"],
};

/** The stages of a view, by its name or number. @source mlflow/mlflow mlflow/protos/service.proto, ViewType */
export const viewType: z.ZodType<readonly Stage[]> = field(
  { $ref: "#/components/schemas/ViewType" },
  (value = "ACTIVE_ONLY") => {
    const stages = typeof value === "number" ? Object.values(views)[value - 1] : views[String(value)];
    if (!stages || (typeof value === "string" && !Object.hasOwn(views, value)))
      throw new ValidationError(value);
    return stages;
  },
);

/** The error for the first invalid field. */
export function invalidField(issue: z.core.$ZodIssue, input: unknown): HttpError {
  if (issue.path.length === 0) return invalidParameter("The request's body is no JSON object.");
  const error: unknown = issue.code === "custom" ? issue.params?.["error"] : undefined;
  if (error instanceof HttpError) return error;
  const name = issue.path.reduce<string>(
    (path, key) => (typeof key === "number" ? `${path}[${key}]` : `${path}${path && "."}${String(key)}`),
    "",
  );
  const found = issue.path.reduce<unknown>((value, key) => (value as Fields)?.[key as string], input);
  const value = error instanceof ValidationError ? error.value : found;
  if (value === undefined || value === null || (value === "" && issue.code === "too_small"))
    return missing(name);
  const hint =
    error instanceof ValidationError ? error.message : issue.code === "custom" ? issue.message : "";
  if (typeof value !== "number") return invalid(name, value, hint);
  return invalidText(name, numberAsSent(input as Fields, name, value), hint);
}

/** The error for an invalid value. */
export function invalid(name: string, value: unknown, hint = ""): HttpError {
  return invalidText(name, JSON.stringify(value) ?? "undefined", hint);
}

function invalidText(name: string, shown: string, hint: string): HttpError {
  const text = shown.length > 100 ? `${shown.slice(0, 100)}...` : shown;
  return invalidParameter(`Invalid value ${text} for parameter '${name}' supplied${hint && `: ${hint}`}`);
}

/** A number as the client wrote it, such as 9.0, since MLflow's message quotes it. */
function numberAsSent(fields: Fields, name: string, value: number): string {
  const text = sentText(fields) ?? "";
  const at = text.indexOf(`"${name}"`);
  const [, sent] = /^\s*:\s*(-?\d[\d.eE+-]*)/.exec(at < 0 ? "" : text.slice(at + name.length + 2)) ?? [];
  return sent !== undefined && Number(sent) === value ? sent : String(value);
}

/** The error for a missing field. */
export function missing(name: string): HttpError {
  return invalidParameter(`Missing value for required parameter '${name}'.`);
}
