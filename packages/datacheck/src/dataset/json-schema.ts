/**
 * @file Validates JSON values against JSON Schema: the part of draft 2020-12 that schemas of answers use.
 *
 * @source JSON Schema draft 2020-12, core and validation; `definitions`, `dependencies` and lists of `items` as in
 *   draft-07
 */

import { isOfJsonType, type JsonType, jsonTypes, resolveReference } from "@tunewise/core/format";
import { searchPattern } from "./forgetting/pattern.ts";

/** A schema: an object of keywords, or a boolean that allows everything or nothing. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** Maximum depth of nested references; deeper ones are circular. */
const maxDepth = 64;
/** Unsupported keywords that affect validity: a schema with one of them is rejected rather than partly applied. */
const unsupported = ["unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef"];

/** Returns why a schema cannot be used, or `null`. */
export function schemaProblem(schema: unknown, depth = 0): string | null {
  if (typeof schema === "boolean") return null;
  if (!isJsonObject(schema)) return "a schema is an object, or true or false";
  if (depth > maxDepth) return "it is nested too deeply";
  const odd = unsupported.find((keyword) => keyword in schema);
  if (odd) return `${odd} is not supported`;
  const type = schema["type"] ?? [];
  const strange = (Array.isArray(type) ? type : [type]).find((one) => !typeNames.has(one));
  if (strange !== undefined) return `type ${JSON.stringify(strange)} is not a JSON type`;
  const reference = schema["$ref"];
  if (
    reference !== undefined &&
    !(typeof reference === "string" && resolveReference(schema, reference) !== null)
  ) {
    return "only references within the schema are followed";
  }
  for (const value of subschemas(schema)) {
    const problem = schemaProblem(value, depth + 1);
    if (problem) return problem;
  }
  return null;
}

const typeNames: ReadonlySet<unknown> = new Set(jsonTypes);

/** Max. checks of one value. References can make a small schema endless work, and rows contain foreign schemas. */
const maxChecks = 100_000;

/** The whole schema, which references resolve in, and the checks that are left. */
interface Validation {
  readonly root: JsonSchema;
  checksLeft: number;
}

/**
 * Whether a value is valid. Formats are annotations, the draft's default. A value that takes more than a hundred
 * thousand checks is not.
 */
export function fitsSchema(value: unknown, schema: JsonSchema): boolean {
  return fits(value, schema, { root: schema, checksLeft: maxChecks });
}

function fits(value: unknown, schema: JsonSchema, validation: Validation, depth = 0): boolean {
  if (!isJsonObject(schema)) return schema === true; // a reference may point to a value that is not a schema
  if (depth > maxDepth || --validation.checksLeft < 0) return false;
  const check = (one: unknown, by: unknown): boolean => fits(one, by as JsonSchema, validation, depth + 1);
  const reference = schema["$ref"];
  if (typeof reference === "string" && !check(value, resolveReference(validation.root, reference)?.value)) {
    return false;
  }
  return (
    isOfType(value, schema["type"]) &&
    isAmong(value, schema) &&
    isNumberWithin(value, schema) &&
    isTextWithin(value, schema) &&
    isListWithin(value, schema, check) &&
    isObjectWithin(value, schema, check) &&
    isComposed(value, schema, check)
  );
}

type Check = (value: unknown, schema: unknown) => boolean;
type Keywords = Readonly<Record<string, unknown>>;

function isOfType(value: unknown, type: unknown): boolean {
  if (type === undefined) return true;
  return (Array.isArray(type) ? type : [type]).some((name) => isOfJsonType(value, name as JsonType));
}

function isAmong(value: unknown, schema: Keywords): boolean {
  const among = schema["enum"];
  if (Array.isArray(among) && !among.some((one) => isSameJson(one, value))) return false;
  return !("const" in schema) || isSameJson(schema["const"], value);
}

function isNumberWithin(value: unknown, schema: Keywords): boolean {
  if (typeof value !== "number") return true;
  const step = number(schema["multipleOf"]);
  const isStep = step === null || Math.abs(value / step - Math.round(value / step)) < 1e-9;
  return (
    isStep &&
    value >= (number(schema["minimum"]) ?? value) &&
    value <= (number(schema["maximum"]) ?? value) &&
    value > (number(schema["exclusiveMinimum"]) ?? Number.NEGATIVE_INFINITY) &&
    value < (number(schema["exclusiveMaximum"]) ?? Number.POSITIVE_INFINITY)
  );
}

function isTextWithin(value: unknown, schema: Keywords): boolean {
  if (typeof value !== "string") return true;
  const length = [...value].length;
  const pattern = schema["pattern"];
  return (
    length >= (number(schema["minLength"]) ?? 0) &&
    length <= (number(schema["maxLength"]) ?? length) &&
    (typeof pattern !== "string" || finds(pattern, value))
  );
}

/** Unicode property escapes need the `u` flag; other patterns may be invalid with it. */
function finds(pattern: string, text: string): boolean {
  return searchPattern(pattern.includes("\\p{") ? `/${pattern}/u` : pattern, text) === true;
}

function isListWithin(value: unknown, schema: Keywords, check: Check): boolean {
  if (!Array.isArray(value)) return true;
  const { items, additionalItems, contains } = schema;
  const first = schema["prefixItems"] ?? items;
  const prefix: unknown[] = Array.isArray(first) ? first : [];
  const rest = Array.isArray(items) ? additionalItems : items;
  const size = value.length;
  if (size < (number(schema["minItems"]) ?? 0) || size > (number(schema["maxItems"]) ?? size)) return false;
  if (schema["uniqueItems"] === true && hasTwins(value)) return false;
  if (
    !value.every((one, at) =>
      at < prefix.length ? check(one, prefix[at]) : rest === undefined || check(one, rest),
    )
  ) {
    return false;
  }
  if (contains === undefined) return true;
  const found = value.filter((one) => check(one, contains)).length;
  return found >= (number(schema["minContains"]) ?? 1) && found <= (number(schema["maxContains"]) ?? found);
}

function isObjectWithin(value: unknown, schema: Keywords, check: Check): boolean {
  if (!isJsonObject(value)) return true;
  const keys = Object.keys(value);
  const required = Array.isArray(schema["required"]) ? (schema["required"] as string[]) : [];
  if (!required.every((key) => Object.hasOwn(value, key))) return false;
  if (keys.length < (number(schema["minProperties"]) ?? 0)) return false;
  if (keys.length > (number(schema["maxProperties"]) ?? keys.length)) return false;
  const named = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const patterns = Object.entries(
    isJsonObject(schema["patternProperties"]) ? schema["patternProperties"] : {},
  );
  const { propertyNames, additionalProperties } = schema;
  const fits = keys.every((key) => {
    if (propertyNames !== undefined && !check(key, propertyNames)) return false;
    const matching = patterns.filter(([pattern]) => finds(pattern, key));
    const own = Object.hasOwn(named, key) ? [named[key]] : [];
    const schemas = [...own, ...matching.map(([, one]) => one)];
    const all = schemas.length > 0 || additionalProperties === undefined ? schemas : [additionalProperties];
    return all.every((one) => check(value[key], one));
  });
  return fits && isDependent(value, schema, check);
}

function isDependent(value: Keywords, schema: Keywords, check: Check): boolean {
  return ["dependentRequired", "dependentSchemas", "dependencies"].every((keyword) => {
    const rules = schema[keyword];
    if (!isJsonObject(rules)) return true;
    return Object.entries(rules).every(([key, rule]) => {
      if (!Object.hasOwn(value, key)) return true;
      return Array.isArray(rule)
        ? rule.every((one) => Object.hasOwn(value, String(one)))
        : check(value, rule);
    });
  });
}

function isComposed(value: unknown, schema: Keywords, check: Check): boolean {
  const list = (keyword: string): unknown[] | null => {
    const found = schema[keyword];
    return Array.isArray(found) ? found : null;
  };
  const fitting = (schemas: unknown[]): number => schemas.filter((one) => check(value, one)).length;
  const [all, any, one] = [list("allOf"), list("anyOf"), list("oneOf")];
  if (all && fitting(all) < all.length) return false;
  if (any && fitting(any) === 0) return false;
  if (one && fitting(one) !== 1) return false;
  if ("not" in schema && check(value, schema["not"])) return false;
  if (!("if" in schema)) return true;
  const branch = check(value, schema["if"]) ? schema["then"] : schema["else"];
  return branch === undefined || check(value, branch);
}

const single = "items additionalItems contains additionalProperties propertyNames not if then else".split(
  " ",
);
const listed = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
const keyed = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

function subschemas(schema: Keywords): unknown[] {
  const { dependencies } = schema;
  return [
    ...single.map((key) => schema[key]).filter((one) => one !== undefined && !Array.isArray(one)),
    ...listed.flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as unknown[]) : [])),
    ...keyed.flatMap((key) => (isJsonObject(schema[key]) ? Object.values(schema[key]) : [])),
    ...(isJsonObject(dependencies) ? Object.values(dependencies).filter((one) => !Array.isArray(one)) : []),
  ];
}

/** Max. length of a value in a reason. */
const maxShown = 60;

/**
 * Returns why a value is invalid, with the path of the first invalid property, or `null`: also if that takes too many
 * checks.
 *
 * @param schema one that `schemaProblem` accepts
 */
export function schemaViolation(value: unknown, schema: JsonSchema): string | null {
  const validation = { root: schema, checksLeft: maxChecks };
  const reason = violation(value, schema, validation, "");
  return validation.checksLeft < 0 ? null : reason;
}

function violation(value: unknown, schema: JsonSchema, validation: Validation, path: string): string | null {
  if (fits(value, schema, validation)) return null;
  if (isJsonObject(value) && isJsonObject(schema)) {
    const inner = violationInside(value, schema, validation, path);
    if (inner !== null) return inner;
  }
  const type = isJsonObject(schema) ? schema["type"] : undefined;
  const expected =
    typeof type === "string" && !isOfType(value, type) ? `not of type ${type}` : "not allowed by the schema";
  return `${path || "the value"} is ${JSON.stringify(value).slice(0, maxShown)}, ${expected}`;
}

/** The first missing, unknown or invalid property of an object. */
function violationInside(
  value: Keywords,
  schema: Keywords,
  validation: Validation,
  path: string,
): string | null {
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const named = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  const missing = required.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return `${at(missing)} is missing`;
  for (const [key, one] of Object.entries(value)) {
    const isKnown = Object.hasOwn(named, key);
    if (!isKnown && schema["additionalProperties"] === false && !isJsonObject(schema["patternProperties"]))
      return `${at(key)} is not among the properties`;
    const reason = isKnown ? violation(one, named[key] as JsonSchema, validation, at(key)) : null;
    if (reason !== null) return reason;
  }
  return null;
}

/** Deep equality of JSON values, ignoring key order. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, at) => isSameJson(one, b[at]));
  }
  if (!isJsonObject(a)) return a === b;
  if (!isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key], b[key]))
  );
}

function hasTwins(list: readonly unknown[]): boolean {
  return list.some((one, at) => list.slice(0, at).some((other) => isSameJson(one, other)));
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Whether a value is a JSON object. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
