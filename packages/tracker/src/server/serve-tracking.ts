/** @file The tracking server, with the protocols of all clients on one port. */

import {
  type Answered,
  type HttpServer,
  type HttpServerOptions,
  isLoopback,
  serveHttp,
} from "../http/index.ts";
import type { RefusedRequest } from "../index.ts";
import { problem } from "../problem/index.ts";
import { refusedRequest } from "./access/audit-refusals.ts";

/** A running tracking server. */
export type TrackingServer = HttpServer;

/** Observes the server without influencing it. */
export interface Watcher {
  readonly answered: (request: Answered) => void;
  readonly connections: (open: number) => void;
}

/** Options of the server. */
interface TrackingServerOptions
  extends Pick<HttpServerOptions, "host" | "port" | "protocols" | "identify" | "onFailure"> {
  readonly watcher?: Watcher;
  /** Called with requests that were refused for lack of permission or identification. */
  readonly onRefused?: (refused: RefusedRequest) => void;
}

/** Time limit of a request's head. Bodies have none, since they may have several gigabytes. */
const headMs = 30_000;

/**
 * Starts the server.
 *
 * @throws {TunewiseError} `SERVER_ADDRESS_UNAVAILABLE`; `SERVER_USERS_MISSING` for an address that other machines can
 *   reach, without users
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
