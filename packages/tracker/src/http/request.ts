/** @file Reads a request: checks host and origin, a JSON body of bounded size, and fields by a route's schema. */
import type { IncomingMessage } from "node:http";
import { parseJson } from "@tunewise/core/untrusted";
import type { z } from "zod";
import { HttpError, type Protocol, type Route } from "./route.ts";

/** Whether an address is reachable only from this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/**
 * Requires that the Host header names this machine. Otherwise a web page could resolve its own host name to this
 * machine and be treated as a local program.
 *
 * @throws {HttpError} 403
 * @source Jackson et al. 2007, Protecting Browsers from DNS Rebinding Attacks, section 5.3: check the Host header
 */
export function requireLocalHost({ headers }: IncomingMessage): void {
  if (isLoopback((headers.host ?? "").replace(/:\d*$/, ""))) return;
  throw new HttpError(403, "host_not_allowed", "This server answers calls to localhost alone.");
}

/** Requires the server's own Origin, since pages of other sites may send forms. @throws {HttpError} 403 */
export function requireSameOrigin({ headers: { origin, host } }: IncomingMessage): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new HttpError(403, "origin_not_allowed", "Pages of other sites may not call this server.");
}

/**
 * Reads a JSON body. MLflow and W&B clients sometimes omit the content type or send empty bodies, which count as `{}`;
 * a strict protocol accepts neither.
 *
 * @throws {HttpError} 413, 415 or 400
 */
async function readJson(request: IncomingMessage, maxBytes: number, isStrict: boolean): Promise<unknown> {
  const { headers } = request;
  const tooLarge = new HttpError(413, "body_too_large", `The body has more than ${maxBytes} bytes.`);
  if (isStrict && !/^application\/json *(;|$)/i.test(headers["content-type"] ?? "")) {
    const message = "The body must be JSON: Content-Type: application/json.";
    throw new HttpError(415, "unsupported_content_type", message);
  }
  requirePlain(request);
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > maxBytes) throw tooLarge;
    chunks.push(chunk as Uint8Array);
  }
  if (bytes === 0 && !isStrict) return {};
  try {
    const text = new TextDecoder("utf-8", { fatal: isStrict, ignoreBOM: !isStrict }).decode(
      Buffer.concat(chunks),
    );
    const body = parseJson(text);
    if (typeof body === "object" && body !== null) sentTexts.set(body, text);
    return body;
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    const detail = isStrict || reason.startsWith("it ") ? `: ${reason.slice(0, 200)}` : "";
    throw new HttpError(400, "invalid_json", `The body is not JSON${detail}.`);
  }
}

/** @throws {HttpError} 415 for a compressed body */
export function requirePlain({ headers }: IncomingMessage): void {
  if ((headers["content-encoding"] ?? "identity") === "identity") return;
  throw new HttpError(415, "unsupported_content_encoding", "The body must not be compressed.");
}

/** Original texts of bodies. */
const sentTexts = new WeakMap<object, string>();

/** The original text of a body, for messages that quote it. */
export function sentText(body: object): string | undefined {
  return sentTexts.get(body);
}

/**
 * Reads the fields of a request by the route's schema; those of `DELETE` may also come in the body.
 *
 * @throws {HttpError} for a body that cannot be read, and the protocol's error for the first invalid field
 */
export async function readFields(
  { method, reads, fieldsIn, maxBodyBytes }: Route,
  request: IncomingMessage,
  query: URLSearchParams,
  { invalid, isStrict = false }: Protocol,
): Promise<unknown> {
  if (!reads) return {};
  const isRead = method === "GET" || method === "DELETE";
  const isQuery = fieldsIn === "query" || (isRead && (query.size > 0 || maxBodyBytes === 0));
  const input = isQuery ? queryFields(query) : await readJson(request, maxBodyBytes, isStrict);
  const { data, error } = reads.safeParse(input);
  if (error === undefined) return data;
  throw invalid(error.issues[0] as z.core.$ZodIssue, input);
}

/** Converts a query to fields; a repeated name becomes a list. */
function queryFields(query: URLSearchParams): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    fields[name] = values.length === 1 ? values[0] : values;
  }
  return fields;
}
