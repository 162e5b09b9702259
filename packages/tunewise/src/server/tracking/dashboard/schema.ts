/** @file Shapes of replies in the OpenAPI document, from which the types of the page are made: all that may be null says so. */
import type { JsonSchema } from "../../http/route.ts";

/** A text. */
export const text: JsonSchema = { type: "string" };
/** A whole number. */
export const int: JsonSchema = { type: "integer", format: "int64" };
/** A number. */
export const number: JsonSchema = { type: "number" };
/** Yes or no. */
export const bool: JsonSchema = { type: "boolean" };

/** A list. */
export function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** The same, or `null`. */
export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

/** An object with all of these fields. */
export function record(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** One of some words. */
export function oneOf(...words: readonly string[]): JsonSchema {
  return { type: "string", enum: words };
}

/** A shape by its name. */
export function named(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
