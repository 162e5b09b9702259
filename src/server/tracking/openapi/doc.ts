/**
 * @file What is said about a route: a sentence, the fields it reads, what it gives. Written short, read as JSON Schema.
 *
 * @source OpenAPI Specification 3.1.1; JSON Schema 2020-12
 */

/** A schema, as OpenAPI has it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** What is said about a route. */
export interface RouteDoc {
  readonly summary: string;
  /** What it reads: see `shape`. Of the query where the method has no body, else of the body. */
  readonly reads?: string | JsonSchema;
  /** Fields that come in the query beside a body. */
  readonly query?: string;
  /** Media type of a body that is no JSON. */
  readonly bodyType?: string;
  /** What it gives: see `shape`. */
  readonly gives?: string | JsonSchema;
  /** Media type of what it gives, where that is no JSON. */
  readonly type?: string;
  /** Status of a reply that is as it should be; 200 where it is missing. */
  readonly status?: number;
}

/** What is said about all routes of a protocol. */
export interface ProtocolDocs {
  readonly about: string;
  /** Shape of the body of an error. */
  readonly error: string | JsonSchema;
  /** Shapes by name, for `shape`; a name is used by one protocol alone. */
  readonly shapes?: Readonly<Record<string, string | JsonSchema>>;
  /** By `METHOD path`, where one of the prefixes is left out. */
  readonly routes?: Readonly<Record<string, RouteDoc>>;
  readonly prefixes?: readonly string[];
}

const plain: ReadonlyMap<string, JsonSchema> = new Map<string, JsonSchema>([
  ["text", { type: "string" }],
  ["int", { type: "integer", format: "int64" }],
  ["number", { type: "number" }],
  ["bool", { type: "boolean" }],
  ["object", { type: "object" }],
  ["any", {}],
]);

/**
 * A schema of fields written as `name! other:int list:Run[]`: a name, `!` where it has to be there, a type where it is
 * no text, `[]` where it is a list. A type with a capital is one of the shapes by name.
 *
 * @throws for a type that there is not, which is a mistake in a description
 */
export function shape(text: string | JsonSchema): JsonSchema {
  if (typeof text !== "string") return text;
  const required: string[] = [];
  const properties: Record<string, JsonSchema> = {};
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const [, name = "", mark, type = "text", list] = /^([^!:]+)(!)?(?::(\w+)(\[\])?)?$/.exec(word) ?? [];
    if (name === "") throw new Error(`Internal: ${word} describes no field`);
    if (mark) required.push(name);
    const one = typed(type);
    properties[name] = list ? { type: "array", items: one } : one;
  }
  return { type: "object", properties, ...(required.length > 0 ? { required } : {}) };
}

function typed(type: string): JsonSchema {
  const schema = plain.get(type);
  if (schema) return schema;
  if (/^[A-Z]/.test(type)) return { $ref: `#/components/schemas/${type}` };
  throw new Error(`Internal: ${type} is no type of a description`);
}

/** What is said about a route, or `undefined`. */
export function docOf(
  { routes = {}, prefixes = [] }: ProtocolDocs,
  { method, path, doc }: { readonly method: string; readonly path: string; readonly doc?: RouteDoc },
): RouteDoc | undefined {
  if (doc) return doc;
  const prefix = prefixes.find((one) => path.startsWith(`${one}/`));
  return routes[`${method} ${prefix === undefined ? path : path.slice(prefix.length + 1)}`];
}
