/** @file Builds the row of a call: a conversation in OpenAI's chat format, with what is known about the call. */
import { createHash, createHmac } from "node:crypto";
import { type Fields, fieldsOf, listOf, type RecordedAnswer, textIn } from "./answer-of-body.ts";

/** Value of the field `recorder`, by which `tunewise init` recognizes recorded rows. */
export const recorderMark = "tunewise/1";

/** Facts about a call besides its request and its answer. */
export interface CallFacts {
  /** When the request arrived, in milliseconds since 1970. */
  readonly timeMs: number;
  /** From the request to the end of the answer. */
  readonly latencyMs: number;
  /** From the request to the first byte of the answer. */
  readonly firstByteMs: number;
  readonly isStream: boolean;
  /** Identifies the user, if the caller names one; only its hash is stored. */
  readonly user: string | null;
}

/** Price of a call. */
export interface CallPrice {
  readonly usd: number;
  /** Source and date. */
  readonly source: string;
}

/** A row of a recorded call, before masking. */
export interface CallRow {
  readonly recorder: typeof recorderMark;
  readonly id: string | null;
  readonly time: string;
  readonly messages: readonly Fields[];
  readonly tools?: readonly unknown[];
  readonly model: string | null;
  /** Hash of the user; absent: unknown. */
  readonly user?: string;
  /** The user, or else the conversation: rows that belong together. */
  readonly group: string;
  readonly usage: CallUsage | null;
  readonly price_usd: number | null;
  readonly price_source: string | null;
  readonly latency_ms: number;
  readonly first_byte_ms: number;
  readonly stream: boolean;
  readonly finish_reason: string | null;
  readonly refused?: true;
  readonly parameters: Fields;
}

/** Tokens as the API counted them. */
export interface CallUsage {
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly completion_tokens: number;
  readonly reasoning_tokens: number;
}

/** Parameters of a request that change its answer. Anything else, such as metadata, is not stored. */
const storedParameters = [
  ...["temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "n", "response_format"],
  ...["tool_choice", "parallel_tool_calls", "reasoning_effort", "verbosity", "presence_penalty"],
  ...["frequency_penalty", "service_tier"],
];

/** Max. messages of a request. */
const maxMessages = 10_000;

/**
 * Builds the row of a call; `null` if there is nothing to imitate: no message, or an empty answer.
 *
 * @param salt secret of this file, so that a hash cannot be compared with those of guessed users
 */
export function rowOfCall(
  request: Fields,
  answer: RecordedAnswer,
  facts: CallFacts,
  { salt, priceOf }: { readonly salt: string; readonly priceOf: PriceOf },
): CallRow | null {
  const asked = listOf(request["messages"]).slice(0, maxMessages).map(fieldsOf);
  if (asked.length === 0 || (answer.content === "" && answer.toolCalls.length === 0)) return null;
  const model = answer.model ?? textIn(request["model"]);
  const usage = usageOf(answer.usage);
  const price = usage === null || model === null ? null : priceOf(model, usage);
  const named = facts.user ?? textIn(request["safety_identifier"]) ?? textIn(request["user"]);
  const user = named === null || named === "" ? null : hashOf(named, salt);
  const tools = listOf(request["tools"]);
  return {
    recorder: recorderMark,
    id: answer.id,
    time: new Date(facts.timeMs).toISOString(),
    messages: [...asked.map(messageOf), answerMessage(answer)],
    ...(tools.length > 0 && { tools }),
    model,
    ...(user !== null && { user }),
    group: user ?? conversationOf(asked, salt),
    usage,
    price_usd: price?.usd ?? null,
    price_source: price?.source ?? null,
    latency_ms: Math.round(facts.latencyMs),
    first_byte_ms: Math.round(facts.firstByteMs),
    stream: facts.isStream,
    finish_reason: answer.finishReason,
    ...(answer.isRefusal && { refused: true as const }),
    parameters: Object.fromEntries(
      storedParameters.filter((name) => Object.hasOwn(request, name)).map((name) => [name, request[name]]),
    ),
  };
}

/** Returns the price of a call; `null` if the model has none in the price book. */
export type PriceOf = (model: string, usage: CallUsage) => CallPrice | null;

/** A message without what is not part of a conversation, such as the name of a user. Parts of text are joined. */
function messageOf(message: Fields): Fields {
  const { role, content, tool_calls, tool_call_id, name, reasoning_content, reasoning } = message;
  const calls = listOf(tool_calls);
  const thought = textIn(reasoning_content) ?? textIn(reasoning);
  return {
    role,
    content: contentOf(content),
    ...(thought !== null && thought !== "" && { reasoning_content: thought }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(typeof tool_call_id === "string" && { tool_call_id }),
    ...(role === "tool" && typeof name === "string" && { name }),
  };
}

/** Text, or parts if some are media. The data of media is not stored. */
function contentOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content ?? "";
  const parts = content.map(fieldsOf);
  const texts = parts.map((part) => textIn(part["text"]) ?? textIn(part["refusal"]));
  if (texts.every((text) => text !== null)) return texts.join("");
  return parts.map((part, at) => {
    const text = texts[at];
    return typeof text === "string" ? { type: "text", text } : { type: part["type"] };
  });
}

function answerMessage({ content, reasoning, toolCalls }: RecordedAnswer): Fields {
  const calls = toolCalls.map(({ id, name, arguments: given }) => ({
    ...(id !== null && { id }),
    type: "function",
    function: { name, arguments: given },
  }));
  return {
    role: "assistant",
    content,
    ...(reasoning !== "" && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** @source openai/openai-openapi openapi.yaml, CompletionUsage */
function usageOf(usage: Fields | null): CallUsage | null {
  const prompt = countIn(usage?.["prompt_tokens"]);
  const completion = countIn(usage?.["completion_tokens"]);
  if (usage === null || prompt === null || completion === null) return null;
  const cached = countIn(fieldsOf(usage["prompt_tokens_details"])["cached_tokens"]) ?? 0;
  const reasoning = countIn(fieldsOf(usage["completion_tokens_details"])["reasoning_tokens"]) ?? 0;
  return {
    prompt_tokens: prompt,
    cached_tokens: Math.min(cached, prompt),
    completion_tokens: completion,
    reasoning_tokens: Math.min(reasoning, completion),
  };
}

function countIn(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1e9 ? value : null;
}

/** Hash of a user, of 16 hex digits. */
function hashOf(user: string, salt: string): string {
  return `u_${createHmac("sha256", salt).update(user).digest("hex").slice(0, 16)}`;
}

/**
 * Hash of a conversation: of its messages up to the first of the user, which all calls of a conversation share.
 * Salted, since a short message could be guessed.
 */
function conversationOf(messages: readonly Fields[], salt: string): string {
  const end = messages.findIndex(({ role }) => role === "user") + 1;
  const hash = createHmac("sha256", salt).update(JSON.stringify(messages.slice(0, end || 1)));
  return `c_${hash.digest("hex").slice(0, 16)}`;
}

/**
 * Whether a call is sampled: by the hash of its request, so that the same requests are sampled on every day and on
 * every
 * machine.
 *
 * @param share from 0 (none) to 1 (all)
 */
export function isSampled(request: string | Uint8Array, share: number): boolean {
  if (share >= 1) return true;
  return createHash("sha256").update(request).digest().readUInt32BE(0) < share * 2 ** 32;
}
