/**
 * @file The description of a server's routes, made from the table that the server answers by: no route can be missing.
 *
 * @source OpenAPI Specification 3.1.1
 */
import type { Policy, Protocol, Route } from "../route.ts";
import { docOf, type JsonSchema, type ProtocolDocs, type RouteDoc, shape } from "./doc.ts";

const intro =
  "One port for clients of MLflow and of Weights & Biases, and for programs of your own. `x-policy` says who may " +
  "call: open (anybody who reaches the server), read, write, admin. A server without users lets in programs of its " +
  "own machine alone, and asks for no credentials.";

/** Credentials: MLflow's clients send a password or a token, W&B's a token as the password. */
const securitySchemes = {
  basic: { type: "http", scheme: "basic", description: "A user's name, and a password or token." },
  bearer: { type: "http", scheme: "bearer", description: "A token." },
};

/**
 * An OpenAPI document of all routes.
 *
 * @param version of tunewise
 */
export function describeRoutes(protocols: readonly Protocol[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  const schemas: Record<string, JsonSchema> = {};
  for (const { name, routes, docs } of protocols) {
    const error = errorName(name);
    schemas[error] = shape(docs.error);
    for (const [key, text] of Object.entries(docs.shapes ?? {})) schemas[key] = shape(text);
    for (const route of routes) {
      const methods = paths[pathOf(route)] ?? {};
      methods[route.method.toLowerCase()] = operation(route, docs, name);
      paths[pathOf(route)] = methods;
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
    tags: protocols.map(({ name, docs }) => ({ name, description: docs.about })),
    paths: sorted(paths),
    components: { securitySchemes, schemas: sorted(schemas) },
  };
}

/** Routes that nothing is said about; there are none in a server that is whole. */
export function undescribed(protocols: readonly Protocol[]): string[] {
  return protocols.flatMap(({ routes, docs }) =>
    routes.filter((route) => !docOf(docs, route)).map(({ method, path }) => `${method} ${path}`),
  );
}

function errorName(protocol: string): string {
  return `${protocol[0]?.toUpperCase()}${protocol.slice(1)}Error`;
}

function operation(route: Route, docs: ProtocolDocs, protocol: string): object {
  const doc = docOf(docs, route) ?? { summary: "Not described." };
  const failed = { "application/json": { schema: { $ref: `#/components/schemas/${errorName(protocol)}` } } };
  return {
    tags: [protocol],
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+/g, "_")}`,
    summary: doc.summary,
    "x-policy": route.policy,
    security: securityOf(route.policy),
    parameters: [...wordsOf(route.path), ...queryOf(route, doc)],
    ...bodyOf(route, doc),
    responses: {
      [doc.status ?? 200]: { description: "As it should be.", ...replyOf(doc) },
      default: { description: "What went wrong.", content: failed },
    },
  };
}

/** An empty choice: a server without users asks for none. */
function securityOf(policy: Policy): object[] {
  return policy === "open" ? [] : [{}, { basic: [] }, { bearer: [] }];
}

function hasBody({ method }: Route): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "DELETE";
}

/** `/a/:word/*rest` as `/a/{word}/{rest}`. */
function pathOf({ path }: Route): string {
  return path.replace(/[:*](\w+)/g, "{$1}");
}

function wordsOf(path: string): object[] {
  return [...path.matchAll(/([:*])(\w+)/g)].map(([, mark, name]) => ({
    name,
    in: "path",
    required: true,
    ...(mark === "*" ? { description: "May hold slashes, as they are." } : {}),
    schema: { type: "string" },
  }));
}

function queryOf(route: Route, { reads = "", query = "" }: RouteDoc): object[] {
  const fields = `${query} ${hasBody(route) || typeof reads !== "string" ? "" : reads}`;
  const { properties, required = [] } = shape(fields) as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function bodyOf(route: Route, { reads, bodyType }: RouteDoc): object {
  if (!hasBody(route) || (reads === undefined && bodyType === undefined)) return {};
  if (bodyType !== undefined) return { requestBody: { required: true, content: { [bodyType]: {} } } };
  const schema = shape(reads ?? "");
  return {
    requestBody: {
      description: `At most ${route.bodyBytesMost} bytes.`,
      required: true,
      content: { "application/json": { schema } },
    },
  };
}

function replyOf({ gives, type }: RouteDoc): object {
  if (type !== undefined) return { content: { [type]: gives === undefined ? {} : { schema: shape(gives) } } };
  return { content: { "application/json": { schema: shape(gives ?? "") } } };
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
