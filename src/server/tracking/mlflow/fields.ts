/**
 * @file Fields of a request, read with MLflow's own words for what is wrong with them.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _validate_param_against_schema; mlflow/utils/validation.py
 */
import { sentText } from "../body.ts";
import { MlflowError } from "./refuse.ts";

/** A request's fields by name; those of a query are texts. */
export type Fields = Readonly<Record<string, unknown>>;

/** The body as fields. */
export function fieldsOf(body: unknown): Fields {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Fields;
  throw new MlflowError("INVALID_PARAMETER_VALUE", "The request's body is no JSON object.");
}

/** A query as fields; a name that comes several times gives a list. */
export function fieldsOfQuery(query: URLSearchParams): Fields {
  const fields: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    fields[name] = values.length === 1 ? values[0] : values;
  }
  return fields;
}

/** What stands in `name`, or the error for a value that does not fit. */
export function invalid(name: string, value: unknown, hint = ""): MlflowError {
  return invalidText(name, JSON.stringify(value) ?? "undefined", hint);
}

function invalidText(name: string, shown: string, hint = ""): MlflowError {
  const text = shown.length > 100 ? `${shown.slice(0, 100)}...` : shown;
  return new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `Invalid value ${text} for parameter '${name}' supplied${hint && `: ${hint}`}`,
  );
}

/** A number as the client wrote it: 9.0 is another text than 9, and MLflow's words repeat it. */
function numberAsSent(fields: Fields, name: string, value: number): string {
  const text = sentText(fields) ?? "";
  const at = text.indexOf(`"${name}"`);
  const [, sent] = /^\s*:\s*(-?\d[\d.eE+-]*)/.exec(at < 0 ? "" : text.slice(at + name.length + 2)) ?? [];
  return sent !== undefined && Number(sent) === value ? sent : String(value);
}

/** The error for a field that has to be there. */
export function missing(name: string): MlflowError {
  return new MlflowError("INVALID_PARAMETER_VALUE", `Missing value for required parameter '${name}'.`);
}

/** A text; `undefined` where there is none. */
export function textField(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") throw invalidText(name, numberAsSent(fields, name, value));
  if (typeof value !== "string") throw invalid(name, value);
  return storable(name, value);
}

/** A text as it is; PostgreSQL keeps no NUL letter, so that none is taken. */
export function storable(name: string, text: string): string {
  if (text.includes("\0")) throw invalid(name, text, "it holds a NUL letter");
  return text;
}

/** A list of texts; empty where there is none. */
export function textsField(fields: Fields, name: string): string[] {
  return listField(fields, name).map((item) => {
    if (typeof item !== "string") throw invalid(name, fields[name]);
    return storable(name, item);
  });
}

/** A text that has to be there and not to be empty. */
export function neededText(fields: Fields, name: string): string {
  const value = textField(fields, name);
  if (value === undefined || value === "") throw missing(name);
  return value;
}

/** A whole number, also as text, as queries and protobuf's JSON have it; `undefined` where there is none. */
export function wholeField(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) throw invalid(name, value);
  return number;
}

/** A list; empty where there is none. A single text of a query counts as a list of one. */
export function listField(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [value];
  throw invalid(name, value);
}
