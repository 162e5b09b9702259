/**
 * @file Refuses features of MLflow that this server does not have, with a message and a status that clients do not
 * retry.
 *
 * @source mlflow/mlflow mlflow/store/tracking/rest_store.py, mlflow/store/model_registry/rest_store.py,
 *   mlflow/tracing/export/mlflow_v3.py: which replies clients tolerate
 */
import type { Route } from "../../../http/index.ts";
import { type ApiVersion, pair } from "../endpoint.ts";
import { mlflowRefusal } from "../refuse.ts";

const methods = ["GET", "POST", "PATCH", "DELETE"] as const;
const both: readonly ApiVersion[] = ["2.0", "3.0"];

/** Unsupported features by path prefix, with advice on what to do instead. */
const areas: Readonly<Record<string, string>> = {
  "mlflow/datasets":
    "This server keeps no evaluation datasets. Give mlflow.genai.evaluate its rows as a list or a DataFrame; what it " +
    "evaluated is noted with the run.",
  "mlflow/scorers": "This server keeps no scorers. Give them to mlflow.genai.evaluate as they are.",
  "mlflow/webhooks":
    "This server sends no webhooks: it calls no address that a client names. Poll /metrics or the registry instead.",
  "mlflow/label-schemas": "This server keeps no label schemas. Log feedback with mlflow.log_feedback.",
  "mlflow/review-queues": "This server keeps no review queues. Log feedback with mlflow.log_feedback.",
  "mlflow/issues": "This server keeps no issues. Log feedback with mlflow.log_feedback.",
  "mlflow/gateway": "This server is no gateway to models.",
};

/** Routes that refuse these features. */
export function refusedRoutes(): Route[] {
  return [
    ...Object.entries(areas).flatMap(([path, sentence]) =>
      methods.flatMap((method) => [
        ...refused(method, path, sentence),
        ...refused(method, `${path}/*rest`, sentence),
      ]),
    ),
    ...refused("GET", "mlflow/traces/get", spans),
    ...refused("GET", "mlflow/traces/batchGet", spans),
    ...refused("POST", "mlflow/traces/metrics", "This server computes no statistics of traces."),
    ...refused(
      "POST",
      "mlflow/traces/calculate-filter-correlation",
      "This server computes no statistics of traces.",
    ),
    spansRoute,
  ];
}

/**
 * Refuses single spans. Clients recognize the message and send only a file from then on. Clients of 3.4 always send the
 * file, do not recognize the message, and would warn at each call.
 */
const spansRoute: Route = {
  ...about("POST", "REST OTLP span logging is not supported: spans are sent as a file of the trace."),
  path: "/v1/traces",
  handle: async (_, { request }) => {
    if (/^mlflow-python-client\/3\.4\./.test(request.headers["user-agent"] ?? "")) {
      return { status: 200, body: {} };
    }
    throw mlflowRefusal(
      "NOT_IMPLEMENTED",
      "REST OTLP span logging is not supported: spans are sent as a file of the trace.",
    );
  },
};

const spans = "This server holds spans as files: fetch traces.json from the trace's artifacts.";

function refused(method: Route["method"], path: string, sentence: string): Route[] {
  return pair({ ...about(method, sentence), path }, both);
}

function about(method: Route["method"], sentence: string): Omit<Route, "path"> {
  return {
    method,
    policy: method === "GET" ? "read" : "write",
    about: "nothing",
    maxBodyBytes: 0,
    status: 501,
    summary: "Not implemented: replies 501 with an explanation.",
    handle: async () => {
      throw mlflowRefusal("NOT_IMPLEMENTED", sentence);
    },
  };
}
