/**
 * @file Builds shapes of replies for the OpenAPI document, from which the page's types are generated. Everything that
 * may be null is declared nullable.
 */
import type { JsonSchema } from "@tunewise/tracker/http";

/** A text. */
export const text: JsonSchema = { type: "string" };
/** An integer. */
export const int: JsonSchema = { type: "integer", format: "int64" };
/** A number. */
export const number: JsonSchema = { type: "number" };
/** A boolean. */
export const bool: JsonSchema = { type: "boolean" };

/** A list. */
export function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** A schema or `null`. */
export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

/** An object in which all of these fields are required. */
export function record(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** One of several strings. */
export function oneOf(...words: readonly string[]): JsonSchema {
  return { type: "string", enum: words };
}

/** A shape by its name. */
export function named(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
