/**
 * @file Endpoints of MLflow's API as routes, each under both of its prefixes: the Python client calls one, pages in a
 * browser the other.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_paths and _get_request_message
 */
import { Readable } from "node:stream";
import { type AllowedCall, type FieldsRoute, fieldsRoute, type Reply, type Route } from "../../http/route.ts";

/** An endpoint by its path below the version, such as `mlflow/runs/get`. */
export interface Endpoint<Fields> extends Omit<FieldsRoute<Fields>, "handle" | "maxBodyBytes"> {
  readonly maxBodyBytes?: number;
  /** Returns the body: an object, JSON as text, or JSON as a stream. */
  readonly answer: (fields: Fields, call: AllowedCall) => Promise<object | string | Readable>;
}

/** Largest body of an ordinary request. */
const maxBodyBytes = 1_000_000;

const jsonHeaders = { "content-type": "application/json; charset=utf-8" };

/** Versions of the API, as the paths have them. Traces have a third one. */
export type ApiVersion = "2.0" | "3.0";

/** An endpoint's two routes in each of some versions of the API. */
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

/** The same route under both prefixes. */
export function pair(route: Route, versions: readonly ApiVersion[] = ["2.0"]): Route[] {
  return versions.flatMap((version) =>
    ["api", "ajax-api"].map((prefix) => ({ ...route, path: `/${prefix}/${version}/${route.path}` })),
  );
}
