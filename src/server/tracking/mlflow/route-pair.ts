/**
 * @file A route of MLflow's under both of its prefixes: the Python client calls one, pages in a browser the other.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_paths
 */
import type { Call, Policy, Reply, Route } from "../route.ts";
import { type Fields, fieldsOf, fieldsOfQuery } from "./fields.ts";

/** What a route does with the fields of a request. */
export type Answer = (fields: Fields, call: Call) => Promise<Reply>;

/** Largest body of an ordinary request. */
const bodyBytesMost = 1_000_000;

/** A route that takes its fields from the query. */
export function getPair(path: string, answer: Answer): Route[] {
  return pair({
    method: "GET",
    path,
    policy: "read",
    bodyBytesMost: 0,
    handle: (call) => answer(fieldsOfQuery(call.query), call),
  });
}

/** A route that takes its fields from the body. */
export function postPair(
  path: string,
  policy: Policy,
  answer: Answer,
  bytesMost: number = bodyBytesMost,
): Route[] {
  return pair({
    method: "POST",
    path,
    policy,
    bodyBytesMost: bytesMost,
    handle: async (call) => answer(fieldsOf(await call.json()), call),
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
