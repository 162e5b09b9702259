/**
 * @file Structural schemas of custom resources: defaults, unknown fields, and validation.
 *
 * @source Kubernetes, apiextensions/v1 JSONSchemaProps
 */
import type { FieldCause } from "./status.ts";

/** The supported part of a schema. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
}

/** A value as read by a schema. */
export interface Read {
  /** With defaults, without fields that the schema does not have. */
  readonly value: unknown;
  /** Paths of the dropped fields. */
  readonly unknown: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that every object has, whatever its schema. */
const ofObjects = new Set(["apiVersion", "kind", "metadata"]);

/** Reads an object; leaves `apiVersion`, `kind` and `metadata` unchanged. */
export function readObject(schema: Schema, object: Fields): Read {
  const rest = Object.fromEntries(Object.entries(object).filter(([field]) => !ofObjects.has(field)));
  const own = Object.fromEntries(Object.entries(object).filter(([field]) => ofObjects.has(field)));
  const read = readValue(schema, rest, "");
  return { ...read, value: { ...own, ...(read.value as Fields) } };
}

function readValue(schema: Schema, value: unknown, path: string): Read {
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    const read = value.map((one, index) => readValue(items, one, `${path}[${index}]`));
    return { value: read.map((one) => one.value), unknown: read.flatMap((one) => one.unknown) };
  }
  if (!isFields(value)) return { value, unknown: [] };
  const unknown: string[] = [];
  const kept: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value)) {
    const at = path === "" ? field : `${path}.${field}`;
    const its = schemaOf(schema, field);
    if (its === null) {
      unknown.push(at);
      continue;
    }
    const read = readValue(its, inner, at);
    kept[field] = read.value;
    unknown.push(...read.unknown);
  }
  for (const [field, its] of Object.entries(schema.properties ?? {}))
    if (kept[field] === undefined && its.default !== undefined)
      kept[field] = readValue(its, structuredClone(its.default), "").value;
  return { value: kept, unknown };
}

function schemaOf(schema: Schema, field: string): Schema | null {
  const its = schema.properties?.[field];
  if (its !== undefined) return its;
  if (typeof schema.additionalProperties === "object") return schema.additionalProperties;
  const isOpen = schema.additionalProperties === true || schema["x-kubernetes-preserve-unknown-fields"];
  return isOpen ? {} : null;
}

/** Validates an object without unknown fields. */
export function faultsOf(schema: Schema, object: Fields): readonly FieldCause[] {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = object;
  return faults(schema, rest, "");
}

function faults(schema: Schema, value: unknown, path: string): readonly FieldCause[] {
  if (schema["x-kubernetes-int-or-string"]) {
    if (!Number.isInteger(value) && typeof value !== "string")
      return [wrongType(path, "integer,string", value)];
  } else if (schema.type !== undefined && !isOfType(schema.type, value))
    return [wrongType(path, schema.type, value)];
  const found = [...ofValue(schema, value, path)];
  if (Array.isArray(value))
    found.push(...value.flatMap((one, index) => faults(schema.items ?? {}, one, `${path}[${index}]`)));
  if (isFields(value)) {
    const at = (field: string): string => (path === "" ? field : `${path}.${field}`);
    for (const field of schema.required ?? [])
      if (value[field] === undefined)
        found.push({ reason: "FieldValueRequired", field: at(field), message: "Required value" });
    for (const [field, inner] of Object.entries(value))
      found.push(...faults(schemaOf(schema, field) ?? {}, inner, at(field)));
  }
  return found;
}

function* ofValue(schema: Schema, value: unknown, field: string): Generator<FieldCause> {
  const shown = JSON.stringify(value);
  const reason = "FieldValueInvalid";
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const known = schema.enum.map((one) => JSON.stringify(one)).join(", ");
    const message = `Unsupported value: ${shown}: supported values: ${known}`;
    yield { reason: "FieldValueNotSupported", field, message };
  }
  if (schema.minimum !== undefined && typeof value === "number" && value < schema.minimum) {
    const message = `Invalid value: ${shown}: ${field} in body should be greater than or equal to ${schema.minimum}`;
    yield { reason, field, message };
  }
  if (schema.minItems !== undefined && Array.isArray(value) && value.length < schema.minItems) {
    const message = `Invalid value: ${value.length}: ${field} in body should have at least ${schema.minItems} items`;
    yield { reason, field, message };
  }
  if (schema.pattern !== undefined && typeof value === "string" && !new RegExp(schema.pattern).test(value)) {
    const message = `Invalid value: ${shown}: ${field} in body should match '${schema.pattern}'`;
    yield { reason, field, message };
  }
}

function wrongType(field: string, wanted: string, value: unknown): FieldCause {
  const found = goTypeOf(value);
  const message = `Invalid value: "${found}": ${field} in body must be of type ${wanted}: "${found}"`;
  return { reason: "FieldValueInvalid", field, message };
}

/** The type's name in the server's messages. */
function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return value === null ? "null" : typeof value;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isFields(value);
  return typeof value === type;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
