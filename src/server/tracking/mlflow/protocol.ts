/**
 * @file MLflow's REST API: its routes, under both of its prefixes.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py (_get_paths)
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import type { Protocol } from "../route.ts";
import { aboutRoutes } from "./about.ts";
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
import { runArtifactRoutes } from "./run-artifacts.ts";
import { runSearchRoutes } from "./run-search.ts";
import { runRoutes } from "./runs.ts";

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
