/** @file Responses of other tracking servers: size limits, validation, and readable errors. */

import { parseJson } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import { type Loose, looseOf, reasonOf } from "./read-row.ts";

/** The server and request, for messages; without credentials. */
export interface ServerRequest {
  readonly place: string;
  readonly request: string;
}

/** The address of a server, without credentials and trailing slashes. */
export function placeOf({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/**
 * Throws for a response that rejects the credentials or redirects. Redirects are never followed.
 *
 * @param variables where the credentials come from
 * @throws {TunewiseError} `MOVE_CREDENTIALS`, `MOVE_SERVER_FAILED`
 */
export function checkStatus({ status }: Response, asked: ServerRequest, variables: string): void {
  if (status === 401 || status === 403)
    throw problem("MOVE_CREDENTIALS", { place: asked.place, status, variables });
  if (status >= 300 && status < 400) throw serverFailed(asked, `${status}, which leads to another address,`);
}

/**
 * The text of a response.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED` if it exceeds `maxBytes` bytes
 */
export async function readAnswer(
  response: Response,
  asked: ServerRequest,
  maxBytes: number,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw serverFailed(asked, `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * The JSON object in a response; empty for an empty response.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`
 */
export function parseAnswer(text: string, asked: ServerRequest): Loose {
  try {
    return looseOf(parseJson(text === "" ? "{}" : text));
  } catch (cause) {
    throw serverFailed(asked, "text that is not JSON", cause);
  }
}

/** The error for an unusable response. */
export function serverFailed({ place, request }: ServerRequest, answer: string, cause?: unknown): Error {
  const about = { place, request, answer: answer.trim() };
  return problem("MOVE_SERVER_FAILED", about, ...(cause === undefined ? [] : [{ cause }]));
}

/** Describes why a request got no response; Node nests the reason in `cause`. */
export function noAnswer(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `nothing (${reasonOf(inner) || String((inner as { code?: unknown }).code)})`;
}

/**
 * Milliseconds that a server asks to wait before the next request; 0: not specified.
 *
 * @param maxMs upper limit of the result
 * @source RFC 9110, section 10.2.3; a date is relative to the response's own `date`
 */
export function retryAfterMs({ headers }: Pick<Response, "headers">, maxMs: number): number {
  const wanted = headers.get("retry-after")?.trim() ?? "";
  const ms = /^\d{1,9}$/.test(wanted)
    ? Number(wanted) * 1000
    : Date.parse(wanted) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), maxMs) : 0;
}
