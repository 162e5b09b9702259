/**
 * @file MLflow's REST API: its routes, under both of its prefixes, and what the server reports about itself.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py (_get_paths), mlflow/server/__init__.py
 *   (/health, /version), mlflow/utils/server_info.py
 */

import type { Protocol, Route } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { artifactProxyRoutes } from "./artifact-proxy.ts";
import { experimentRoutes } from "./experiments.ts";
import { invalidField } from "./fields.ts";
import { historyRoutes } from "./history.ts";
import { inputRoutes } from "./inputs.ts";
import { logRoutes } from "./log.ts";
import { modelRoutes } from "./models/model-routes.ts";
import { registryRoutes } from "./models/registry-routes.ts";
import { type ArtifactPlaces, proxiedPlaces } from "./places.ts";
import { promptlabRoutes } from "./promptlab.ts";
import { refuse } from "./refuse.ts";
import { runArtifactRoutes } from "./run-artifacts.ts";
import { runRoutes } from "./runs.ts";
import { assessmentRoutes } from "./traces/assessment-routes.ts";
import { legacyTraceRoutes } from "./traces/legacy-routes.ts";
import { refusedRoutes } from "./traces/refused-routes.ts";
import { traceRoutes } from "./traces/trace-routes.ts";

/** Creates MLflow's protocol. @param version of MLflow that the routes implement */
export function mlflowProtocol(
  tracking: TrackingContext,
  version: string,
  places: ArtifactPlaces = proxiedPlaces,
): Protocol {
  const context = { ...tracking, places };
  return {
    name: "mlflow",
    refuse,
    invalid: invalidField,
    shapes,
    error: "error_code! message!",
    about: "MLflow REST API. Each route is available under /api and, for web pages, under /ajax-api.",
    routes: [
      ...aboutRoutes(version),
      ...experimentRoutes(context),
      ...runRoutes(context),
      ...promptlabRoutes(context),
      ...logRoutes(context),
      ...inputRoutes(context),
      ...historyRoutes(context),
      ...runArtifactRoutes(context),
      ...artifactProxyRoutes(context),
      ...modelRoutes(context),
      ...registryRoutes(context),
      ...traceRoutes(context),
      ...legacyTraceRoutes(context),
      ...assessmentRoutes(context),
      ...refusedRoutes(),
    ],
  };
}

/** Capabilities, which newer clients query before they send a file. */
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
 * Routes without access control.
 *
 * @param version of MLflow that the routes implement, for clients that compare it with their own
 */
function aboutRoutes(version: string): Route[] {
  const open = { method: "GET", policy: "open", about: "nothing", maxBodyBytes: 0 } as const;
  return [
    {
      ...open,
      path: "/health",
      summary: "Check whether the server accepts requests.",
      type: "text/plain",
      handle: async () => ({ status: 200, body: "OK" }),
    },
    {
      ...open,
      path: "/version",
      type: "text/plain",
      summary: "Get the MLflow version that these routes implement.",
      handle: async () => ({ status: 200, body: version }),
    },
    ...["/api/3.0", "/ajax-api/3.0"].map((prefix) => ({
      ...open,
      path: `${prefix}/mlflow/server-info`,
      summary: "Get the capabilities of the server.",
      gives:
        "store_type artifact_serving_enabled:bool workspaces_enabled:bool trace_archival_enabled:bool " +
        "multipart_uploads_enabled:bool multipart_downloads_enabled:bool artifacts_presigned_only:bool",
      handle: async () => ({ status: 200, body: abilities }),
    })),
  ];
}

/**
 * Shapes of requests and replies.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, model_registry.proto
 */
const shapes: NonNullable<Protocol["shapes"]> = {
  Fact: "key! value",
  Metric: "key! value!:any timestamp!:int step:int model_id dataset_name dataset_digest run_id",
  ViewType: { type: "string", enum: ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"] },
  RunStatus: { type: "string", enum: ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] },
  Experiment:
    "experiment_id! name! artifact_location lifecycle_stage creation_time:int last_update_time:int tags:Fact[]",
  Run: "info!:RunInfo data:RunData inputs:RunInputs outputs:object",
  RunInfo:
    "run_id! run_uuid experiment_id! run_name user_id status:RunStatus start_time:int end_time:int artifact_uri " +
    "lifecycle_stage",
  RunData: "metrics:Metric[] params:Fact[] tags:Fact[]",
  RunInputs: "dataset_inputs:DatasetInput[] model_inputs:object[]",
  DatasetInput: "tags:Fact[] dataset!:Dataset",
  Dataset: "name! digest! source_type! source! schema profile",
  DatasetSummary: "experiment_id name digest context",
  File: "path! is_dir:bool file_size:int",
  LoggedModel: "info:LoggedModelInfo data:LoggedModelData",
  LoggedModelInfo:
    "model_id! experiment_id name creation_timestamp_ms:int last_updated_timestamp_ms:int artifact_uri status " +
    "model_type source_run_id tags:Fact[]",
  LoggedModelData: "params:Fact[] metrics:Metric[]",
  Trace: "trace_info!:TraceInfo",
  TraceInfo:
    "trace_id! client_request_id trace_location:object request_preview response_preview request_time " +
    "execution_duration state trace_metadata:object tags:object assessments:object[]",
  TraceInfoV2:
    "request_id! experiment_id! timestamp_ms:int execution_time_ms:int status request_metadata:Fact[] tags:Fact[]",
  ModelOrder: "field_name! ascending:bool dataset_name dataset_digest",
  RegisteredModel:
    "name! creation_timestamp:int last_updated_timestamp:int description latest_versions:ModelVersion[] " +
    "tags:Fact[] aliases:ModelAlias[]",
  ModelAlias: "alias! version!",
  ModelVersion:
    "name! version! creation_timestamp:int last_updated_timestamp:int user_id current_stage description source " +
    "run_id status tags:Fact[] run_link aliases:text[] model_id",
};
