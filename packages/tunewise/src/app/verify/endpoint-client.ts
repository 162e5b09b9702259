/** @file Requests to a server of models: one origin, no redirects, limits of time and size. */
import type { z } from "zod";
import { problem } from "../../problem/index.ts";

/** Where a server listens. */
export interface EndpointAddress {
  /** As the user knows it: `ollama`, `vllm` or an address. */
  readonly name: string;
  /** Without `/v1` and without a slash at the end. */
  readonly url: string;
  /** Command that starts it, or what to check. */
  readonly start: string;
  /** Value for `Authorization`; `null` if the server needs none. */
  readonly key: string | null;
}

/** What a server replied: its JSON, or why it refused. */
export type EndpointReply =
  | { readonly isOk: true; readonly value: unknown }
  | { readonly isOk: false; readonly status: number; readonly message: string };

/** Sends requests to one server. */
export interface EndpointClient {
  readonly address: EndpointAddress;
  get(path: string): Promise<EndpointReply>;
  post(path: string, body: object): Promise<EndpointReply>;
}

/** Time limit of a request: loading a large model counts. */
const maxSeconds = 600;

/** Size limit of a reply. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Creates a client.
 *
 * @throws {TunewiseError} from its requests: `VERIFY_SERVER_UNREACHABLE` if nothing answers, `VERIFY_RUNTIME_FAILED` if
 *   the reply is not JSON
 */
export function endpointClient(
  address: EndpointAddress,
  ask: typeof fetch,
  signal: AbortSignal,
): EndpointClient {
  const request = async (path: string, init: RequestInit): Promise<EndpointReply> => {
    const headers = {
      "content-type": "application/json",
      ...(address.key !== null && { authorization: `Bearer ${address.key}` }),
    };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(1000 * maxSeconds)]);
    const options = { ...init, headers, redirect: "error", signal: limit } as const;
    const response = await ask(`${address.url}${path}`, options).catch((cause: unknown) => {
      signal.throwIfAborted();
      const { name, url, start } = address;
      throw problem("VERIFY_SERVER_UNREACHABLE", { runtime: name, url, start }, { cause });
    });
    const text = await readText(response, address);
    if (!response.ok) return { isOk: false, status: response.status, message: messageIn(text) };
    try {
      return { isOk: true, value: JSON.parse(text) };
    } catch {
      throw failed(address, `${path} returned no JSON: ${text.slice(0, 100)}`);
    }
  };
  return {
    address,
    get: (path) => request(path, { method: "GET" }),
    post: (path, body) => request(path, { method: "POST", body: JSON.stringify(body) }),
  };
}

/** The error for a server that replies with something else than its API promises. */
export function failed({ name, url }: EndpointAddress, reason: string): Error {
  return problem("VERIFY_RUNTIME_FAILED", { runtime: name, path: url, reason });
}

async function readText(response: Response, address: EndpointAddress): Promise<string> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw failed(address, `a reply has more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The message of OpenAI's and Ollama's errors, or the text itself. */
function messageIn(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as { error?: unknown; message?: unknown };
    const own = typeof error === "object" && error !== null && "message" in error ? error.message : error;
    return String(own ?? message ?? text).slice(0, 400);
  } catch {
    return text.slice(0, 400);
  }
}

/**
 * A successful reply in its expected form.
 *
 * @throws {TunewiseError} `VERIFY_RUNTIME_FAILED`
 */
export function parsed<Value>(
  { address }: EndpointClient,
  schema: z.ZodType<Value>,
  reply: EndpointReply,
): Value {
  if (!reply.isOk) throw failed(address, `status ${reply.status}: ${reply.message}`);
  const result = schema.safeParse(reply.value);
  if (result.success) return result.data;
  throw failed(address, `a reply has another form: ${result.error.issues[0]?.message ?? ""}`);
}
