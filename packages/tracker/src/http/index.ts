/** @file A small HTTP server on `node:http`: routes with access control, limits of bodies, replies, OpenAPI. */

export { notVisible, orHidden, requireSubjects } from "./authorize.ts";
export { fileReply, type SentFile } from "./file-reply.ts";
export { describeRoutes, shape } from "./openapi.ts";
export { isLoopback, requireLocalHost, requirePlain, sentText } from "./request.ts";
export {
  type About,
  type AllowedCall,
  type Call,
  type Caller,
  type FieldsRoute,
  fieldsRoute,
  HttpError,
  type JsonSchema,
  type Protocol,
  type Pushing,
  type Reply,
  type Route,
  requiredMark,
  type Scope,
  type Subject,
  type Subjects,
} from "./route.ts";
export { createRouter } from "./router.ts";
export {
  type Answered,
  type HttpServer,
  type HttpServerOptions,
  type Identify,
  nobody,
  serveHttp,
} from "./serve.ts";
