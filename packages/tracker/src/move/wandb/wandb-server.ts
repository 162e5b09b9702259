/**
 * @file Requests to a W&B server: limited in size and time, and never redirected. Failed requests are not retried here;
 * the caller decides when to try again.
 *
 * @source wandb/wandb core/internal/api, core/internal/clients/backoff.go
 */
import { parseJson } from "@tunewise/core/untrusted";
import { type Loose, looseList, looseOf, textIn } from "../read-row.ts";
import {
  checkStatus,
  noAnswer,
  parseAnswer,
  placeOf,
  readAnswer,
  retryAfterMs,
  serverFailed,
} from "../server-answer.ts";

/** What requests need from the environment. */
export interface WandbAccess {
  readonly fetch: typeof globalThis.fetch;
  /** The API key. Never displayed. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** A server's API. */
export interface WandbServer {
  /** Its address, without credentials. */
  readonly place: string;
  /** Milliseconds to wait as requested by the last response; usually 0. */
  readonly pauseMs: number;
  /** Executes a GraphQL query. Returns its `data`. */
  ask(name: string, query: string, variables: Loose): Promise<Loose>;
  /** Posts JSON to a path. */
  post(path: string, body: Loose): Promise<Loose>;
}

/** Maximum size of a response, which includes a run's whole configuration and summary. */
const maxAnswerBytes = 16 * 1024 * 1024;
/** Response timeout. */
const maxAnswerMs = 30_000;
/** Maximum pause that a server may request, in milliseconds. */
const maxPauseMs = 600_000;
/** Maximum characters of a server's own message in an error. */
const maxSaid = 300;

/**
 * A server at an address; credentials in the address are ignored.
 *
 * @throws {TunewiseError} from its methods: `MOVE_CREDENTIALS` if it rejects the key, `MOVE_SERVER_FAILED`
 */
export function wandbServer(address: string, { fetch, key, signal }: WandbAccess): WandbServer {
  const place = placeOf(new URL(address));
  const authorization = `Basic ${Buffer.from(`api:${key}`).toString("base64")}`;
  const safe = (text: string): string => text.replaceAll(key, "***").slice(0, maxSaid);
  let pauseMs = 0;
  const post = async (path: string, body: Loose): Promise<Loose> => {
    const asked = { place, request: `POST ${path.replace(/^.*\/(?=file_stream$)/, "/")}` };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(maxAnswerMs)]);
    pauseMs = 0;
    try {
      const headers = { "content-type": "application/json", authorization };
      const init = { method: "POST", redirect: "manual", headers, body: JSON.stringify(body) } as const;
      const response = await fetch(`${place}${path}`, { ...init, signal: limit });
      pauseMs = retryAfterMs(response, maxPauseMs);
      checkStatus(response, asked, variables);
      const text = await readAnswer(response, asked, maxAnswerBytes);
      if (!response.ok) throw serverFailed(asked, `${response.status} ${safe(saidBy(text))}`);
      return parseAnswer(text, asked);
    } catch (error) {
      if (signal.aborted || !isNetwork(error)) throw error;
      throw serverFailed(asked, noAnswer(error), error);
    }
  };
  return {
    place,
    get pauseMs() {
      return pauseMs;
    },
    post,
    ask: async (name, query, variables) => {
      const answer = await post("/graphql", { operationName: name, query, variables });
      const [error] = looseList(answer["errors"]);
      if (error) throw serverFailed({ place, request: name }, `"${safe(textIn(error, "message"))}"`);
      return looseOf(answer["data"]);
    },
  };
}

/** The variable that provides the credentials. */
const variables = "WANDB_API_KEY";

/** Whether a request got no response, or an incomplete one. */
function isNetwork(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === "TimeoutError");
}

/** A server's error message. */
function saidBy(text: string): string {
  try {
    const fields = looseOf(parseJson(text));
    const [error] = looseList(fields["errors"]);
    return textIn(error ?? fields, "message") || textIn(fields, "error");
  } catch {
    return "";
  }
}
