/**
 * @file A route of MLflow's under both of its prefixes: the Python client calls one, pages in a browser the other.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_paths
 */
import type { AllowedCall, Call, Policy, Reply, Route } from "../route.ts";
import { type Fields, fieldsOf, fieldsOfQuery } from "./fields.ts";
import { aboutOf, type FieldsAbout } from "./subjects.ts";

/** What a route does with the fields of a request. */
export type Answer = (fields: Fields, call: AllowedCall) => Promise<Reply>;

/** Largest body of an ordinary request. */
const bodyBytesMost = 1_000_000;

/** A route that takes its fields from the query. */
export function getPair(path: string, about: FieldsAbout, answer: Answer): Route[] {
  const read = ({ query }: Call): Fields => fieldsOfQuery(query);
  return pair({
    method: "GET",
    path,
    policy: "read",
    about: aboutOf(about, read),
    bodyBytesMost: 0,
    handle: (call) => answer(read(call), call),
  });
}

/** A route that takes its fields from the body. */
export function postPair(
  path: string,
  policy: Policy,
  about: FieldsAbout,
  answer: Answer,
  bytesMost: number = bodyBytesMost,
): Route[] {
  const read = async (call: Call): Promise<Fields> => fieldsOf(await call.json());
  return pair({
    method: "POST",
    path,
    policy,
    about: aboutOf(about, read),
    bodyBytesMost: bytesMost,
    handle: async (call) => answer(await read(call), call),
  });
}

/** The same route under both prefixes. */
export function pair(route: Route): Route[] {
  return ["/api/2.0", "/ajax-api/2.0"].map((prefix) => ({ ...route, path: `${prefix}/${route.path}` }));
}

/** A reply of JSON that is text already. */
export function jsonText(body: string): Reply {
  return { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body };
}

/** A reply of JSON. */
export function json(body: object): Reply {
  return { status: 200, body };
}
