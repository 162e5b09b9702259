/**
 * @file Sends one request, never to another host than the given one. Classifies failures and determines the pause
 * before a retry.
 */
import { type Endpoint, headersOf } from "./endpoint.ts";
import { AttemptFailure, type Complaint } from "./failure.ts";
import { type RequestTimeout, textOf, wholeText } from "./incoming.ts";
import type { AskWorld } from "./question.ts";
import { fieldsOf, textIn } from "./received.ts";
import { shownText } from "./secret.ts";

/** Maximum bytes of a refusal that are read. */
const maxRefusalBytes = 64 * 1024;
/** Maximum redirects to follow, each within the same origin. */
const maxRedirects = 3;

/** Statuses worth a retry, besides 500 and above. 409: locks of gateways; 425: too early; 429: rate limit. */
const passing: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** A gateway timed out: the model behind it may have processed the request and billed it. */
const gaveUp: ReadonlySet<number> = new Set([408, 502, 504, 520, 522, 524]);
/** Permanent refusals with a temporary status. @source platform.openai.com/docs/guides/error-codes */
const lasting: ReadonlySet<string> = new Set(["insufficient_quota", "billing_hard_limit_reached"]);

/** Posts a body. Returns a response with a success status, whose own body is still unread. */
export async function send(
  endpoint: Endpoint,
  address: string,
  body: string,
  timeout: RequestTimeout,
  world: AskWorld,
): Promise<Response> {
  const init = { method: "POST", headers: headersOf(endpoint), body, redirect: "manual" as const };
  let target = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const coming = world.fetch(target, { ...init, signal: timeout.signal });
    const response = await timeout.within(coming.catch(notSent));
    if (response.ok) return response;
    const next = redirects < maxRedirects ? redirectOf(response, target) : null;
    if (next === null) throw await refusalOf(endpoint, response, timeout, world);
    await response.body?.cancel().catch(() => undefined);
    target = next;
  }
}

/** Target of a redirect; `null` for another origin, which would get the key, and for 301 to 303, which imply a GET. */
function redirectOf(response: Response, from: URL): URL | null {
  const { status } = response;
  const location = response.headers.get("location");
  if ((status !== 307 && status !== 308) || location === null || !URL.canParse(location, from.href))
    return null;
  const to = new URL(location, from.href);
  return to.origin === from.origin && to.username === "" ? to : null;
}

async function refusalOf(
  { key }: Endpoint,
  response: Response,
  timeout: RequestTimeout,
  world: AskWorld,
): Promise<AttemptFailure> {
  const { status, headers } = response;
  if (status >= 300 && status < 400) {
    await response.body?.cancel().catch(() => undefined);
    const to = shownText(originOf(headers.get("location")), key);
    const reason = `status ${status}, a redirect to ${to}, which is not followed`;
    return new AttemptFailure({ reason, isPassing: false, paid: "none", status });
  }
  const text = await wholeText(textOf(response, timeout, maxRefusalBytes)).catch(() => "");
  const complaint = complaintIn(text);
  const said = shownText(complaint.text, key);
  const canPass = passing.has(status) || status >= 500;
  const isLasting = lasting.has(complaint.code ?? "") || headers.get("x-should-retry") === "false";
  return new AttemptFailure({
    // A message about a key may contain parts of it.
    reason:
      status === 401 || status === 403 || said === "" ? `status ${status}` : `status ${status}: ${said}`,
    isPassing: canPass && !isLasting,
    paid: gaveUp.has(status) ? "assumed" : "none",
    status,
    waitMs: requestedWaitMs(headers, world.now()),
    complaint,
  });
}

function originOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? new URL(location).origin : "another place";
}

/**
 * Parses a refusal: OpenAI's `error` with `message`, `param` and `code`, or any other JSON or text.
 */
export function complaintIn(text: string): Complaint {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    return { parameter: null, code: null, text };
  }
  const fields = fieldsOf(value);
  const error =
    typeof fields["error"] === "string" ? { message: fields["error"] } : fieldsOf(fields["error"]);
  const message = textIn(error["message"]) ?? textIn(fields["message"]) ?? textIn(fields["detail"]) ?? text;
  const code = error["code"] ?? error["type"] ?? null;
  return { parameter: textIn(error["param"]), code: code === null ? null : String(code), text: message };
}

/** Error codes of requests that were never sent: no address, no connection or an invalid certificate. */
const unsent: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"],
  ...["CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"],
  ...[
    "bad port",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ],
]);
/** Those of them that are worth a retry. */
const unsentForNow: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"],
]);

/** Throws a failure that holds only the code of a network error, since its message may contain headers. */
export function notSent(error: unknown): never {
  if (error instanceof AttemptFailure) throw error;
  const code = systemCode(error);
  const isUnsent = unsent.has(code);
  throw new AttemptFailure({
    reason: `no answer (${code})`,
    isPassing: !isUnsent || unsentForNow.has(code),
    paid: isUnsent ? "none" : "assumed",
  });
}

function systemCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const { code, errors } = at as { code?: unknown; errors?: unknown };
    if (typeof code === "string" && /^\w{1,64}$/.test(code)) return code;
    if (at.message === "bad port") return at.message; // fetch rejects some ports itself, without a code
    // one error for each address of the host name
    if (Array.isArray(errors)) return systemCode(errors[0]);
  }
  return "NetworkError";
}

/** Upper bounds of the first and of any back-off pause. */
const firstPauseMs = 500;
const maxPauseMs = 30_000;
/** Maximum wait that an endpoint may request. If it requests more, the question fails at once and states the wait. */
export const maxRequestedWaitMs = 120_000;

/**
 * Random pause after try number `tries`, from 1. Its upper bound doubles with each try.
 *
 * @source "full jitter" in M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog 2015
 */
export function backOffMs(tries: number, random: () => number): number {
  return random() * Math.min(maxPauseMs, firstPauseMs * 2 ** (tries - 1));
}

/**
 * Wait that an endpoint requests, never negative; `null` without a valid header.
 *
 * @source RFC 9110, 10.2.3: seconds or a date; `retry-after-ms` as openai/openai-node reads it
 */
export function requestedWaitMs(headers: Headers, nowMs: number): number | null {
  const milliseconds = plainNumber(headers.get("retry-after-ms"));
  if (milliseconds !== null) return milliseconds;
  const text = headers.get("retry-after");
  const seconds = plainNumber(text);
  if (seconds !== null) return seconds * 1000;
  // Date.parse accepts almost anything; an HTTP date always ends in GMT.
  const date = text?.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function plainNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}(?:\.\d{1,6})?$/.test(text.trim()) ? Number(text) : null;
}
