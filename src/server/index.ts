/** @file HTTP: MLflow routes, W&B routes, an OpenAI-compatible endpoint for a model that answers. */
export type { HandledRequest } from "./handle.ts";
export { checkAccess, type ModelServer, serveModel } from "./serve.ts";
export { withAbout } from "./tracking/about/about-protocol.ts";
export { identifyUsers } from "./tracking/access/identify.ts";
export {
  createServerMetrics,
  type ProcessFigures,
} from "./tracking/metrics/server-metrics.ts";
export { mlflowProtocol } from "./tracking/mlflow/protocol.ts";
export { describeRoutes } from "./tracking/openapi/describe.ts";
export { serveTracking, type TrackingServer } from "./tracking/serve-tracking.ts";
export { tunewiseProtocol } from "./tracking/tunewise/protocol.ts";
export { wandbProtocol } from "./tracking/wandb/protocol.ts";
