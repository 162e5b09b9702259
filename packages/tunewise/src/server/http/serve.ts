/**
 * @file The one HTTP server: opens an address, leads each request through its route to one reply, closes in good
 * order. Requests are `node:http`'s own: bodies may be streams of terabytes, and clients vanish in the middle.
 */
import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { problem, TunewiseError } from "../../problem/index.ts";
import { authorize } from "./authorize.ts";
import { type BodyRate, slowestBody, watchBody } from "./body-rate.ts";
import { demandLocalHost, demandSameOrigin, readFields } from "./request.ts";
import { type Call, type Caller, type Protocol, Refusal, type Reply } from "./route.ts";
import { createRouter, type Found } from "./router.ts";

/** Tells callers apart. */
export interface Identify {
  /** Whether callers have to say who they are: from the first user on, and never less again. */
  readonly hasUsers: () => Promise<boolean>;
  /** Who calls. @throws {Refusal} 401 */
  readonly callerOf: (request: IncomingMessage) => Promise<Caller>;
}

/** Everybody on this machine, who may do everything; and the rights of those who run the server. */
export const nobody: Caller = {
  name: "",
  isAdmin: true,
  rights: {
    rolesIn: async (projects) => new Map(projects.map((project) => [project, "admin"])),
    readable: async () => null,
    writesSomewhere: async () => true,
  },
};

/** Where to serve, what, and to whom. */
export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly protocols: readonly Protocol[];
  /** Who calls. `null`, or no users: everybody on this machine, and nobody else. */
  readonly identify: Identify | null;
  /** Whether pages of other sites are refused. */
  readonly sameOrigin: boolean;
  /** Deadlines and sizes of requests. */
  readonly limits: ServerOptions & { readonly connections?: number; readonly slowestBody?: BodyRate };
  /** What failed here, and not with a client. */
  readonly onFailure?: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
  readonly onAnswered?: (answered: Answered) => void;
  readonly onConnections?: (open: number) => void;
}

/** A request that is over: its reply is out, or its client gone. */
export interface Answered {
  readonly request: IncomingMessage;
  readonly protocol: string;
  /** The route's pattern, or `null` if there is none. */
  readonly route: string | null;
  readonly method: string;
  /** As the client sent it: not to be trusted. */
  readonly path: string;
  /** @source nginx, ngx_http_request.h: 499 for a client that left before its answer */
  readonly status: number;
  readonly seconds: number;
  /** What failed here, and not with the client. */
  readonly failure: unknown;
  /** Why it was refused before or in its route; `null`: it was not. */
  readonly refusal: Refusal | null;
}

/** A server at work. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests and waits for those at work, so many seconds at most. */
  close(graceSeconds: number): Promise<void>;
}

const clientLeft = 499;

/** Options of a server that is at work. */
interface OpenServer extends HttpServerOptions {
  readonly closing: AbortSignal;
}

/**
 * Starts serving.
 *
 * @throws {TunewiseError} `SERVER_ADDRESS_UNAVAILABLE`
 */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { host, limits, protocols, onConnections } = options;
  const find = createRouter(protocols);
  const atWork = new Set<Promise<void>>();
  const closing = new AbortController();
  // every stream of a server listens to it
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

/** Answers a request to its end and never throws. */
async function answer(
  options: OpenServer,
  find: (method: string, path: string) => Found,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const start = performance.now();
  // Who stops reading a body in the middle must not take the connection with it: nothing that came over it later would
  // be answered, and the client would wait.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
  const method = request.method ?? "";
  // Two slashes at the start would make the next word a host's name.
  const address = (request.url ?? "/").replace(/^\/+/, "/");
  const path = address.split("?")[0] ?? "/";
  const target = URL.canParse(address, "http://here") ? new URL(address, "http://here") : null;
  const found = target ? find(method === "HEAD" ? "GET" : method, path) : null;
  const protocol = found?.protocol ?? (options.protocols[0] as Protocol);
  let failure: unknown = null;
  let refusal: Refusal | null = null;
  const endWatch = watchBody(request, options.limits.slowestBody ?? slowestBody, () =>
    cutOff(protocol, request, response),
  );
  try {
    if (!target) throw new Refusal(400, "bad_request", "This is not an address.");
    const reply = await replyTo(options, found, request, response, target);
    await sendReply(response, protocol.isCompressed ? await compressedReply(reply, request) : reply);
  } catch (error) {
    if (error instanceof Refusal) refusal = error;
    const reply = protocol.refuse(error);
    const headers = error instanceof Refusal ? { ...reply.headers, ...error.headers } : reply.headers;
    const isOurs = reply.status >= 500 && reply.status !== 503 && !hasLeft(request, response, error);
    if (isOurs || isLostUpload(error)) {
      failure = error;
      options.onFailure?.(error, { method, path });
    }
    await sendReply(response, { ...reply, ...(headers && { headers }) }).catch(() => response.destroy());
  }
  // What a refused client still sends is read and thrown away, so that it gets to read the refusal.
  if (!request.complete) request.resume();
  await sent(response);
  if (request.complete) endWatch();
  const status = response.writableFinished ? response.statusCode : clientLeft;
  const route = found && "route" in found ? found.route.path : null;
  const seconds = (performance.now() - start) / 1000;
  const about = { request, protocol: found?.protocol.name ?? "none", route, method, path };
  options.onAnswered?.({ ...about, status, seconds, failure, refusal });
}

/** @throws whatever the protocol words as a refusal */
async function replyTo(
  { identify, sameOrigin, closing }: OpenServer,
  found: Found,
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
): Promise<Reply> {
  const asksWho = (await identify?.hasUsers()) ?? false;
  const route = found && "route" in found ? found.route : null;
  if (!asksWho && !route?.anyHost) demandLocalHost(request);
  if (sameOrigin) demandSameOrigin(request);
  if (!found) {
    const path = (request.url ?? "/").replace(/^\/+/, "/").split("?")[0] ?? "";
    throw new Refusal(404, "unknown_url", `There is no ${request.method} ${path.slice(0, 200)} here.`);
  }
  if (!("route" in found)) {
    const allow = found.allowed.join(", ");
    const headers = { allow };
    throw new Refusal(405, "method_not_allowed", `Only ${allow} is allowed here.`, { headers });
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

/** Files that a client tried to log and that are not there: whoever runs the server is told of each. */
const lostUploads: ReadonlySet<string> = new Set([
  "UPLOAD_CUT_OFF",
  "ARTIFACT_PATH_TAKEN",
  "ARTIFACT_PATH_TOO_LONG",
  "ARTIFACT_STORE_FULL",
]);

function isLostUpload(error: unknown): boolean {
  return TunewiseError.is(error) && lostUploads.has(error.code);
}

/** Whether a client went away in the middle of what it sent or was sent: no failure of the server. */
function hasLeft(request: IncomingMessage, response: ServerResponse, error: unknown): boolean {
  if (response.destroyed || (request.destroyed && !request.complete)) return true;
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
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

/** A client that has not read so many bytes of what is pushed to it is cut off. */
const maxUnreadBytes = 1 << 20;

/** Sends a reply to its end; a response that has begun stays as it is. */
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
      // A client that has all it wants, or nothing more to wait for, is no failure of the server's.
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

/** A client's share of what is sent before compression pays. @source an Ethernet frame holds 1,500 bytes */
const leastCompressedBytes = 1_400;

/** A JSON reply as the client takes it: it knows no secret that what a caller sends could be compared with. */
async function compressedReply(reply: Reply, { headers }: IncomingMessage): Promise<Reply> {
  const { body } = reply;
  const isJson = typeof body === "object" && body !== null && !(body instanceof Readable);
  if (!isJson || body instanceof Uint8Array || !/\bgzip\b/.test(String(headers["accept-encoding"])))
    return reply;
  const bytes = Buffer.from(JSON.stringify(body));
  const about = { ...reply.headers, "content-type": jsonType };
  if (bytes.length < leastCompressedBytes) return { ...reply, headers: about, body: bytes };
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

/** Ends a request whose body comes too slowly: with a reply, as far as none was sent, and then its connection. */
function cutOff(protocol: Protocol, request: IncomingMessage, response: ServerResponse): void {
  const reply = protocol.refuse(
    new Refusal(408, "too_slow", "The body came too slowly: fewer than 32 KiB within 30 seconds."),
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

/** Waits until the operating system has the complete response, or the client is gone. */
async function sent(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  await new Promise<void>((done) => {
    response.once("finish", done);
    response.once("close", done);
  });
}

/** What is no request, or comes too slowly, has no response object yet: the reply is written by hand. */
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

function badRequest(code: string): Refusal {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new Refusal(408, "too_slow", "The request took too long to arrive.");
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return new Refusal(431, "headers_too_large", "The headers are too large.");
  }
  return new Refusal(400, "bad_request", "This is not an HTTP request.");
}
