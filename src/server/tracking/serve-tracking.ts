/** @file The tracking server: one port, a table of routes, one way from a request to its reply. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { problem } from "../../problem/index.ts";
import { isLoopback } from "../admit.ts";
import { clientLeft, listen } from "../listen.ts";
import { authorize } from "./access/authorize.ts";
import { type Identify, nobody } from "./access/identify.ts";
import { readJson } from "./body.ts";
import { type Call, type Protocol, Refused, type Reply } from "./route.ts";
import { createRouter, type Found } from "./router.ts";

/** Where to serve, what, and to whom. */
interface TrackingServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly protocols: readonly Protocol[];
  /** Who calls. `null`, or no users: everybody on this machine, and nobody else. */
  readonly identify: Identify | null;
  /** What failed here, and not with a client. */
  readonly onFailure?: (error: unknown, about: { readonly method: string; readonly path: string }) => void;
  readonly watcher?: Watcher;
}

/** A server at work. */
export interface TrackingServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests and waits for those at work, so many seconds at most. */
  close(graceSeconds: number): Promise<void>;
}

/** Time for a request's head; bodies may be of several gigabytes and take as long as they come. */
const headSeconds = 30;

/**
 * Starts serving.
 *
 * @throws {TunewiseError} `SERVER_ADDRESS_UNAVAILABLE`; `SERVER_USERS_MISSING` for an address that others reach, where
 *   nobody is asked who they are
 */
export async function serveTracking(options: TrackingServerOptions): Promise<TrackingServer> {
  const { host, port, identify } = options;
  if (!isLoopback(host) && !(await identify?.hasUsers())) throw problem("SERVER_USERS_MISSING", { host });
  const find = createRouter(options.protocols);
  const server = createServer(
    {
      headersTimeout: headSeconds * 1000,
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 32_768,
    },
    (request, response) => void answer(options, find, request, response),
  );
  if (options.watcher) countConnections(server, options.watcher);
  const bound = await listen(server, host, port);
  return {
    ...bound,
    close: async (graceSeconds) => {
      const closed = new Promise<void>((end) => server.close(() => end()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function answer(
  { protocols, identify, onFailure, watcher }: TrackingServerOptions,
  find: (method: string, path: string) => Found,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Who stops reading a body in the middle must not take the connection with it: nothing that came over it later would
  // be answered, and the client would wait.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
  const method = request.method ?? "";
  // Two slashes at the start would make the next word a host's name.
  const address = (request.url ?? "/").replace(/^\/+/, "/");
  const target = URL.canParse(address, "http://here") ? new URL(address, "http://here") : null;
  const path = address.split("?")[0] ?? "/";
  const found = target ? find(method === "HEAD" ? "GET" : method, path) : null;
  const protocol = found?.protocol ?? protocols[0];
  if (watcher) watch(watcher, found, method, response);
  if (!protocol || !target) return sendReply(response, { status: 400, body: { error: "bad request" } });
  try {
    const asksWho = (await identify?.hasUsers()) ?? false;
    demandSameSite(request, !asksWho);
    if (!found) throw new Refused(404, "unknown_url", `There is no ${method} ${path.slice(0, 200)} here.`);
    if (!("route" in found)) {
      throw new Refused(405, "method_not_allowed", `Only ${found.allowed.join(", ")} is allowed here.`);
    }
    const { route, words } = found;
    const caller = identify && asksWho && route.policy !== "open" ? await identify.callerOf(request) : nobody;
    let body: Promise<unknown> | null = null;
    const json = (): Promise<unknown> => {
      body ??= readJson(request, route.bodyBytesMost);
      return body;
    };
    const call: Call = { request, caller, words, query: target.searchParams, json };
    const scope = await authorize(route, call);
    await sendReply(response, await route.handle({ ...call, scope }));
  } catch (error) {
    const reply = withChallenge(protocol.refuse(error));
    if (reply.status >= 500 && !hasLeft(request, error)) onFailure?.(error, { method, path });
    await sendReply(response, reply).catch(() => response.destroy());
  }
  // What a refused client still sends is read and thrown away, so that it gets to read the refusal.
  if (!request.complete) request.resume();
}

/** Tells of a request once its reply is out, or its client gone. */
function watch(watcher: Watcher, found: Found, method: string, response: ServerResponse): void {
  const start = performance.now();
  response.once("close", () =>
    watcher.answered({
      protocol: found?.protocol.name ?? "none",
      route: found && "route" in found ? found.route.path : null,
      method,
      status: response.headersSent ? response.statusCode : clientLeft,
      seconds: (performance.now() - start) / 1000,
    }),
  );
}

function countConnections(server: Server, { connections }: Watcher): void {
  let open = 0;
  server.on("connection", (socket) => {
    connections(++open);
    socket.once("close", () => connections(--open));
  });
}

/** Whether a client went away in the middle of what it sent or was sent: no failure of the server. */
function hasLeft(request: IncomingMessage, error: unknown): boolean {
  if (request.destroyed && !request.complete) return true;
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

/** Clients that can log in are told how. @source RFC 9110, section 11.6.1 */
function withChallenge(reply: Reply): Reply {
  if (reply.status !== 401) return reply;
  return {
    ...reply,
    headers: { ...reply.headers, "www-authenticate": 'Basic realm="tunewise", charset="UTF-8"' },
  };
}

/**
 * A page in a browser may lead a name of its own to this machine, or send forms to it: its Host or its Origin gives it
 * away.
 *
 * @source Jackson et al. 2007, Protecting Browsers from DNS Rebinding Attacks, section 5.3
 */
function demandSameSite({ headers }: IncomingMessage, onlyLoopback: boolean): void {
  const name = (headers.host ?? "").replace(/:\d*$/, "");
  if (onlyLoopback && !isLoopback(name)) {
    throw new Refused(403, "host_not_allowed", "This server answers calls to localhost alone.");
  }
  const { origin } = headers;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host)) {
    throw new Refused(403, "origin_not_allowed", "Pages of other sites may not call this server.");
  }
}

/**
 * Nothing that a client stored may act as a page of this server.
 *
 * @source OWASP Secure Headers Project: X-Content-Type-Options, Content-Security-Policy sandbox
 */
const careful = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
};

/** Sends a reply to its end; a response that has begun stays as it is. */
async function sendReply(response: ServerResponse, { status, headers, body }: Reply): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  if (body instanceof Readable) {
    response.writeHead(status, { ...careful, ...headers });
    await pipeline(body, response).catch((error: NodeJS.ErrnoException) => {
      // A client that has all it wants, or nothing more to wait for, is no failure of the server's.
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    });
    return;
  }
  const text = body === null ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const bytes = Buffer.from(text);
  const type = typeof body === "string" || body === null ? "text/plain" : "application/json";
  const about = { "content-type": `${type}; charset=utf-8`, "content-length": String(bytes.length) };
  response.writeHead(status, { ...careful, ...about, ...headers });
  response.end(bytes);
}

/** A request that was answered. */
interface Answered {
  readonly protocol: string;
  /** The route's pattern, or `null` where there is none. */
  readonly route: string | null;
  /** As the client sent it. */
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** Is told, and changes nothing. */
export interface Watcher {
  readonly answered: (request: Answered) => void;
  readonly connections: (open: number) => void;
}
