/** @file The tracking server: protocols of tracking clients on one port. */
import type { RefusedRequest } from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import { isLoopback } from "../http/request.ts";
import { type Answered, type HttpServer, type HttpServerOptions, serveHttp } from "../http/serve.ts";
import { refusedRequest } from "./access/audit-refusals.ts";

/** A server at work. */
export type TrackingServer = HttpServer;

/** Observes the server and changes nothing. */
export interface Watcher {
  readonly answered: (request: Answered) => void;
  readonly connections: (open: number) => void;
}

/** Where to serve, what, and to whom. */
interface TrackingServerOptions
  extends Pick<HttpServerOptions, "host" | "port" | "protocols" | "identify" | "onFailure"> {
  readonly watcher?: Watcher;
  /** Is told of requests that were refused to who asked. */
  readonly onRefused?: (refused: RefusedRequest) => void;
}

/** Time for a request's head; bodies may be of several gigabytes and take as long as they come. */
const headMs = 30_000;

/**
 * Starts serving.
 *
 * @throws {TunewiseError} `SERVER_ADDRESS_UNAVAILABLE`; `SERVER_USERS_MISSING` for an address that others reach, where
 *   nobody is asked who they are
 */
export async function serveTracking({
  watcher,
  onRefused,
  ...options
}: TrackingServerOptions): Promise<TrackingServer> {
  const { host, identify } = options;
  if (!isLoopback(host) && !(await identify?.hasUsers())) throw problem("SERVER_USERS_MISSING", { host });
  return serveHttp({
    ...options,
    sameOrigin: true,
    limits: { headersTimeout: headMs, requestTimeout: 0, keepAliveTimeout: 65_000, maxHeaderSize: 32_768 },
    onAnswered: (answered) => {
      watcher?.answered(answered);
      const refused = refusedRequest(answered);
      if (refused !== null) onRefused?.(refused);
    },
    ...(watcher && { onConnections: watcher.connections }),
  });
}
