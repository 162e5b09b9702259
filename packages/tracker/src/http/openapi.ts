/**
 * @file The OpenAPI document, generated from the server's table of routes and from the schemas that parse their
 * requests, so that no route is missing and every field described is read.
 *
 * @source OpenAPI Specification 3.1.1; JSON Schema 2020-12
 */
import { z } from "zod";
import { type JsonSchema, type Policy, type Protocol, type Route, requiredMark } from "./route.ts";

const intro =
  "Routes for MLflow clients, Weights & Biases clients and your own programs, on one port. `x-policy` is the role " +
  "that a route requires: open (none), read, write or admin. A server without users accepts only programs on its own " +
  "machine and requires no credentials.";

/** Credentials: MLflow clients send a password or a token, W&B clients a token as the password. */
const securitySchemes = {
  basic: { type: "http", scheme: "basic", description: "User name with a password or token." },
  bearer: { type: "http", scheme: "bearer", description: "Access token." },
};

/**
 * Creates the OpenAPI document of all routes.
 *
 * @param version of tunewise
 */
export function describeRoutes(protocols: readonly Protocol[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  const schemas: Record<string, JsonSchema> = {};
  for (const { name, routes, error, shapes = {} } of protocols) {
    schemas[errorName(name)] = shape(error);
    for (const [key, text] of Object.entries(shapes)) schemas[key] = shape(text);
    for (const route of routes) {
      const path = route.path.replace(/[:*](\w+)/g, "{$1}");
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, name, schemas) };
    }
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "tunewise",
      version,
      description: intro,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: protocols.map(({ name, about }) => ({ name, description: about })),
    paths: sorted(paths),
    components: { securitySchemes, schemas: sorted(schemas) },
  };
}

function errorName(protocol: string): string {
  return `${protocol[0]?.toUpperCase()}${protocol.slice(1)}Error`;
}

function operation(route: Route, protocol: string, schemas: Record<string, JsonSchema>): object {
  const failed = { "application/json": { schema: { $ref: `#/components/schemas/${errorName(protocol)}` } } };
  const fields = route.reads ? schemaOf(route.reads, schemas) : null;
  const isQuery = (route.fieldsIn ?? (/GET|DELETE/.test(route.method) ? "query" : "body")) === "query";
  return {
    tags: [protocol],
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+/g, "_")}`,
    summary: route.summary,
    "x-policy": route.policy,
    security: securityOf(route.policy),
    parameters: [...pathParameters(route.path), ...(isQuery && fields ? queryParameters(fields) : [])],
    ...bodyOf(route, isQuery ? null : fields),
    responses: {
      [route.status ?? 200]: {
        description: route.status === 501 ? "Not implemented" : "OK",
        ...replyOf(route),
      },
      default: { description: "Error", content: failed },
    },
  };
}

/** Includes the alternative without credentials, since a server without users requires none. */
function securityOf(policy: Policy): object[] {
  return policy === "open" ? [] : [{}, { basic: [] }, { bearer: [] }];
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/([:*])(\w+)/g)].map(([, mark, name]) => ({
    name,
    in: "path",
    required: true,
    ...(mark === "*" ? { description: "May contain unescaped slashes." } : {}),
    schema: { type: "string" },
  }));
}

function queryParameters({ properties = {}, required = [] }: FieldsSchema): object[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function bodyOf({ maxBodyBytes, bodyType }: Route, fields: FieldsSchema | null): object {
  if (bodyType !== undefined) return { requestBody: { required: true, content: { [bodyType]: {} } } };
  if (fields === null) return {};
  const content = { "application/json": { schema: fields } };
  return { requestBody: { description: `Maximum size: ${maxBodyBytes} bytes.`, required: true, content } };
}

function replyOf({ gives, type }: Route): object {
  if (type !== undefined) return { content: { [type]: gives === undefined ? {} : { schema: shape(gives) } } };
  return { content: { "application/json": { schema: shape(gives ?? "") } } };
}

interface FieldsSchema extends JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/**
 * Converts a parser's schema to OpenAPI; schemas with an id become components of the document. An optional field is not
 * also described as nullable.
 */
function schemaOf(reads: z.ZodType, schemas: Record<string, JsonSchema>): FieldsSchema {
  const { $schema, $defs, ...schema } = z.toJSONSchema(reads, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "catch") delete jsonSchema.default;
      if (jsonSchema.type === "integer") {
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        jsonSchema.format = "int64";
      }
    },
  }) as FieldsSchema & { readonly $defs?: Readonly<Record<string, JsonSchema>> };
  const placed = (part: object): FieldsSchema =>
    JSON.parse(
      JSON.stringify(part)
        .replaceAll('"#/$defs/', '"#/components/schemas/')
        .replaceAll(/\["(\w+)","null"\]/g, '"$1"'),
    );
  for (const [name, part] of Object.entries($defs ?? {})) schemas[name] = placed(part);
  const { properties = {}, required = [], ...rest } = placed(schema);
  const all = Object.entries(properties).map(([name, { [requiredMark]: mark, ...property }]) => {
    return { name, property, isRequired: mark === true || required.includes(name) };
  });
  const names = all.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    ...rest,
    properties: Object.fromEntries(all.map(({ name, property }) => [name, property])),
    ...(names.length > 0 ? { required: names } : {}),
  };
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
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
 * Expands a schema written as `name! other:int list:Run[]`: a name, `!` if required, a type unless it is text, `[]` for
 * a list. A type with a capital letter names one of the shapes.
 *
 * @throws for an unknown type, which is a mistake in a description
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
