/** @file A server for a model: opens the address, closes in good order. */
import { createServer, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import type { TextModel } from "../app/inference/index.ts";
import { problem } from "../problem/index.ts";
import { createDoor, isLoopback } from "./admit.ts";
import { type Desk, type HandledRequest, handle, type Waiting } from "./handle.ts";
import { listen } from "./listen.ts";
import { goingDown, type Refusal, refusal, refusalBody } from "./refusal.ts";

/** Where and to whom to serve. */
export interface ServeOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What clients must send; `null` lets in programs of this machine, and no others. */
  readonly apiKey: string | null;
  readonly onRequest?: (request: HandledRequest) => void;
  readonly limits?: Partial<ServeLimits>;
}

/** What a client may take. */
export interface ServeLimits {
  readonly bodyBytes: number;
  /** From the first byte of a request to its last. */
  readonly requestSeconds: number;
  readonly connections: number;
}

const usualLimits: ServeLimits = { bodyBytes: 1 << 20, requestSeconds: 30, connections: 512 };

/** A server at work. */
export interface ModelServer {
  /** With the path that clients call their base address. */
  readonly url: string;
  readonly port: number;
  /** Whether other machines can reach it. */
  readonly isOpen: boolean;
  /**
   * Closes: no further requests, those that wait are told so, the answer at work may end.
   *
   * @param graceSeconds then it is ended too
   */
  close(graceSeconds: number): Promise<void>;
}

/**
 * Looks whether an address may be served, before a model is opened for it.
 *
 * @throws {TunewiseError} `SERVER_KEY_MISSING` for an address that others reach, without a key
 */
export function checkAccess({ host, apiKey }: Pick<ServeOptions, "host" | "apiKey">): void {
  if (apiKey !== null || isLoopback(host)) return;
  const detail = "other machines can reach that address, and --api-key-env names no key";
  throw problem("SERVER_KEY_MISSING", { host, detail });
}

/**
 * Serves a model. The model stays open when the server closes.
 *
 * @throws {TunewiseError} `SERVER_KEY_MISSING`, `SERVER_ADDRESS_UNAVAILABLE`
 */
export async function serveModel(textModel: TextModel, options: ServeOptions): Promise<ModelServer> {
  const { host, port, apiKey, onRequest } = options;
  checkAccess(options);
  const limits = { ...usualLimits, ...options.limits };
  let closing = false;
  const waiting = new Set<Waiting>();
  const desk: Desk = {
    textModel,
    door: createDoor(apiKey),
    maxBodyBytes: limits.bodyBytes,
    since: Math.floor(Date.now() / 1000),
    waiting,
    isClosing: () => closing,
  };
  const atWork = new Set<Promise<void>>();
  const server = createServer(timeouts(limits), (request, response) => {
    const work = handle(desk, request, response).then((handled) => {
      atWork.delete(work);
      onRequest?.(handled);
    });
    atWork.add(work);
  });
  server.maxConnections = limits.connections;
  server.on("clientError", answerBadRequest);
  const bound = await listen(server, host, port);
  return {
    url: `${bound.url}/v1`,
    port: bound.port,
    isOpen: !isLoopback(host),
    close: async (graceSeconds) => {
      closing = true;
      const closed = new Promise<void>((end) => server.close(() => end()));
      for (const one of waiting) if (!one.begun) one.abort(goingDown);
      const stop = setTimeout(() => {
        for (const one of waiting) one.abort(goingDown);
      }, graceSeconds * 1000);
      const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000 + farewell);
      await Promise.all(atWork);
      clearTimeout(stop);
      clearTimeout(cut);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Milliseconds to tell clients why their answers ended. */
const farewell = 1000;

/** Milliseconds between looks at connections that are too slow. */
const lookEvery = 500;

function timeouts({ requestSeconds }: ServeLimits): ServerOptions {
  const milliseconds = requestSeconds * 1000;
  return {
    requestTimeout: milliseconds,
    headersTimeout: milliseconds,
    connectionsCheckingInterval: Math.min(lookEvery, milliseconds),
  };
}

/** What is no request, or comes too slowly, has no response object yet: the answer is written by hand. */
function answerBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const { status, ...reason } = badRequest(error.code ?? "");
  const body = JSON.stringify(refusalBody({ status, ...reason }));
  const head = [`HTTP/1.1 ${status} Refused`, "content-type: application/json", "connection: close"];
  socket.end([...head, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"));
}

function badRequest(code: string): Refusal {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return refusal(408, "too_slow", "The request took too long to arrive.");
  if (code === "HPE_HEADER_OVERFLOW") return refusal(431, "headers_too_large", "The headers are too large.");
  return refusal(400, "bad_request", "This is not an HTTP request.");
}
