/** @file HTTP: data of the page, routes of commands, an OpenAI-compatible endpoint for a model. */
export { checkAccess, type HandledRequest, type ModelServer, serveModel } from "./openai/model-server.ts";
export { startProxy } from "./record/proxy.ts";
export { readUpstream } from "./record/upstream.ts";
export { trackingProtocols } from "./tracking/protocols.ts";
export { tunewiseProtocol } from "./tracking/tunewise/protocol.ts";
