/** @file Reading a request: who may send it, a JSON body of bounded size, and fields by a route's schema. */
import type { IncomingMessage } from "node:http";
import { parseJson } from "@tunewise/core/untrusted";
import type { z } from "zod";
import { type Protocol, Refusal, type Route } from "./route.ts";

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/**
 * A page in a browser may point a name of its own at this machine, and would then be let in as one of its programs. The
 * name that it calls gives it away.
 *
 * @throws {Refusal} 403
 * @source Jackson et al. 2007, Protecting Browsers from DNS Rebinding Attacks, section 5.3: check the Host header
 */
export function demandLocalHost({ headers }: IncomingMessage): void {
  if (isLoopback((headers.host ?? "").replace(/:\d*$/, ""))) return;
  throw new Refusal(403, "host_not_allowed", "This server answers calls to localhost alone.");
}

/** Pages of other sites may send forms: their Origin gives them away. @throws {Refusal} 403 */
export function demandSameOrigin({ headers: { origin, host } }: IncomingMessage): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new Refusal(403, "origin_not_allowed", "Pages of other sites may not call this server.");
}

/**
 * Reads a JSON body to its end. Clients of MLflow and W&B omit the content type at times, and send empty bodies, which
 * count as `{}`; a strict protocol takes neither.
 *
 * @throws {Refusal} 413, 415 or 400
 */
async function readJson(request: IncomingMessage, maxBytes: number, isStrict: boolean): Promise<unknown> {
  const { headers } = request;
  const tooLarge = new Refusal(413, "body_too_large", `The body has more than ${maxBytes} bytes.`);
  if (isStrict && !/^application\/json *(;|$)/i.test(headers["content-type"] ?? "")) {
    const message = "The body must be JSON: Content-Type: application/json.";
    throw new Refusal(415, "unsupported_content_type", message);
  }
  demandPlain(request);
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
    throw new Refusal(400, "invalid_json", `The body is not JSON${detail}.`);
  }
}

/** @throws {Refusal} 415 for a compressed body */
export function demandPlain({ headers }: IncomingMessage): void {
  if ((headers["content-encoding"] ?? "identity") === "identity") return;
  throw new Refusal(415, "unsupported_content_encoding", "The body must not be compressed.");
}

/** Texts of bodies, for as long as the bodies are used. */
const sentTexts = new WeakMap<object, string>();

/** The text that a body was read from, for messages that repeat what was sent. */
export function sentText(body: object): string | undefined {
  return sentTexts.get(body);
}

/**
 * The fields of a request, by the route's schema; those of `DELETE` may come in the body.
 *
 * @throws {Refusal} for a body that cannot be read, and what the protocol makes of the first issue
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

/** A query as fields; a name that occurs several times becomes a list. */
function queryFields(query: URLSearchParams): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    fields[name] = values.length === 1 ? values[0] : values;
  }
  return fields;
}
