/**
 * @file MLflow's REST API: its routes, under both of its prefixes.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py (_get_paths)
 */
import type { Desk } from "../../../flow/index.ts";
import type { Protocol, Route } from "../route.ts";
import { modelRoutes } from "./models/model-routes.ts";
import { registryRoutes } from "./models/registry-routes.ts";
import { refuse } from "./refuse.ts";

/** The protocol over a desk. */
export function mlflowProtocol(desk: Desk, version: string): Protocol {
  const plain = (path: string, body: string): Route => ({
    method: "GET",
    path,
    policy: "open",
    bodyBytesMost: 0,
    handle: async () => ({ status: 200, body }),
  });
  return {
    name: "mlflow",
    refuse,
    routes: [
      plain("/health", "OK"),
      plain("/version", version),
      ...modelRoutes(desk),
      ...registryRoutes(desk),
    ],
  };
}
