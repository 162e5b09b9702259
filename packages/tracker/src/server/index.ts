/** @file The tracking server: protocols of MLflow and W&B, access of users, metrics, and the page as files. */

export { withAbout } from "./about-protocol.ts";
export {
  type Credentials,
  type IdentifyUsers,
  identifyUsers,
  sessionCookie,
  sessionToken,
} from "./access/identify.ts";
export type { Clause } from "./filter/clause.ts";
export { type FilterExpression, readExpression } from "./filter/expression.ts";
export { entityOf } from "./filter/names.ts";
export { createServerMetrics, type ProcessFigures } from "./metrics/server-metrics.ts";
export { readLinks } from "./mlflow/models/source-policy.ts";
export { type ArtifactPlaces, proxiedPlaces } from "./mlflow/places.ts";
export { mlflowProtocol } from "./mlflow/protocol.ts";
export { type MlflowStatus, statusNames, storedStatuses } from "./mlflow/run-status.ts";
export { pageProtocol } from "./page/page-protocol.ts";
export { serveTracking, type TrackingServer } from "./serve-tracking.ts";
export { wandbProtocol } from "./wandb/protocol.ts";
export { schemaText } from "./wandb/schema.ts";
