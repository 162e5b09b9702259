/**
 * @file The HTTP server: listens at an address, routes each request to exactly one reply, and shuts down gracefully.
 * Uses the requests of `node:http` directly, since bodies may be terabytes and clients may disconnect at any time.
 */
import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { problem, TunewiseError } from "../problem/index.ts";
import { authorize } from "./authorize.ts";
import { type BodyRate, slowestBody, watchBody } from "./body-rate.ts";
import { readFields, requireLocalHost, requireSameOrigin } from "./request.ts";
import { type Call, type Caller, HttpError, type Protocol, type Reply } from "./route.ts";
import { createRouter, type Found } from "./router.ts";

/** Identifies callers. */
export interface Identify {
  /** Whether callers must identify themselves. Once `true`, it stays so. */
  readonly hasUsers: () => Promise<boolean>;
  /** Identifies the caller of a request. @throws {HttpError} 401 */
  readonly callerOf: (request: IncomingMessage) => Promise<Caller>;
}

/** The anonymous caller of a server without users, who may do everything. Admins have the same rights. */
export const nobody: Caller = {
  name: "",
  isAdmin: true,
  rights: {
    rolesIn: async (projects) => new Map(projects.map((project) => [project, "admin"])),
    readable: async () => null,
    writesSomewhere: async () => true,
  },
};

/** Options of the server. */
export interface HttpServerOptions {
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  readonly protocols: readonly Protocol[];
  /** Identifies callers. If `null` or without users, only calls to a local host name are accepted, anonymously. */
  readonly identify: Identify | null;
  /** Whether requests of other sites' pages are refused. */
  readonly sameOrigin: boolean;
  /** Deadlines and sizes of requests. */
  readonly limits: ServerOptions & { readonly connections?: number; readonly slowestBody?: BodyRate };
  /** Called with failures of the server, as opposed to a client's. */
  readonly onFailure?: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
  readonly onAnswered?: (answered: Answered) => void;
  readonly onConnections?: (open: number) => void;
}

/** A completed request: its reply was sent, or its client disconnected. */
export interface Answered {
  readonly request: IncomingMessage;
  readonly protocol: string;
  /** The route's pattern, or `null` if there is none. */
  readonly route: string | null;
  readonly method: string;
  /** Path as sent by the client, which is untrusted. */
  readonly path: string;
  /** @source nginx, ngx_http_request.h: 499 for a client that disconnected before its reply */
  readonly status: number;
  readonly seconds: number;
  /** Failure of the server, as opposed to the client's. */
  readonly failure: unknown;
  /** The refusal, from before or in the route; `null` if there was none. */
  readonly refusal: HttpError | null;
}

/** A running server. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Stops accepting requests, and waits at most the given seconds for those in progress. */
  close(graceSeconds: number): Promise<void>;
}

const clientLeft = 499;

/** Options of a running server. */
interface OpenServer extends HttpServerOptions {
  readonly closing: AbortSignal;
}

/**
 * Starts the server.
 *
 * @throws {TunewiseError} `SERVER_ADDRESS_UNAVAILABLE`
 */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { host, limits, protocols, onConnections } = options;
  const find = createRouter(protocols);
  const atWork = new Set<Promise<void>>();
  const closing = new AbortController();
  // any number of streams may listen to this signal
  setMaxListeners(0, closing.signal);
  const { connections, slowestBody: _, ...timeouts } = limits;
  const server = createServer(timeouts, (request, response) => {
    const work = answer({ ...options, closing: closing.signal }, find, request, response).finally(() =>
      atWork.delete(work),
    );
    atWork.add(work);
  });
  if (connections !== undefined) server.maxConnections = connections;
  server.on("clientError", (error, socket) => answerBadRequest(protocols, error, socket as Socket));
  if (onConnections) {
    let open = 0;
    server.on("connection", (socket) => {
      onConnections(++open);
      socket.once("close", () => onConnections(--open));
    });
  }
  const bare = host.replace(/[[\]]/g, "");
  await new Promise<void>((done, failed) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = cause.code ?? cause.message;
      failed(problem("SERVER_ADDRESS_UNAVAILABLE", { host, port: options.port, reason }, { cause }));
    });
    server.listen(options.port, bare, done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host.includes(":") ? `[${bare}]` : host}:${port}`,
    close: async (graceSeconds) => {
      const closed = new Promise<void>((end) => server.close(() => end()));
      closing.abort();
      const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
      await Promise.all(atWork);
      clearTimeout(cut);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Handles a request completely; never throws. */
async function answer(
  options: OpenServer,
  find: (method: string, path: string) => Found,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const start = performance.now();
  // A handler that stops reading a body early must not destroy the connection: later requests on it would never be
  // answered.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
  const method = request.method ?? "";
  // After two leading slashes, URL would parse the first segment as a host name.
  const address = (request.url ?? "/").replace(/^\/+/, "/");
  const path = address.split("?")[0] ?? "/";
  const target = URL.canParse(address, "http://here") ? new URL(address, "http://here") : null;
  const found = target ? find(method === "HEAD" ? "GET" : method, path) : null;
  const protocol = found?.protocol ?? (options.protocols[0] as Protocol);
  let failure: unknown = null;
  let refusal: HttpError | null = null;
  const endWatch = watchBody(request, options.limits.slowestBody ?? slowestBody, () =>
    cutOff(protocol, request, response),
  );
  try {
    if (!target) throw new HttpError(400, "bad_request", "This is not an address.");
    const reply = await replyTo(options, found, request, response, target);
    await sendReply(response, protocol.isCompressed ? await compressedReply(reply, request) : reply);
  } catch (error) {
    if (error instanceof HttpError) refusal = error;
    const reply = protocol.refuse(error);
    const headers = error instanceof HttpError ? { ...reply.headers, ...error.headers } : reply.headers;
    const isOurs = reply.status >= 500 && reply.status !== 503 && !hasLeft(request, response, error);
    if (isOurs || isLostUpload(error)) {
      failure = error;
      options.onFailure?.(error, { method, path });
    }
    await sendReply(response, { ...reply, ...(headers && { headers }) }).catch(() => response.destroy());
  }
  // The rest of a refused request is read and discarded, so that the client gets to read the refusal.
  if (!request.complete) request.resume();
  await sent(response);
  if (request.complete) endWatch();
  const status = response.writableFinished ? response.statusCode : clientLeft;
  const route = found && "route" in found ? found.route.path : null;
  const seconds = (performance.now() - start) / 1000;
  const about = { request, protocol: found?.protocol.name ?? "none", route, method, path };
  options.onAnswered?.({ ...about, status, seconds, failure, refusal });
}

/** @throws errors that the protocol converts to replies */
async function replyTo(
  { identify, sameOrigin, closing }: OpenServer,
  found: Found,
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
): Promise<Reply> {
  const asksWho = (await identify?.hasUsers()) ?? false;
  const route = found && "route" in found ? found.route : null;
  if (!asksWho && !route?.anyHost) requireLocalHost(request);
  if (sameOrigin) requireSameOrigin(request);
  if (!found) {
    const path = (request.url ?? "/").replace(/^\/+/, "/").split("?")[0] ?? "";
    throw new HttpError(404, "unknown_url", `There is no ${request.method} ${path.slice(0, 200)} here.`);
  }
  if (!("route" in found)) {
    const allow = found.allowed.join(", ");
    const headers = { allow };
    throw new HttpError(405, "method_not_allowed", `Only ${allow} is allowed here.`, { headers });
  }
  const isOpen = found.route.policy === "open";
  const caller = identify && asksWho && !isOpen ? await identify.callerOf(request) : nobody;
  const call: Call = {
    request,
    caller,
    params: found.params,
    query: target.searchParams,
    signal: leaving(response),
    closing,
  };
  const fields = (await readFields(found.route, request, call.query, found.protocol)) as never;
  return found.route.handle(fields, { ...call, scope: await authorize(found.route, fields, call) });
}

function leaving(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

/** Problems that lose a file a client tried to log. Each is reported as a failure of the server. */
const lostUploads: ReadonlySet<string> = new Set([
  "UPLOAD_CUT_OFF",
  "ARTIFACT_PATH_TAKEN",
  "ARTIFACT_PATH_TOO_LONG",
  "ARTIFACT_STORE_FULL",
]);

function isLostUpload(error: unknown): boolean {
  return TunewiseError.is(error) && lostUploads.has(error.code);
}

/** Whether the client disconnected during its request or the reply, which is not a failure of the server. */
function hasLeft(request: IncomingMessage, response: ServerResponse, error: unknown): boolean {
  if (response.destroyed || (request.destroyed && !request.complete)) return true;
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

/**
 * Headers that prevent stored content from acting as a page of this server.
 *
 * @source OWASP Secure Headers Project: X-Content-Type-Options, Content-Security-Policy sandbox
 */
const careful = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
};

/** Maximum unread bytes of a pushed reply; a client that exceeds it is disconnected. */
const maxUnreadBytes = 1 << 20;

/** Sends a reply completely. Does nothing if the response has already begun. */
async function sendReply(response: ServerResponse, { status, headers, body }: Reply): Promise<void> {
  const isGone = response.headersSent || response.destroyed;
  if (typeof body === "function") {
    if (!isGone) response.writeHead(status, { ...careful, ...headers });
    try {
      await body((text) => {
        if (response.destroyed) return;
        response.write(text);
        if (response.writableLength > maxUnreadBytes) response.destroy();
      });
    } finally {
      if (!response.destroyed) response.end();
    }
    return;
  }
  if (body instanceof Readable) {
    if (isGone) return void body.destroy();
    response.writeHead(status, { ...careful, ...headers });
    await pipeline(body, response).catch((error: NodeJS.ErrnoException) => {
      // The client disconnected, which is not a failure of the server.
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    });
    return;
  }
  if (isGone) return;
  const [bytes, type] = encode(body);
  const about = { "content-type": type, "content-length": String(bytes.length) };
  response.writeHead(status, { ...careful, ...about, ...headers });
  response.end(bytes);
}

/** Minimum size at which compression pays. @source an Ethernet frame holds 1,500 bytes */
const minCompressedBytes = 1_400;

/** Compresses a JSON reply if the client accepts it. Safe, since no reply mixes secrets with a caller's input. */
async function compressedReply(reply: Reply, { headers }: IncomingMessage): Promise<Reply> {
  const { body } = reply;
  const isJson = typeof body === "object" && body !== null && !(body instanceof Readable);
  if (!isJson || body instanceof Uint8Array || !/\bgzip\b/.test(String(headers["accept-encoding"])))
    return reply;
  const bytes = Buffer.from(JSON.stringify(body));
  const about = { ...reply.headers, "content-type": jsonType };
  if (bytes.length < minCompressedBytes) return { ...reply, headers: about, body: bytes };
  const encoded = { "content-encoding": "gzip", vary: "accept-encoding" };
  return { ...reply, headers: { ...about, ...encoded }, body: await compress(bytes, { level: 5 }) };
}

const compress = promisify(gzip);

const jsonType = "application/json; charset=utf-8";

function encode(body: object | string | Uint8Array | null): [bytes: Uint8Array, type: string] {
  if (body instanceof Uint8Array) return [body, "application/octet-stream"];
  if (typeof body === "object" && body !== null) return [Buffer.from(JSON.stringify(body)), jsonType];
  return [Buffer.from(body ?? ""), "text/plain; charset=utf-8"];
}

/** Ends a request whose body is too slow: sends a reply if none was sent yet, then closes the connection. */
function cutOff(protocol: Protocol, request: IncomingMessage, response: ServerResponse): void {
  const reply = protocol.refuse(
    new HttpError(408, "too_slow", "The body came too slowly: fewer than 32 KiB within 30 seconds."),
  );
  const end = (): void => void request.destroy();
  if (response.headersSent || response.destroyed) {
    end();
    return;
  }
  response.setHeader("connection", "close");
  response.once("close", end);
  response.once("finish", end);
  void sendReply(response, reply).catch(end);
}

/** Waits until the complete response is passed to the operating system, or the client has disconnected. */
async function sent(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  await new Promise<void>((done) => {
    response.once("finish", done);
    response.once("close", done);
  });
}

/** Writes a raw reply to a malformed or slow request, which has no response object yet. */
function answerBadRequest(
  [protocol]: readonly Protocol[],
  error: NodeJS.ErrnoException,
  socket: Socket,
): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const { status, body } = (protocol as Protocol).refuse(badRequest(error.code ?? "")) as Reply;
  const text = JSON.stringify(body);
  const head = [`HTTP/1.1 ${status} Refused`, "content-type: application/json", "connection: close"];
  socket.end([...head, `content-length: ${Buffer.byteLength(text)}`, "", text].join("\r\n"));
}

function badRequest(code: string): HttpError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new HttpError(408, "too_slow", "The request took too long to arrive.");
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return new HttpError(431, "headers_too_large", "The headers are too large.");
  }
  return new HttpError(400, "bad_request", "This is not an HTTP request.");
}
