/**
 * @file MLflow's REST API: its routes, under both of its prefixes, and what the server says about itself.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py (_get_paths), mlflow/server/__init__.py
 *   (/health, /version), mlflow/utils/server_info.py
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import type { Protocol, Route } from "../route.ts";
import { artifactProxyRoutes } from "./artifact-proxy.ts";
import { mlflowDocs } from "./docs.ts";
import { experimentRoutes } from "./experiments.ts";
import { historyRoutes } from "./history.ts";
import { inputRoutes } from "./inputs.ts";
import { logRoutes } from "./log.ts";
import { modelRoutes } from "./models/model-routes.ts";
import { modelParts } from "./models/parts.ts";
import { registryRoutes } from "./models/registry-routes.ts";
import { type ArtifactPlaces, proxiedPlaces } from "./places.ts";
import { promptlabRoutes } from "./promptlab.ts";
import { refuse } from "./refuse.ts";
import { json } from "./route-pair.ts";
import { runArtifactRoutes } from "./run-artifacts.ts";
import { runRoutes, runSearchRoutes } from "./runs.ts";

/** The protocol over a desk. */
export function mlflowProtocol(
  desk: TrackingContext,
  version: string,
  places: ArtifactPlaces = proxiedPlaces,
): Protocol {
  const models = modelParts(desk);
  return {
    name: "mlflow",
    docs: mlflowDocs,
    refuse,
    routes: [
      ...aboutRoutes(version),
      ...experimentRoutes(desk, places),
      ...runRoutes(desk, places, models),
      ...promptlabRoutes(desk, places, models),
      ...runSearchRoutes(desk, places, models),
      ...logRoutes(desk, models),
      ...inputRoutes(desk, models),
      ...historyRoutes(desk),
      ...runArtifactRoutes(desk, places),
      ...artifactProxyRoutes(desk),
      ...modelRoutes(desk, places),
      ...registryRoutes(desk, places),
    ],
  };
}

/** Newer clients ask what a server can do before they send a file. */
const abilities = {
  store_type: "SqlStore",
  artifact_serving_enabled: true,
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  artifacts_presigned_only: false,
};

/**
 * Routes that anybody may ask.
 *
 * @param version of MLflow whose routes these are, for clients that compare it with their own
 */
function aboutRoutes(version: string): Route[] {
  const open = { method: "GET", policy: "open", about: "nothing", bodyBytesMost: 0 } as const;
  return [
    { ...open, path: "/health", handle: async () => ({ status: 200, body: "OK" }) },
    { ...open, path: "/version", handle: async () => ({ status: 200, body: version }) },
    ...["/api/3.0", "/ajax-api/3.0"].map((prefix) => ({
      ...open,
      path: `${prefix}/mlflow/server-info`,
      handle: async () => json(abilities),
    })),
  ];
}
