/** @file An endpoint (address, API, timeouts), and the keys under which its answers are stored. */

import { createHash } from "node:crypto";
import { problem } from "../problem/index.ts";
import type { CompletionRequest } from "./question.ts";
import type { Secret } from "./secret.ts";

/** `openai`: also gateways, vLLM, Ollama, llama.cpp and our own server · `azure`: Azure OpenAI · `anthropic`: its own API. */
export type EndpointStyle = "openai" | "azure" | "anthropic";

/** An endpoint, its model, and the limits of requests to it. */
export interface Endpoint {
  /** Base address, such as `https://api.openai.com/v1`; without a path, the default one is added. */
  readonly url: string;
  /** Model name; for Azure the deployment. */
  readonly model: string;
  readonly key: Secret | null;
  readonly style: EndpointStyle;
  /** Azure's `api-version`, or Anthropic's `anthropic-version`. */
  readonly apiVersion?: string;
  /** Maximum time without a byte; a whole request may take ten times as long. Above 0, at most 300. */
  readonly timeoutSeconds: number;
  /** Maximum requests for one question, including the first. */
  readonly maxTries: number;
  /** Maximum concurrent questions. */
  readonly concurrency: number;
}

/** Routes of an endpoint. */
export type Route = "chat" | "embeddings";

/** Time limit of a whole request, as a multiple of `timeoutSeconds`. */
export const wholeTimes = 10;

/** Node's `fetch` itself times out after this long. @source nodejs/undici docs/docs/api/Client.md, headersTimeout */
const maxTimeoutSeconds = 300;

/** @source learn.microsoft.com/azure/ai-services/openai/api-version-lifecycle: the latest generally available one */
const azureVersion = "2024-10-21";
/** @source platform.claude.com/docs/en/api/versioning */
const anthropicVersion = "2023-06-01";

/**
 * Validates an endpoint before anything is sent.
 *
 * @throws {TunewiseError} `ASK_ADDRESS_INVALID`, `ASK_KEY_UNUSABLE`
 */
export function checkEndpoint(endpoint: Endpoint): void {
  const { url, key, timeoutSeconds, maxTries, concurrency } = endpoint;
  const refuse = (reason: string): never => {
    throw problem("ASK_ADDRESS_INVALID", { place: placeOf(url), reason });
  };
  if (!URL.canParse(url)) refuse("it is not a valid address");
  const { protocol, username, password } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") refuse("it is neither http nor https");
  if (username !== "" || password !== "") refuse("it contains credentials, which belong in the environment");
  if (key !== null && !/^[\x21-\x7e]{1,4096}$/.test(key.reveal())) {
    throw problem("ASK_KEY_UNUSABLE", { place: placeOf(url) });
  }
  const isPatient = timeoutSeconds > 0 && timeoutSeconds <= maxTimeoutSeconds;
  if (!isPatient || !isCount(maxTries, 20) || !isCount(concurrency, 256)) {
    throw new RangeError(`Internal: not how to ask: ${timeoutSeconds} s, ${maxTries} tries, ${concurrency}`);
  }
}

/** An address without credentials and query, safe to show and to record. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return "the endpoint";
  const { origin, pathname, protocol } = new URL(url);
  return `${origin === "null" ? protocol : origin}${pathname.replace(/\/+$/, "")}`;
}

/** URL of a route. */
export function addressOf({ url, model, style, apiVersion }: Endpoint, route: Route): string {
  const address = new URL(url);
  const base = address.pathname
    .replace(/\/+$/, "")
    .replace(/\/(?:chat\/completions|embeddings|messages)$/, "");
  const path = route === "chat" ? "/chat/completions" : "/embeddings";
  if (style === "anthropic") {
    address.pathname = `${base === "" ? "/v1" : base}/messages`;
  } else if (style === "azure" && !base.endsWith("/openai/v1")) {
    const named = base.includes("/deployments/")
      ? base
      : `${base.replace(/\/openai$/, "")}/openai/deployments/${encodeURIComponent(model)}`;
    address.pathname = named + path;
    if (!address.searchParams.has("api-version")) {
      address.searchParams.set("api-version", apiVersion ?? azureVersion);
    }
  } else {
    address.pathname = (base === "" ? "/v1" : base) + path;
  }
  return address.href;
}

/** Headers of a request, with the key in the header that the style defines for it. */
export function headersOf({ key, style, apiVersion }: Endpoint): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (style === "anthropic") headers["anthropic-version"] = apiVersion ?? anthropicVersion;
  if (key === null) return headers;
  if (style === "azure") headers["api-key"] = key.reveal();
  else if (style === "anthropic") headers["x-api-key"] = key.reveal();
  else headers["authorization"] = `Bearer ${key.reveal()}`;
  return headers;
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

/** Increased whenever the same question is sent to endpoints in a different form. */
const version = 1;

/**
 * SHA-256 (hex) of a question to an endpoint: address, style, model and the whole question, independent of the order of
 * keys. Excludes API key, timeout and concurrency.
 */
export function requestKey(
  endpoint: Pick<Endpoint, "url" | "style" | "model">,
  question: CompletionRequest,
): string {
  const { url, style, model } = endpoint;
  const { messages, maxTokens, temperature, topP, seed, stop, jsonSchema = null } = question;
  const { tools = [], logprobs = false } = question;
  const turns = messages.map(({ role, content, toolCalls, toolCallId }) => ({
    role,
    content,
    ...(toolCalls !== undefined && { toolCalls }),
    ...(toolCallId !== undefined && { toolCallId }),
  }));
  const decided = { messages: turns, maxTokens, temperature, topP, seed, stop, jsonSchema };
  // left out where absent, so that answers of earlier versions are found
  const added = { ...(tools.length > 0 && { tools }), ...(logprobs && { logprobs }) };
  return digest({ version, place: placeOf(url), style, model, ...decided, ...added });
}

/** SHA-256 (hex) that identifies the vector of a text at an endpoint. */
export function vectorKey(endpoint: Pick<Endpoint, "url" | "style" | "model">, text: string): string {
  const { url, style, model } = endpoint;
  return digest({ version, place: placeOf(url), style, model, embed: text });
}

function digest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** JSON with the keys of each object sorted. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );
}
