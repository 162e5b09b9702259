/** @file HTTP: routes of MLflow and W&B, the page and its data, an OpenAI-compatible endpoint for a model. */

export { checkAccess, type HandledRequest, type ModelServer, serveModel } from "./openai/model-server.ts";
export { withAbout } from "./tracking/about-protocol.ts";
export { identifyUsers } from "./tracking/access/identify.ts";
export {
  createServerMetrics,
  type ProcessFigures,
} from "./tracking/metrics/server-metrics.ts";
export { readLinks } from "./tracking/mlflow/models/source-policy.ts";
export { proxiedPlaces } from "./tracking/mlflow/places.ts";
export { mlflowProtocol } from "./tracking/mlflow/protocol.ts";
export { trackingProtocols } from "./tracking/protocols.ts";
export { serveTracking, type TrackingServer } from "./tracking/serve-tracking.ts";
export { tunewiseProtocol } from "./tracking/tunewise/protocol.ts";
export { wandbProtocol } from "./tracking/wandb/protocol.ts";
