/**
 * @file Requests to an MLflow tracking server: bounded, repeated where it is busy, and to no other address than the one
 * that was given; lists come in pages, with facts as pairs.
 *
 * @source mlflow/mlflow mlflow/utils/rest_utils.py, mlflow/utils/request_utils.py
 */
import { Readable } from "node:stream";
import { parseJson } from "@tunewise/core/untrusted";
import type { Fact } from "../../tracking/nouns.ts";
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
export interface RestAccess {
  readonly fetch: typeof globalThis.fetch;
  /** The whole header, or `null`. Never shown. */
  readonly authorization: string | null;
  readonly signal: AbortSignal;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** A server that can be asked. All methods may throw `MOVE_SERVER_FAILED` and `MOVE_CREDENTIALS`. */
export interface Rest {
  /** Its address, without credentials. */
  readonly place: string;
  /** The answer, or `null` where the server has no such thing. */
  ask(method: "GET" | "POST" | "PATCH", path: string, fields: Loose): Promise<Loose | null>;
  /** A file, or `null`. */
  download(path: string, fields: Loose): Promise<Readable | null>;
  /** Sends a file. */
  upload(path: string, content: Readable): Promise<void>;
}

/** Largest answer: a page of 25,000 points has some megabytes. */
const maxAnswerBytes = 256 * 1024 * 1024;
/** How long a server may take to answer. */
const maxAnswerMs = 300_000;
/** Tries in all, where a server is busy. */
const maxTries = 5;
/** Longest wait for a server that says when it wants the next request. */
const maxRetryAfterMs = 60_000;
const busy: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** What servers answer that do not know a route. */
const unknown: ReadonlySet<number> = new Set([404, 405, 501]);

/** A server at an address; credentials in it count where no others are given. */
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

/** The header of a name and a password. */
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
      // A stream that was sent in part cannot be sent again.
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

/** Where credentials come from. */
const variables = "MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD";

/** Milliseconds before the next try: half a second, doubled each time. */
function pauseMs(attempt: number): number {
  return 250 * 2 ** attempt;
}

/** What a server says about a refusal, in short. */
function saidBy(text: string): string {
  try {
    const fields = looseOf(parseJson(text));
    return `${textIn(fields, "error_code")}: ${textIn(fields, "message")}`.slice(0, 300);
  } catch {
    return "";
  }
}

/** Items of a list that comes in pages; none where the server does not know the route. */
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

/** Facts as servers give them. */
export function factsOf(list: unknown): Fact[] {
  return looseList(list).map((item) => ({ key: textIn(item, "key"), value: textIn(item, "value") }));
}
