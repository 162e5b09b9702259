/** @file A server for a text model, with OpenAI's routes. */
import { createHash, randomInt, randomUUID, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  type AllowedCall,
  type Answered,
  fieldsRoute,
  HttpError,
  type Identify,
  isLoopback,
  nobody,
  type Protocol,
  type Reply,
  type Route,
  serveHttp,
} from "@tunewise/tracker/http";
import type { TextModel } from "../../app/inference/index.ts";
import { problem } from "../../problem/index.ts";
import { deliver } from "./answer.ts";
import type { TokenCounts } from "./format.ts";
import { type AnswerKind, chat, completion, hasName, unknownModel } from "./question.ts";
import { goingDown, invalid, refuse } from "./refuse.ts";

/** Options of a model server. */
export interface ServeOptions {
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  /** Key that clients must send; `null` allows only programs on this machine. */
  readonly apiKey: string | null;
  readonly onRequest?: (request: HandledRequest) => void;
  readonly limits?: Partial<ServeLimits>;
}

/** Limits of requests. */
export interface ServeLimits {
  readonly bodyBytes: number;
  /** Maximum time from the first to the last byte of a request. */
  readonly requestSeconds: number;
  readonly connections: number;
}

const defaultLimits: ServeLimits = { bodyBytes: 1 << 20, requestSeconds: 30, connections: 512 };

/** A completed request. */
export interface HandledRequest extends Pick<Answered, "method" | "path" | "status" | "seconds" | "failure"> {
  readonly counts: TokenCounts | null;
}

/** A running model server. */
export interface ModelServer {
  /** Base URL for clients, including the path. */
  readonly url: string;
  readonly port: number;
  /** Whether other machines can reach it. */
  readonly isOpen: boolean;
  /**
   * Shuts down: accepts no further requests, answers queued ones with 503, and lets the current answer complete.
   *
   * @param graceSeconds after which the current answer is aborted too
   */
  close(graceSeconds: number): Promise<void>;
}

/**
 * Checks whether an address may be served, before a model is opened for it.
 *
 * @throws {TunewiseError} `SERVER_KEY_MISSING` for an address that other machines can reach, without a key
 */
export function checkAccess({ host, apiKey }: Pick<ServeOptions, "host" | "apiKey">): void {
  if (apiKey !== null || isLoopback(host)) return;
  const detail = "other machines can reach that address, and --api-key-env names no key";
  throw problem("SERVER_KEY_MISSING", { host, detail });
}

/** Time for sending clients the reason that their answers ended, in milliseconds. */
const farewellMs = 1000;

/** Milliseconds between checks for connections that are too slow. */
const checkEveryMs = 500;

/**
 * Serves a text model. The model stays open when the server closes.
 *
 * @throws {TunewiseError} `SERVER_KEY_MISSING`, `SERVER_ADDRESS_UNAVAILABLE`
 */
export async function serveModel(textModel: TextModel, options: ServeOptions): Promise<ModelServer> {
  checkAccess(options);
  const { host, port, apiKey, onRequest } = options;
  const { bodyBytes, requestSeconds, connections } = { ...defaultLimits, ...options.limits };
  const context: ServerContext = {
    textModel,
    maxBodyBytes: bodyBytes,
    since: secondsNow(),
    waiting: new Set(),
    isClosing: false,
    counts: new WeakMap(),
  };
  const milliseconds = requestSeconds * 1000;
  const server = await serveHttp({
    host,
    port,
    sameOrigin: false,
    identify: apiKey === null ? null : identifyKey(apiKey),
    protocols: [openaiProtocol(context)],
    limits: {
      requestTimeout: milliseconds,
      headersTimeout: milliseconds,
      connections,
      connectionsCheckingInterval: Math.min(checkEveryMs, milliseconds),
    },
    onAnswered: ({ request, method, path, status, seconds, failure }) =>
      onRequest?.({ method, path, status, seconds, failure, counts: context.counts.get(request) ?? null }),
  });
  return {
    url: `${server.url}/v1`,
    port: server.port,
    isOpen: !isLoopback(host),
    close: async (graceSeconds) => {
      context.isClosing = true;
      for (const one of context.waiting) if (!one.hasBegun) one.abort();
      const stop = setTimeout(() => {
        for (const one of context.waiting) one.abort();
      }, graceSeconds * 1000);
      await server.close(graceSeconds + farewellMs / 1000);
      clearTimeout(stop);
    },
  };
}

/** @throws {HttpError} 401 for a caller without the key */
export function identifyKey(key: string): Identify {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const expected = digest(key);
  return {
    hasUsers: async () => true,
    callerOf: async ({ headers }) => {
      const [, given] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
      if (given !== undefined && timingSafeEqual(digest(given), expected)) return nobody;
      const message = "The API key is missing or wrong; send it as Authorization: Bearer KEY.";
      throw new HttpError(401, "invalid_api_key", message, { headers: { "www-authenticate": "Bearer" } });
    },
  };
}

/** State shared by all requests. */
interface ServerContext {
  readonly textModel: TextModel;
  readonly maxBodyBytes: number;
  /** Seconds since 1970. */
  readonly since: number;
  readonly waiting: Set<Waiting>;
  isClosing: boolean;
  /** Token counts of answered requests. */
  readonly counts: WeakMap<IncomingMessage, TokenCounts>;
}

/** An answer that a client is waiting for. */
interface Waiting {
  /** Whether the model has started on it. */
  hasBegun: boolean;
  /** Aborts it because the server is shutting down. */
  readonly abort: () => void;
}

function openaiProtocol(context: ServerContext): Protocol {
  const { textModel, since } = context;
  const base = { method: "GET", policy: "read", about: "nothing", maxBodyBytes: 0 } as const;
  const modelObject = (id: string): object => ({ id, object: "model", created: since, owned_by: "tunewise" });
  return {
    name: "openai",
    about: "Routes of the OpenAI API for a text model.",
    error: "error!:object",
    refuse,
    invalid,
    isStrict: true,
    routes: [
      {
        ...base,
        path: "/health",
        policy: "open",
        anyHost: true,
        summary: "Get the status of the server.",
        handle: async () => ({
          status: context.isClosing ? 503 : 200,
          body: { status: context.isClosing ? "closing" : "ok", waiting: textModel.waiting },
        }),
      },
      {
        ...base,
        path: "/v1/models",
        summary: "List the models and their aliases.",
        handle: async () => ({
          status: 200,
          body: {
            object: "list",
            data: textModel.variants.flatMap(({ name, aliases }) => [name, ...aliases].map(modelObject)),
          },
        }),
      },
      {
        // names of base models contain a slash
        ...base,
        path: "/v1/models/*name",
        summary: "Get a model.",
        handle: async (_, { params: { name = "" } }) => {
          if (!textModel.variants.some((variant) => hasName(variant, name)))
            throw unknownModel(textModel, name);
          return { status: 200, body: modelObject(name) };
        },
      },
      ...[chat, completion].map((kind) => answerRoute(context, kind)),
    ],
  };
}

/** Upper bound of random seeds for requests without one. */
const maxSeed = 2 ** 32;

function answerRoute(context: ServerContext, kind: AnswerKind): Route {
  return fieldsRoute({
    method: "POST",
    path: kind.path,
    policy: "read",
    about: "nothing",
    summary: "Create a completion.",
    maxBodyBytes: context.maxBodyBytes,
    reads: kind.reads,
    handle: (fields, call) => answer(context, kind, fields, call),
  });
}

async function answer(
  { textModel, waiting, isClosing, counts }: ServerContext,
  { idPrefix, read, format }: AnswerKind,
  fields: unknown,
  { signal, request }: AllowedCall,
): Promise<Reply> {
  const { question, model, stream, streamUsage } = read(fields, textModel, randomInt(maxSeed));
  if (isClosing) throw goingDown;
  const closing = new AbortController();
  const mine: Waiting = { hasBegun: false, abort: () => closing.abort(goingDown) };
  waiting.add(mine);
  return deliver(textModel.answer({ ...question, signal: AbortSignal.any([signal, closing.signal]) }), {
    format: format({
      id: `${idPrefix}-${randomUUID()}`,
      created: secondsNow(),
      model,
      withLogprobs: question.alternatives !== undefined,
    }),
    stream,
    streamUsage,
    onBegin: () => {
      mine.hasBegun = true;
    },
    onEnd: (counted) => {
      waiting.delete(mine);
      if (counted) counts.set(request, counted);
    },
  });
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}
