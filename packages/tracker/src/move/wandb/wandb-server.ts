/**
 * @file Requests to a W&B server: bounded in size and time, and to no other address than the one that was given. A
 * request that failed is not repeated here; who asks decides when to try again.
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

/** What a request needs from outside. */
export interface WandbAccess {
  readonly fetch: typeof globalThis.fetch;
  /** Never shown. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** A server that can be asked. */
export interface WandbServer {
  /** Its address, without credentials. */
  readonly place: string;
  /** Milliseconds that the server wants to be left alone for, as of its last answer; usually 0. */
  readonly pauseMs: number;
  /** Asks a GraphQL query. Returns its `data`. */
  ask(name: string, query: string, variables: Loose): Promise<Loose>;
  /** Posts JSON to a path. */
  post(path: string, body: Loose): Promise<Loose>;
}

/** Largest answer: a run's configuration and summary come back whole. */
const maxAnswerBytes = 16 * 1024 * 1024;
/** How long a server may take to answer. */
const maxAnswerMs = 30_000;
/** Longest pause that a server is granted, in milliseconds. */
const maxPauseMs = 600_000;
/** Characters of a server's own words in a message. */
const maxSaid = 300;

/**
 * A server at an address; credentials in the address are ignored.
 *
 * @throws {TunewiseError} from its methods: `MOVE_CREDENTIALS` where it does not take the key, `MOVE_SERVER_FAILED`
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

/** Where credentials come from. */
const variables = "WANDB_API_KEY";

/** Whether a request was not answered, or not to its end. */
function isNetwork(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === "TimeoutError");
}

/** What a server says about a refusal, in short. */
function saidBy(text: string): string {
  try {
    const fields = looseOf(parseJson(text));
    const [error] = looseList(fields["errors"]);
    return textIn(error ?? fields, "message") || textIn(fields, "error");
  } catch {
    return "";
  }
}
