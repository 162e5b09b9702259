/**
 * @file Answers of other tracking servers: bounded in size, read without trust, and worded for people where they are of
 * no use.
 */

import { parseJson } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import { type Loose, looseOf, reasonOf } from "./read-row.ts";

/** Which server was asked for what; shown in messages, so without credentials. */
export interface Asked {
  readonly place: string;
  readonly request: string;
}

/** The address of a server, without credentials and without a slash at its end. */
export function placeOf({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/**
 * Fails for a response that refuses the credentials, or leads to another address, which is never followed.
 *
 * @param variables where the credentials come from
 * @throws {TunewiseError} `MOVE_CREDENTIALS`, `MOVE_SERVER_FAILED`
 */
export function checkStatus({ status }: Response, asked: Asked, variables: string): void {
  if (status === 401 || status === 403)
    throw problem("MOVE_CREDENTIALS", { place: asked.place, status, variables });
  if (status >= 300 && status < 400) throw serverFailed(asked, `${status}, which leads to another address,`);
}

/**
 * The text of an answer.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED` where it has more than `bytesMost` bytes
 */
export async function readAnswer(response: Response, asked: Asked, bytesMost: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMost) throw serverFailed(asked, `more than ${bytesMost} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * The JSON object in an answer; empty for an empty one.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`
 */
export function parseAnswer(text: string, asked: Asked): Loose {
  try {
    return looseOf(parseJson(text === "" ? "{}" : text));
  } catch (cause) {
    throw serverFailed(asked, "something that is no JSON", cause);
  }
}

/** The error for an answer that is of no use. */
export function serverFailed({ place, request }: Asked, answer: string, cause?: unknown): Error {
  const about = { place, request, answer: answer.trim() };
  return problem("MOVE_SERVER_FAILED", about, ...(cause === undefined ? [] : [{ cause }]));
}

/** What a request met that got no answer; Node hides it one or two causes deep. */
export function noAnswer(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `nothing (${reasonOf(inner) || String((inner as { code?: unknown }).code)})`;
}

/**
 * Milliseconds that a server asks to wait before the next request; 0: it does not say.
 *
 * @param mostMs the longest wait that is granted
 * @source RFC 9110, section 10.2.3; an instant counts from the answer's own `date`
 */
export function retryAfterMs({ headers }: Pick<Response, "headers">, mostMs: number): number {
  const wanted = headers.get("retry-after")?.trim() ?? "";
  const ms = /^\d{1,9}$/.test(wanted)
    ? Number(wanted) * 1000
    : Date.parse(wanted) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), mostMs) : 0;
}
