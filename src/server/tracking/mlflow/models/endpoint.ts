/**
 * @file Endpoints of MLflow's API as routes: fields in, an object out, under both of its prefixes.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _get_paths and _get_request_message
 */
import type { AllowedCall, Call, Policy, Reply, Route } from "../../route.ts";
import { type Fields, fieldsOf, fieldsOfQuery } from "../fields.ts";
import { aboutOf, type FieldsAbout } from "../subjects.ts";

/** Fields of one request, and the request. */
export interface Asked {
  readonly fields: Fields;
  readonly call: AllowedCall;
}

/** An endpoint by its path below `mlflow/`. */
export interface Endpoint {
  readonly method: Route["method"];
  readonly path: string;
  readonly policy: Policy;
  readonly about: FieldsAbout;
  /** Gives the body of the reply. */
  readonly answer: (asked: Asked) => Promise<object>;
}

/** Texts of prompts and descriptions of models are the largest that come; files go another way. */
const bodyBytesMost = 2_000_000;

/** Two routes for each endpoint. */
export function routesOf(endpoints: readonly Endpoint[]): Route[] {
  return endpoints.flatMap(({ method, path, policy, about, answer }) =>
    bothPaths(path).map((full) => ({
      ...{ method, path: full, policy, bodyBytesMost },
      about: aboutOf(about, (call) => readFields(method, call)),
      handle: async (call): Promise<Reply> => ({
        status: 200,
        body: await answer({ fields: await readFields(method, call), call }),
      }),
    })),
  );
}

/** A path of the API as clients and as pages call it. */
export function bothPaths(path: string): string[] {
  return ["/api", "/ajax-api"].map((prefix) => `${prefix}/2.0/mlflow/${path}`);
}

/** Those of the query, else those of the body: some clients send one with GET and DELETE too. */
async function readFields(method: Route["method"], call: Call): Promise<Fields> {
  const isInQuery = (method === "GET" || method === "DELETE") && call.query.size > 0;
  return isInQuery ? fieldsOfQuery(call.query) : fieldsOf(await call.json());
}
