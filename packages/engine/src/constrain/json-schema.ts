/**
 * @file Compiles JSON Schemas to expressions over bytes.
 *
 * Every matching answer is valid against the schema. Of the valid texts, only those with the declared properties in
 * their order and without superfluous whitespace match.
 *
 * @source JSON Schema draft 2020-12, core and validation
 */
import { isOfJsonType, type JsonType, jsonTypes, resolveReference } from "@tunewise/core/format";
import { problem } from "../problem/index.ts";
import { type Expression, ExpressionPool, maxAlternatives, TooManyExpressions } from "./expression.ts";
import { JsonText } from "./json-text.ts";

/**
 * Limits of a schema with references resolved. Totals: `parts` (schemas, list entries), `alternatives` (options of
 * `anyOf`), `letters` (of keys, values and references). Each: `depth` in levels, and `count` for keywords such as
 * `maxLength`. Every schema within the limits compiles in less than half a second.
 */
const limits = { parts: 10_000, alternatives: 1_000, letters: 1_000_000, depth: 64, count: 100_000 } as const;

/** The first bytes of JSON values, one per kind of value. */
const firstBytes = Buffer.from('{["0tfn');

/** Maximum estimated memory of the compiled schema, and again of the states that answers add. */
const memoryBytesMost = 24_000_000;

type Schema = Readonly<Record<string, unknown>>;

/** The position of a schema within the document. */
interface Place {
  /** A JSON Pointer. */
  readonly path: string;
  readonly depth: number;
  /** References that led here; a repeated one makes the schema recursive. */
  readonly refs: readonly string[];
}

/** Keywords that do not affect validation. */
const annotations: ReadonlySet<string> = new Set([
  ...["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples"],
  ...["deprecated", "readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType"],
]);

/** Supported keywords by the type that they apply to; "" for all types. */
const supported: Readonly<Record<string, readonly string[]>> = {
  "": ["type", "enum", "const", "anyOf", "$ref"],
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["minLength", "maxLength"],
};
const known: ReadonlySet<string> = new Set([...annotations, ...Object.values(supported).flat()]);

/** Keywords that must be alone in a schema, each with the one keyword that is allowed beside it. */
const alone = { $ref: null, anyOf: null, enum: "type", const: "type" } as const;

/**
 * Compiles a schema to an expression that matches valid JSON texts; `null` allows any object.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED` for an unsupported keyword or value, and for a schema beyond the limits
 */
export function jsonExpression(schema: unknown): CompiledExpression {
  return compileExpression((text, read) => (schema === null ? text.anyObject() : read(schema, "#")));
}

/** An expression with its pool. */
export interface CompiledExpression {
  readonly pool: ExpressionPool;
  readonly root: Expression;
}

/**
 * Compiles an expression that contains JSON texts. `read` compiles a schema; its path is for messages.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`
 */
export function compileExpression(
  build: (text: JsonText, read: (schema: unknown, path: string) => Expression) => Expression,
): CompiledExpression {
  const pool = new ExpressionPool(memoryBytesMost);
  try {
    const text = new JsonText(pool);
    const root = build(text, (schema, path) =>
      new SchemaReader(text, schema).read(schema, { path, depth: 0, refs: [] }),
    );
    pool.seal();
    return { pool, root };
  } catch (error) {
    if (error instanceof TooManyExpressions) throw unsupported("#", error.message);
    throw error;
  }
}

function unsupported(path: string, found: string): Error {
  return problem("SCHEMA_UNSUPPORTED", { place: path.slice(0, 200), found });
}

class SchemaReader {
  private readonly text: JsonText;
  private readonly root: unknown;
  private readonly spent = { parts: 0, alternatives: 0, letters: 0 };

  constructor(text: JsonText, root: unknown) {
    this.text = text;
    this.root = root;
  }

  read(schema: unknown, { path, depth, refs }: Place): Expression {
    this.spend("parts", 1, path);
    if (depth > limits.depth) throw unsupported(path, `is more than ${limits.depth} levels deep`);
    if (schema === true) return this.text.any();
    const own = objectAt(schema, path);
    const other = Object.keys(own).find((key) => !known.has(key));
    if (other !== undefined) throw unsupported(`${path}/${other}`, "is not a supported keyword");
    const place = { path, depth: depth + 1, refs };
    const keys = Object.keys(own).filter((key) => !annotations.has(key));
    const kind = (["$ref", "anyOf", "enum", "const"] as const).find((key) => key in own);
    if (kind === undefined) {
      const types = this.typesOf(own, path);
      if (types === null && keys.length === 0) return this.text.any();
      return this.text.pool.either(
        ...(types ?? impliedTypes(own)).map((type) => this.ofType(type, own, place)),
      );
    }
    const beside = keys.filter((key) => key !== kind && key !== alone[kind]);
    if (beside.length > 0)
      throw unsupported(`${path}/${kind}`, `must not be combined with ${beside.join(", ")}`);
    if (kind === "$ref") return this.refer(own["$ref"], place);
    return kind === "anyOf" ? this.anyOf(own["anyOf"], place) : this.values(own, kind, path);
  }

  private spend(what: keyof typeof this.spent, amount: number, path: string): void {
    this.spent[what] += amount;
    if (this.spent[what] <= limits[what]) return;
    throw unsupported(path, `brings the schema to more than ${limits[what]} ${what}`);
  }

  /** Reads a list and charges all its entries each time, because references can lead to it thousands of times. */
  private listAt(value: unknown, path: string, min = 1): readonly unknown[] {
    if (!Array.isArray(value) || value.length < min) {
      throw unsupported(path, min === 0 ? "is not a list" : "is not a list with at least one entry");
    }
    this.spend("parts", value.length, path);
    return value;
  }

  private typesOf(own: Schema, path: string): readonly JsonType[] | null {
    if (own["type"] === undefined) return null;
    const named = Array.isArray(own["type"]) ? this.listAt(own["type"], `${path}/type`) : [own["type"]];
    return [...new Set(named)].map((name) => {
      const type = jsonTypes.find((one) => one === name);
      if (type === undefined) throw unsupported(`${path}/type`, "is not a JSON type");
      return type;
    });
  }

  private anyOf(list: unknown, place: Place): Expression {
    const options = this.listAt(list, `${place.path}/anyOf`);
    this.spend("alternatives", options.length, place.path);
    const { pool } = this.text;
    const either = pool.either(...options.map((one, at) => this.read(one, inside(place, `anyOf/${at}`))));
    // detects too many alternatives with the same beginning now rather than during an answer
    if (options.length > maxAlternatives) for (const byte of firstBytes) pool.derivative(either, byte);
    return either;
  }

  private values(own: Schema, kind: "enum" | "const", path: string): Expression {
    const types = this.typesOf(own, path);
    const values = kind === "const" ? [own["const"]] : this.listAt(own["enum"], `${path}/enum`);
    const fitting = values.filter(
      (value) => types === null || types.some((type) => isOfJsonType(value, type)),
    );
    if (fitting.length === 0) throw unsupported(`${path}/${kind}`, "leaves no value");
    return this.text.oneOf(fitting.map((value) => this.written(value, `${path}/${kind}`)));
  }

  /** A key or a value as `JSON.stringify` writes it. */
  private written(value: unknown, path: string): string {
    let text: string;
    try {
      text = JSON.stringify(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw unsupported(path, "contains a value with too many levels");
    }
    this.spend("letters", text.length, path);
    return text;
  }

  private refer(ref: unknown, { path, depth, refs }: Place): Expression {
    if (typeof ref !== "string") throw unsupported(`${path}/$ref`, "is not a text");
    this.spend("letters", ref.length, path);
    if (refs.includes(ref)) {
      throw unsupported(`${path}/$ref`, `makes the schema recursive: ${ref.slice(0, 100)}`);
    }
    const found = resolveReference(this.root, ref);
    if (found === null) throw unsupported(`${path}/$ref`, "refers to another document or an anchor");
    if (found.value === undefined)
      throw unsupported(`${path}/$ref`, `refers to a missing schema: ${ref.slice(0, 100)}`);
    return this.read(found.value, { path: ref, depth, refs: [...refs, ref] });
  }

  private ofType(type: JsonType, own: Schema, place: Place): Expression {
    const { text } = this;
    switch (type) {
      case "object":
        return this.object(own, place);
      case "array": {
        const item = "items" in own ? this.read(own["items"], inside(place, "items")) : text.any();
        return text.list(item, ...rangeAt(own, "minItems", "maxItems", place.path));
      }
      case "string":
        return text.string(...rangeAt(own, "minLength", "maxLength", place.path));
      case "boolean":
        return text.oneOf(["true", "false"]);
      case "null":
        return text.pool.literal("null");
      default:
        return text[type];
    }
  }

  private object(own: Schema, place: Place): Expression {
    const { path } = place;
    const properties = objectAt(own["properties"] ?? {}, `${path}/properties`);
    const required = new Set(this.listAt(own["required"] ?? [], `${path}/required`, 0));
    const more = own["additionalProperties"] ?? true;
    for (const key of required) {
      if (typeof key !== "string") throw unsupported(`${path}/required`, "names what is not a text");
      if (Object.hasOwn(properties, key)) continue;
      throw unsupported(
        `${path}/required`,
        `names ${JSON.stringify(key.slice(0, 100))}, which properties lack`,
      );
    }
    const keys = Object.keys(properties);
    if (keys.length === 0) {
      if (more === false) return this.text.pool.literal("{}");
      return this.text.map(this.read(more, inside(place, "additionalProperties")));
    }
    const values = keys.map((key) => this.read(properties[key], inside(place, `properties/${key}`)));
    const texts = keys.map((key) => this.written(key, path));
    return this.text.object(
      texts,
      values,
      keys.map((key) => required.has(key)),
    );
  }
}

function inside(place: Place, step: string): Place {
  return { ...place, path: `${place.path}/${step}` };
}

function objectAt(value: unknown, path: string): Schema {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Schema;
  throw unsupported(path, "is not an object");
}

/** @throws {TunewiseError} `SCHEMA_UNSUPPORTED` */
function rangeAt(own: Schema, low: string, high: string, path: string): [min: number, max: number] {
  const countAt = (key: string, none: number): number => {
    const value = own[key] ?? none;
    if (value === none) return none;
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limits.count) {
      return value as number;
    }
    throw unsupported(`${path}/${key}`, `is not a whole number up to ${limits.count}`);
  };
  const [min, max] = [countAt(low, 0), countAt(high, Number.POSITIVE_INFINITY)];
  if (min > max) throw unsupported(`${path}/${low}`, `${min} is more than ${high} ${max}`);
  return [min, max];
}

/** The types of a schema without `type`: those that its keywords apply to. */
function impliedTypes(own: Schema): JsonType[] {
  return jsonTypes.filter((type) => supported[type]?.some((key) => key in own));
}
