/**
 * @file What the server says about itself.
 *
 * @source mlflow/mlflow mlflow/server/__init__.py (/health, /version); mlflow/utils/server_info.py
 */
import type { Route } from "../route.ts";
import { json } from "./route-pair.ts";

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
export function aboutRoutes(version: string): Route[] {
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
