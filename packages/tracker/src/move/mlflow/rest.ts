/**
 * @file Requests to an MLflow tracking server: limited in size and time, retried while the server is busy, and never
 * redirected. Lists are paged, and facts are key-value pairs.
 *
 * @source mlflow/mlflow mlflow/utils/rest_utils.py, mlflow/utils/request_utils.py
 */
import { Readable } from "node:stream";
import { parseJson } from "@tunewise/core/untrusted";
import type { KeyValue } from "../../tracking/types.ts";
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
export interface RestAccess {
  readonly fetch: typeof globalThis.fetch;
  /** The complete header, or `null`. Never displayed. */
  readonly authorization: string | null;
  readonly signal: AbortSignal;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** A server's REST API. All methods may throw `MOVE_SERVER_FAILED` and `MOVE_CREDENTIALS`. */
export interface Rest {
  /** Its address, without credentials. */
  readonly place: string;
  /** The response, or `null` if the server does not have the resource or route. */
  ask(method: "GET" | "POST" | "PATCH", path: string, fields: Loose): Promise<Loose | null>;
  /** A file, or `null`. */
  download(path: string, fields: Loose): Promise<Readable | null>;
  /** Sends a file. */
  upload(path: string, content: Readable): Promise<void>;
}

/** Maximum size of a response; a page of 25,000 points has a few megabytes. */
const maxAnswerBytes = 256 * 1024 * 1024;
/** Response timeout. */
const maxAnswerMs = 300_000;
/** Maximum attempts while a server is busy. */
const maxTries = 5;
/** Maximum wait that a server may request. */
const maxRetryAfterMs = 60_000;
const busy: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** Statuses with which servers respond to unknown routes. */
const unknown: ReadonlySet<number> = new Set([404, 405, 501]);

/** A server at an address. Credentials in the address apply unless others are given. */
export function mlflowRest(address: string, access: RestAccess): Rest {
  const url = new URL(address);
  const inside =
    url.username === "" ? null : basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  const authorization = access.authorization ?? inside;
  const place = placeOf(url);
  const send = (method: string, path: string, init: RequestInit): Promise<Response> =>
    call(access, place, method, `${place}${path}`, {
      ...init,
      method,
      redirect: "manual",
      headers: { ...init.headers, ...(authorization === null ? {} : { authorization }) },
    });
  return {
    place,
    ask: async (method, path, fields) => {
      const isGet = method === "GET";
      const whole = isGet ? `${path}?${queryOf(fields)}` : path;
      const headers = { "content-type": "application/json" };
      const response = await send(method, whole, isGet ? {} : { body: JSON.stringify(fields), headers });
      const text = await readAnswer(response, { place, request: path }, maxAnswerBytes);
      if (response.ok) return parseAnswer(text, { place, request: path });
      if (unknown.has(response.status)) return null;
      throw serverFailed({ place, request: path }, `${response.status} ${saidBy(text)}`);
    },
    download: async (path, fields) => {
      const response = await send("GET", `${path}?${queryOf(fields)}`, {});
      if (response.ok && response.body) return Readable.fromWeb(response.body as never);
      await response.body?.cancel();
      if (unknown.has(response.status)) return null;
      throw serverFailed({ place, request: path }, String(response.status));
    },
    upload: async (path, content) => {
      const sent = { body: Readable.toWeb(content), duplex: "half" } as unknown as RequestInit;
      const response = await send("PUT", path, sent);
      const text = await readAnswer(response, { place, request: path }, maxAnswerBytes);
      if (!response.ok) throw serverFailed({ place, request: path }, `${response.status} ${saidBy(text)}`);
    },
  };
}

/** The header for a user name and password. */
export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

function queryOf(fields: Loose): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) query.set(key, String(value));
  return query.toString();
}

async function call(
  access: RestAccess,
  place: string,
  method: string,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const request = `${method} ${new URL(url).pathname}`;
  for (let attempt = 1; ; attempt++) {
    const signal = AbortSignal.any([access.signal, AbortSignal.timeout(maxAnswerMs)]);
    let response: Response;
    try {
      response = await access.fetch(url, { ...init, signal });
    } catch (cause) {
      if (access.signal.aborted) throw cause;
      // A partly sent stream cannot be sent again.
      if (attempt >= maxTries || init.body instanceof ReadableStream) {
        throw serverFailed({ place, request }, noAnswer(cause), cause);
      }
      await access.wait(pauseMs(attempt));
      continue;
    }
    const { status } = response;
    checkStatus(response, { place, request }, variables);
    if (!busy.has(status) || attempt >= maxTries || init.body instanceof ReadableStream) return response;
    await response.body?.cancel();
    await access.wait(Math.max(pauseMs(attempt), retryAfterMs(response, maxRetryAfterMs)));
  }
}

/** Variables that provide the credentials. */
const variables = "MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD";

/** Milliseconds before the next attempt: half a second at first, doubled each time. */
function pauseMs(attempt: number): number {
  return 250 * 2 ** attempt;
}

/** A server's error message, shortened. */
function saidBy(text: string): string {
  try {
    const fields = looseOf(parseJson(text));
    return `${textIn(fields, "error_code")}: ${textIn(fields, "message")}`.slice(0, 300);
  } catch {
    return "";
  }
}

/** Items of a paged list; none if the server does not know the route. */
export async function* pages(
  rest: Rest,
  method: "GET" | "POST",
  path: string,
  fields: Loose,
  list: string,
): AsyncGenerator<Loose> {
  for (let token = ""; ; ) {
    const answer = await rest.ask(method, path, token === "" ? fields : { ...fields, page_token: token });
    if (answer === null) return;
    yield* looseList(answer[list]);
    const next = textIn(answer, "next_page_token");
    if (next === "" || next === token) return;
    token = next;
  }
}

/** Facts as servers return them. */
export function factsOf(list: unknown): KeyValue[] {
  return looseList(list).map((item) => ({ key: textIn(item, "key"), value: textIn(item, "value") }));
}
