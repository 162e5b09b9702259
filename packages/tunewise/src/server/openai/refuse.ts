/**
 * @file Converts errors to replies: a status, and an error in OpenAI's format.
 *
 * @source openai/openai-openapi openapi.yaml, schemas Error and ErrorResponse
 */

import { HttpError, type Reply } from "@tunewise/tracker/http";
import type { z } from "zod";
import { TunewiseError } from "../../problem/index.ts";

/** Refusal while the server shuts down, for queued and for new requests. */
export const goingDown: HttpError = new HttpError(503, "shutting_down", "The server is shutting down.", {
  headers: { connection: "close" },
});

/** Problems that a client can act on, with status and code. */
const clientProblems: ReadonlyMap<string, readonly [status: number, code: string]> = new Map([
  ["QUEUE_FULL", [429, "queue_full"]],
  ["PROMPT_EMPTY", [400, "prompt_empty"]],
  ["PROMPT_TOO_LONG", [400, "context_length_exceeded"]],
  ["ENGINE_TOKEN_OUTSIDE_VOCABULARY", [400, "token_unknown"]],
  ["SCHEMA_UNSUPPORTED", [400, "invalid_schema"]],
  ["CONSTRAINT_DEAD_END", [400, "invalid_schema"]],
  ["CONSTRAINT_TOKENIZER", [400, "unsupported_parameter"]],
  ["TOOLS_UNSUPPORTED", [400, "unsupported_parameter"]],
  ["TEMPLATE_FAILED", [400, "template_refused"]],
  ["TEMPLATE_LIMIT", [400, "template_refused"]],
  ["TOKENIZER_TEMPLATE_MISSING", [400, "no_chat_template"]],
]);

/** Returns the reply for an error. Does not disclose internal errors. */
export function refuse(error: unknown): Reply {
  const { status, headers, message, param, code } = refusalOf(error);
  return { status, headers, body: { error: { message, type: typeOf(status), param, code } } };
}

function refusalOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const known = TunewiseError.is(error) ? clientProblems.get(error.code) : undefined;
  if (!TunewiseError.is(error) || !known) return new HttpError(500, null, "The server failed to answer.");
  const [status, code] = known;
  return new HttpError(
    status,
    code,
    error.message,
    status === 429 ? { headers: { "retry-after": "1" } } : {},
  );
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** The refusal for the first invalid key. */
export function invalid({ path, message }: z.core.$ZodIssue): HttpError {
  if (path.length === 0) return new HttpError(400, "invalid_json", "The body must be a JSON object.");
  const param = path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}${text ? "." : ""}${String(key)}`),
    "",
  );
  return new HttpError(400, "invalid_value", `'${param}': ${message}.`, { param });
}
