/**
 * @file Sends one request: to no other host than the one that was given, and failures by what they mean, with how long
 * to wait before it is sent again.
 */
import { type Endpoint, headersOf } from "./endpoint.ts";
import { AttemptFailure, type Complaint } from "./failure.ts";
import { type RequestTimeout, textOf, wholeText } from "./incoming.ts";
import type { AskWorld } from "./question.ts";
import { fieldsOf, textIn } from "./received.ts";
import { shownText } from "./secret.ts";

/** Longest refusal that is read. */
const maxRefusalBytes = 64 * 1024;
/** Redirects that are followed, each within the same origin. */
const maxRedirects = 3;

/** Statuses that pass. 425, 429: too early, too often; 409: locks of gateways; 529: Anthropic is overloaded. */
const passing: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** Whoever stands in front gave up waiting: the model behind may have read, written and been paid. */
const gaveUp: ReadonlySet<number> = new Set([408, 502, 504, 520, 522, 524]);
/** Refusals that last, under a status that passes. @source platform.openai.com/docs/guides/error-codes */
const lasting: ReadonlySet<string> = new Set(["insufficient_quota", "billing_hard_limit_reached"]);

/** Posts a body; gives an answer with a status of success, whose own body is still to be read. */
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

/** Where to send the same request again. Elsewhere the key would be given away, and 301 to 303 ask for a GET. */
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
    const reason = `status ${status}, which leads to ${to} and is not followed`;
    return new AttemptFailure({ reason, isPassing: false, paid: "none", status });
  }
  const text = await wholeText(textOf(response, timeout, maxRefusalBytes)).catch(() => "");
  const complaint = complaintIn(text);
  const said = shownText(complaint.text, key);
  const canPass = passing.has(status) || status >= 500;
  const isLasting = lasting.has(complaint.code ?? "") || headers.get("x-should-retry") === "false";
  return new AttemptFailure({
    // What is said about a key may hold parts of it.
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
 * What a refusal says: OpenAI's `error` with `message`, `param` and `code`; others write a text, or whatever they like.
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

/** Nothing was sent: no address, nobody there. */
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
/** Those of them that may pass. */
const unsentForNow: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"],
]);

/** Only codes are kept of what the network says: other words of it may hold headers. */
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
    if (at.message === "bad port") return at.message; // fetch refuses some by itself, without a code
    // Several addresses of one name were tried.
    if (Array.isArray(errors)) return systemCode(errors[0]);
  }
  return "NetworkError";
}

/** First and longest pause that we choose ourselves. */
const firstPauseMs = 500;
const maxPauseMs = 30_000;
/** The longest pause that an endpoint may ask for; beyond it the question fails at once, with what was asked for. */
export const maxRequestedWaitMs = 120_000;

/**
 * A pause after try number `tries`, from 1: anything between nothing and twice the one before.
 *
 * @source "full jitter" in M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog 2015
 */
export function backOffMs(tries: number, random: () => number): number {
  return random() * Math.min(maxPauseMs, firstPauseMs * 2 ** (tries - 1));
}

/**
 * What an endpoint asks to wait; `null`: it says nothing that can be understood. Never negative.
 *
 * @source RFC 9110, 10.2.3: seconds or a date; `retry-after-ms` as openai/openai-node reads it
 */
export function requestedWaitMs(headers: Headers, nowMs: number): number | null {
  const milliseconds = plainNumber(headers.get("retry-after-ms"));
  if (milliseconds !== null) return milliseconds;
  const text = headers.get("retry-after");
  const seconds = plainNumber(text);
  if (seconds !== null) return seconds * 1000;
  // Date.parse reads nearly anything; a date of HTTP always ends so.
  const date = text?.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function plainNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}(?:\.\d{1,6})?$/.test(text.trim()) ? Number(text) : null;
}
