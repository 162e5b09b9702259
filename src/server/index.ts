/** @file HTTP: an OpenAI-compatible endpoint for a model that answers. */
export type { HandledRequest } from "./handle.ts";
export { checkAccess, type ModelServer, serveModel } from "./serve.ts";
