/**
 * @file What a client is told when it cannot have what it asks for: a status, and an error in OpenAI's shape.
 *
 * @source openai/openai-openapi openapi.yaml, schemas Error and ErrorResponse
 */
import { TunewiseError } from "../problem/index.ts";

/** An answer that is an error. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly type: "invalid_request_error" | "authentication_error" | "rate_limit_error" | "server_error";
  /** The key of the request that it is about. */
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A refusal; what is not said has the usual value of its status. */
export function refusal(
  status: number,
  code: string | null,
  message: string,
  rest: Partial<Pick<Refusal, "param" | "headers">> = {},
): Refusal {
  return { status, code, message, type: typeOf(status), param: null, headers: {}, ...rest };
}

function typeOf(status: number): Refusal["type"] {
  if (status === 401) return "authentication_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** Whether a value is a refusal. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "status" in value && "message" in value;
}

/** The body of an error. */
export function refusalBody({ message, type, param, code }: Refusal): object {
  return { error: { message, type, param, code } };
}

/** The server is going down: the same to those who wait and to those who come. */
export const goingDown: Refusal = refusal(503, "shutting_down", "The server is shutting down.", {
  headers: { connection: "close" },
});

/** Problems a client can do something about: status and OpenAI's code, where it has one. */
const clientProblems: ReadonlyMap<string, readonly [status: number, code: string]> = new Map([
  ["QUEUE_FULL", [429, "queue_full"]],
  ["PROMPT_EMPTY", [400, "prompt_empty"]],
  ["PROMPT_TOO_LONG", [400, "context_length_exceeded"]],
  ["ENGINE_TOKEN_OUTSIDE_VOCABULARY", [400, "token_unknown"]],
  ["TEMPLATE_FAILED", [400, "template_refused"]],
  ["TEMPLATE_LIMIT", [400, "template_refused"]],
  ["TOKENIZER_TEMPLATE_MISSING", [400, "no_chat_template"]],
]);

/** The refusal for something thrown. What is none of the client's business stays here. */
export function refusalOf(error: unknown): Refusal {
  const known = TunewiseError.is(error) ? clientProblems.get(error.code) : undefined;
  if (!TunewiseError.is(error) || !known) return refusal(500, null, "The server failed to answer.");
  const [status, code] = known;
  return refusal(status, code, error.message, status === 429 ? { headers: { "retry-after": "1" } } : {});
}
