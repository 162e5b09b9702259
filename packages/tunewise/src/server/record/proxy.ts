/**
 * @file A proxy for an API in OpenAI's format that records chat completions. Every call passes, with its key, as if the
 * proxy were not there; bytes are copied while they pass, and all work on them happens in another process.
 */
import {
  createServer,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import {
  type CallBodies,
  isSampled,
  maxCallSize,
  readFeedback,
  type Writer,
} from "../../app/record/index.ts";
import { problem } from "../../problem/index.ts";
import { openTap } from "./tap.ts";
import {
  isChatCompletion,
  passedHeaders,
  requestHeaders,
  type Upstream,
  upstreamPath,
  userHeader,
} from "./upstream.ts";

/** Options of the proxy. */
export interface ProxyOptions {
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  readonly upstream: Upstream;
  /** Share of calls to record, from 0 to 1. */
  readonly sample: number;
  readonly writer: Pick<Writer, "add" | "addFeedback" | "counts" | "counter">;
}

/** A running proxy. */
export interface RecordingProxy {
  /** Base URL for clients, including the path. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting calls and waits for those in progress, at most the given seconds. */
  close(graceSeconds: number): Promise<void>;
}

/** Max. size of feedback in bytes. */
const maxFeedbackBytes = 64 * 1024;

/**
 * Starts the proxy.
 *
 * @throws {TunewiseError} `SERVER_ADDRESS_UNAVAILABLE`
 */
export async function startProxy(options: ProxyOptions): Promise<RecordingProxy> {
  const { host, port } = options;
  const agent = options.upstream.isSecure
    ? new HttpsAgent({ keepAlive: true, noDelay: true })
    : new HttpAgent({ keepAlive: true, noDelay: true });
  // Answers may take hours, and the API decides when to give up.
  const server = createServer({ noDelay: true, requestTimeout: 0 }, (request, response) => {
    if (request.url?.startsWith("/tunewise/")) void answerOwn(options, request, response);
    else pass(options, agent, request, response);
  });
  server.keepAliveTimeout = 120_000; // longer than that of clients, which would otherwise meet a closing connection
  server.on("clientError", (_, socket) => socket.destroy());
  const bare = host.replace(/[[\]]/g, "");
  await new Promise<void>((done, failed) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = cause.code ?? cause.message;
      failed(problem("SERVER_ADDRESS_UNAVAILABLE", { host, port, reason }, { cause }));
    });
    server.listen(port, bare, done);
  });
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    url: `http://${bare.includes(":") ? `[${bare}]` : bare}:${own}/v1`,
    close: async (graceSeconds) => {
      const closed = new Promise<void>((end) => server.close(() => end()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
      await closed;
      clearTimeout(cut);
      agent.destroy();
    },
  };
}

/** Passes a call on, and its answer back. */
function pass(
  options: ProxyOptions,
  agent: HttpAgent | HttpsAgent,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { upstream, writer } = options;
  const target = request.url ?? "/";
  const call = isChatCompletion(request.method, target) ? openCall(request) : null;
  if (call !== null) writer.counter.calls++;
  const send = upstream.isSecure ? httpsRequest : httpRequest;
  const outgoing = send({
    agent,
    hostname: upstream.hostname,
    port: upstream.port,
    method: request.method ?? "GET",
    path: upstreamPath(upstream, target),
    headers: requestHeaders(upstream, request.rawHeaders, request.headers),
    setHost: false,
  });
  outgoing.setNoDelay(true);
  outgoing.on("response", (incoming) => {
    call?.begin(incoming);
    response.writeHead(
      incoming.statusCode ?? 502,
      incoming.statusMessage ?? "",
      passedHeaders(incoming.rawHeaders, incoming.headers),
    );
    response.flushHeaders();
    incoming.on("error", () => response.destroy());
    incoming.on("close", () => {
      if (!incoming.complete) response.destroy();
      // Recorded after the answer has been passed, in a turn of the event loop of its own.
      if (call !== null) setImmediate(() => recordCall(call.end(incoming), options));
    });
    incoming.pipe(response);
  });
  outgoing.on("error", (error: NodeJS.ErrnoException) => {
    if (call !== null && !call.hasBegun) recordCall("failed", options);
    if (response.headersSent) response.destroy();
    else
      refuse(response, 502, `The API at ${upstream.host} does not answer: ${error.code ?? error.message}.`);
  });
  response.on("close", () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  request.on("error", () => outgoing.destroy());
  request.pipe(outgoing);
}

/** A call that is being passed. */
interface OpenCall {
  readonly hasBegun: boolean;
  begin(incoming: IncomingMessage): void;
  /** The whole call, or why it cannot be recorded. */
  end(incoming: IncomingMessage): CallBodies | "failed" | "too-large";
}

function openCall(request: IncomingMessage): OpenCall {
  const [timeMs, startMs] = [Date.now(), performance.now()];
  const [asked, answered] = [openTap(maxCallSize), openTap(maxCallSize)];
  const user = request.headers[userHeader];
  let firstByteMs = 0;
  let hasBegun = false;
  request.on("data", asked.add);
  return {
    get hasBegun() {
      return hasBegun;
    },
    begin: (incoming) => {
      hasBegun = true;
      incoming.on("data", answered.add);
      incoming.once("data", () => {
        firstByteMs = performance.now() - startMs;
      });
    },
    end: (incoming) => {
      if (!incoming.complete) return "failed";
      const [sent, received] = [asked.bytes(), answered.bytes()];
      if (sent === null || received === null) return "too-large";
      return {
        request: { bytes: sent, encoding: request.headers["content-encoding"] ?? "" },
        answer: { bytes: received, encoding: incoming.headers["content-encoding"] ?? "" },
        status: incoming.statusCode ?? 0,
        facts: {
          timeMs,
          latencyMs: performance.now() - startMs,
          firstByteMs,
          isStream: /^text\/event-stream/i.test(incoming.headers["content-type"] ?? ""),
          user: typeof user === "string" ? user : null,
        },
      };
    },
  };
}

/** Hands a call to the writer; never throws. */
function recordCall(call: CallBodies | "failed" | "too-large", { writer, sample }: ProxyOptions): void {
  if (typeof call === "string") writer.counter.drop(call);
  else if (!isSampled(call.request.bytes, sample)) writer.counter.unsampled++;
  else writer.add(call);
}

/** Answers the proxy's own routes: counts, and feedback about answers. */
async function answerOwn(
  { writer }: ProxyOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0];
  if (request.method === "GET" && path === "/tunewise/status") return reply(response, 200, writer.counts());
  if (request.method !== "POST" || path !== "/tunewise/feedback")
    return refuse(response, 404, "The routes are GET /tunewise/status and POST /tunewise/feedback.");
  // A page of another site may not send this type without asking first, and is never allowed.
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
    return refuse(response, 415, "Send feedback as application/json.");
  if (!(Number(request.headers["content-length"]) <= maxFeedbackBytes))
    return refuse(response, 413, `Send Content-Length, of at most ${maxFeedbackBytes} bytes.`);
  const feedback = readFeedback(await json(request).catch(() => null));
  if (feedback === null)
    return refuse(response, 400, 'Send { "id": "chatcmpl-...", "score": 1, "comment": "..." }.');
  writer.addFeedback(feedback);
  reply(response, 202, { status: "accepted" });
}

/** An error in OpenAI's format, so that clients show its message. */
function refuse(response: ServerResponse, status: number, message: string): void {
  reply(response, status, { error: { message, type: "tunewise_record", param: null, code: null } });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
