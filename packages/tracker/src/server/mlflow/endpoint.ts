/**
 * @file Creates routes for endpoints of MLflow's API, each under both of its prefixes: one for the Python client, one
 * for pages in a browser.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_paths and _get_request_message
 */
import { Readable } from "node:stream";
import { type AllowedCall, type FieldsRoute, fieldsRoute, type Reply, type Route } from "../../http/index.ts";

/** An endpoint; its path starts after the version, such as `mlflow/runs/get`. */
export interface Endpoint<Fields> extends Omit<FieldsRoute<Fields>, "handle" | "maxBodyBytes"> {
  readonly maxBodyBytes?: number;
  /** Returns the body: an object, JSON as text, or JSON as a stream. */
  readonly answer: (fields: Fields, call: AllowedCall) => Promise<object | string | Readable>;
}

/** Maximum body size of an ordinary request. */
const maxBodyBytes = 1_000_000;

const jsonHeaders = { "content-type": "application/json; charset=utf-8" };

/** Versions of the API in paths. The third one is for traces. */
export type ApiVersion = "2.0" | "3.0";

/** Creates an endpoint's two routes for each of the given versions of the API. */
export function endpoint<Fields>(
  { answer, ...rest }: Endpoint<Fields>,
  versions: readonly ApiVersion[] = ["2.0"],
): Route[] {
  const handle = async (fields: Fields, call: AllowedCall): Promise<Reply> => {
    const body = await answer(fields, call);
    const isText = typeof body === "string" || body instanceof Readable;
    return { status: 200, ...(isText && { headers: jsonHeaders }), body };
  };
  const route = fieldsRoute({ maxBodyBytes: rest.method === "GET" ? 0 : maxBodyBytes, ...rest, handle });
  return pair(route, versions);
}

/** Creates a route under both prefixes. */
export function pair(route: Route, versions: readonly ApiVersion[] = ["2.0"]): Route[] {
  return versions.flatMap((version) =>
    ["api", "ajax-api"].map((prefix) => ({ ...route, path: `/${prefix}/${version}/${route.path}` })),
  );
}
