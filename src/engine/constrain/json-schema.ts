/**
 * @file JSON Schemas as expressions over bytes. An answer that matches is valid against the schema; of the valid texts,
 *   those with the declared properties in their order, and without a space too many, can be answered.
 *
 * @source JSON Schema draft 2020-12, core and validation; `nullable` as in OpenAPI 3.0
 */
import { problem, TunewiseError } from "../../problem/index.ts";
import { type Expression, ExpressionPool, TooManyExpressions } from "./expression.ts";
import { JsonText } from "./json-text.ts";

/** Limits of a schema: levels, parts, states, and each count such as `maxLength`. */
const limits = { depth: 32, parts: 10_000, states: 400_000, count: 100_000 } as const;

type Schema = Readonly<Record<string, unknown>>;

/** What is asked about a schema's place, as in a JSON Pointer. */
type Place = string;

/** Keywords that say nothing about which texts are valid. */
const annotations = [
  ...["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples"],
  ...["deprecated", "readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType"],
] as const;

/** Keywords that are followed, by the type that they belong to; "" for all. */
const followed: Readonly<Record<string, readonly string[]>> = {
  "": ["type", "enum", "const", "anyOf", "$ref", "nullable"],
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["minLength", "maxLength"],
};
const known: ReadonlySet<string> = new Set([...annotations, ...Object.values(followed).flat()]);

/** What `type` may say. */
const typeNames = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
type TypeName = (typeof typeNames)[number];

/**
 * The JSON texts that are valid against a schema; `null` stands for any object.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED` for what is not followed, and for a schema beyond the limits
 */
export function jsonExpression(schema: unknown): {
  readonly pool: ExpressionPool;
  readonly root: Expression;
} {
  const pool = new ExpressionPool(limits.states);
  const text = new JsonText(pool);
  if (schema === null) return { pool, root: text.object() };
  try {
    return { pool, root: new SchemaReader(text, schema).read(schema, "#", []) };
  } catch (error) {
    if (error instanceof TooManyExpressions) throw unsupported("#", "is too large");
    throw error;
  }
}

/** What keeps answers from being restricted to a schema, as place and reason; `null` if nothing does. */
export function schemaObstacle(schema: unknown): string | null {
  try {
    jsonExpression(schema);
    return null;
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "SCHEMA_UNSUPPORTED") throw error;
    return error.message.replace(/\.$/, "");
  }
}

function unsupported(place: Place, found: string): Error {
  return problem("SCHEMA_UNSUPPORTED", { place: place.slice(0, 200), found });
}

class SchemaReader {
  private readonly text: JsonText;
  private readonly root: unknown;
  private parts = 0;

  constructor(text: JsonText, root: unknown) {
    this.text = text;
    this.root = root;
  }

  /** @param refs those that led here, none of which may come again */
  read(schema: unknown, place: Place, refs: readonly string[]): Expression {
    if (++this.parts > limits.parts || place.split("/").length > 2 * limits.depth) {
      throw unsupported(place, `has more than ${limits.parts} parts or ${limits.depth} levels`);
    }
    if (schema === true) return this.text.any();
    const own = objectAt(schema, place);
    const other = Object.keys(own).find((key) => !known.has(key));
    if (other !== undefined) throw unsupported(`${place}/${other}`, "is not followed here");
    const { pool } = this.text;
    const found = this.unnullable(own, place, refs);
    return own["nullable"] === true ? pool.either(found, this.text.fixed(null)) : found;
  }

  private unnullable(own: Schema, place: Place, refs: readonly string[]): Expression {
    const { pool } = this.text;
    const alone = ["$ref", "anyOf", "enum", "const"].filter((key) => key in own);
    const beside = Object.keys(own).filter(
      (key) => !annotations.some((one) => one === key) && key !== "type" && key !== "nullable",
    );
    const [kind] = alone;
    if (kind !== undefined && beside.length > 1) {
      throw unsupported(
        `${place}/${kind}`,
        `stands beside ${beside.filter((key) => key !== kind).join(", ")}`,
      );
    }
    if (kind === "$ref") return this.refer(own["$ref"], place, refs);
    if (kind === "anyOf") {
      const options = listAt(own["anyOf"], `${place}/anyOf`);
      return pool.either(...options.map((one, at) => this.read(one, `${place}/anyOf/${at}`, refs)));
    }
    const types = typesOf(own, place);
    if (kind !== undefined) {
      const values = kind === "const" ? [own["const"]] : listAt(own["enum"], `${place}/enum`);
      const fitting = values.filter((value) => types === null || types.some((type) => isOf(value, type)));
      if (fitting.length === 0) throw unsupported(`${place}/${kind}`, "leaves no value");
      return pool.either(...fitting.map((value) => this.text.fixed(value)));
    }
    if (types === null && beside.length === 0) return this.text.any();
    return pool.either(...(types ?? impliedTypes(own)).map((type) => this.ofType(type, own, place, refs)));
  }

  private refer(ref: unknown, place: Place, refs: readonly string[]): Expression {
    if (typeof ref !== "string" || !ref.startsWith("#")) {
      throw unsupported(`${place}/$ref`, "refers to another document");
    }
    if (refs.includes(ref)) throw unsupported(`${place}/$ref`, `contains itself: ${ref.slice(0, 100)}`);
    if (refs.length >= limits.depth)
      throw unsupported(`${place}/$ref`, `is more than ${limits.depth} levels deep`);
    let found = this.root;
    for (const part of ref.split("/").slice(1)) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const parent = typeof found === "object" && found !== null ? found : {};
      found = Object.hasOwn(parent, key) ? (parent as Schema)[key] : undefined;
    }
    if (found === undefined) throw unsupported(`${place}/$ref`, `refers to nothing: ${ref.slice(0, 100)}`);
    return this.read(found, ref, [...refs, ref]);
  }

  private ofType(type: TypeName, own: Schema, place: Place, refs: readonly string[]): Expression {
    const { text } = this;
    switch (type) {
      case "object":
        return this.object(own, place, refs);
      case "array": {
        const item = "items" in own ? this.read(own["items"], `${place}/items`, refs) : text.any();
        return text.list(item, ...rangeAt(own, "minItems", "maxItems", place));
      }
      case "string":
        return text.string(...rangeAt(own, "minLength", "maxLength", place));
      case "boolean":
        return text.pool.either(text.fixed(true), text.fixed(false));
      case "null":
        return text.fixed(null);
      default:
        return text[type];
    }
  }

  private object(own: Schema, place: Place, refs: readonly string[]): Expression {
    const properties = objectAt(own["properties"] ?? {}, `${place}/properties`);
    const required = listAt(own["required"] ?? [], `${place}/required`, 0);
    const more = own["additionalProperties"] ?? true;
    const missing = required.find((key) => typeof key !== "string" || !Object.hasOwn(properties, key));
    if (missing !== undefined) {
      throw unsupported(`${place}/required`, `names ${JSON.stringify(missing)}, which properties lack`);
    }
    const keys = Object.keys(properties);
    if (keys.length === 0 && more !== false) {
      return this.text.map(this.read(more, `${place}/additionalProperties`, refs));
    }
    const { pool, comma } = this.text;
    const entries = keys.map((key) => {
      const value = this.read(properties[key], `${place}/properties/${key}`, refs);
      return { entry: this.text.entry(this.text.fixed(key), value), isRequired: required.includes(key) };
    });
    // from the last property to the first: what follows if none, or at least one, has been written
    let [first, later] = [pool.empty, pool.empty];
    for (const { entry, isRequired } of entries.toReversed()) {
      const [here, then] = [pool.sequence(entry, later), pool.sequence(comma, entry, later)];
      [first, later] = isRequired ? [here, then] : [pool.either(here, first), pool.either(then, later)];
    }
    return pool.sequence(pool.literal("{"), first, pool.literal("}"));
  }
}

function objectAt(value: unknown, place: Place): Schema {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Schema;
  throw unsupported(place, "is not an object");
}

function listAt(value: unknown, place: Place, min = 1): readonly unknown[] {
  if (Array.isArray(value) && value.length >= min && value.length <= limits.parts) return value;
  throw unsupported(place, `is not a list of ${min} to ${limits.parts}`);
}

/** @throws {TunewiseError} `SCHEMA_UNSUPPORTED` */
function rangeAt(own: Schema, low: string, high: string, place: Place): [min: number, max: number] {
  const countAt = (key: string, none: number): number => {
    const value = own[key] ?? none;
    if (value === none) return none;
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limits.count) {
      return value as number;
    }
    throw unsupported(`${place}/${key}`, `is not a whole number up to ${limits.count}`);
  };
  const [min, max] = [countAt(low, 0), countAt(high, Number.POSITIVE_INFINITY)];
  if (min > max) throw unsupported(`${place}/${low}`, `${min} is more than ${high} ${max}`);
  return [min, max];
}

function typesOf(own: Schema, place: Place): readonly TypeName[] | null {
  if (own["type"] === undefined) return null;
  const named = Array.isArray(own["type"]) ? own["type"] : [own["type"]];
  return listAt(named, `${place}/type`).map((name) => {
    const type = typeNames.find((one) => one === name);
    if (type === undefined) throw unsupported(`${place}/type`, "is none of JSON's types");
    return type;
  });
}

/** Types of a schema that names none: what its keywords are about. */
function impliedTypes(own: Schema): TypeName[] {
  return typeNames.filter((type) => followed[type]?.some((key) => key in own));
}

function isOf(value: unknown, type: TypeName): boolean {
  if (value === null || Array.isArray(value)) return type === (value === null ? "null" : "array");
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
