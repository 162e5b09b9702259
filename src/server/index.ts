/** @file HTTP: MLflow routes, W&B routes, an OpenAI-compatible endpoint for a model that answers. */
export type { HandledRequest } from "./handle.ts";
export { checkAccess, type ModelServer, serveModel } from "./serve.ts";
export { identifyUsers } from "./tracking/access/identify.ts";
export { mlflowProtocol } from "./tracking/mlflow/protocol.ts";
export { serveTracking, type TrackingServer } from "./tracking/serve-tracking.ts";
export { tunewiseProtocol } from "./tracking/tunewise/protocol.ts";
export { wandbProtocol } from "./tracking/wandb/protocol.ts";
