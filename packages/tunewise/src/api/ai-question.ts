/** @file Turns a call of the AI SDK into a question for the model of this process. */
import type { JsonObject, Message, ToolCall } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import { decodingOf, type OfferedTools, type Question, type TextModel } from "../app/inference/index.ts";
import { problem } from "../problem/index.ts";
import { chatMessages, chatTools, type Fields } from "./ai-sdk.ts";

/** A warning about a setting that has no effect. */
export interface AiWarning {
  readonly type: "unsupported";
  readonly feature: string;
  readonly details?: string;
}

/** Settings that the engine does not have. */
const unsupported = ["topK", "presencePenalty", "frequencyPenalty"] as const;

/**
 * Reads a call.
 *
 * @throws {TunewiseError} `PROMPT_MEDIA` for files in the prompt
 */
export function questionOf(
  options: object,
  model: TextModel,
  base: boolean,
): { readonly question: Question; readonly warnings: AiWarning[] } {
  const given = options as Fields;
  const warnings: AiWarning[] = unsupported
    .filter((feature) => given[feature] !== undefined)
    .map((feature) => ({ type: "unsupported", feature }));
  const tools = toolsOf(given, warnings);
  const json = jsonOf(given["responseFormat"]);
  if (json !== null && tools !== null) {
    const details = "answers that may call tools are not constrained";
    warnings.push({ type: "unsupported", feature: "responseFormat", details });
  }
  const numbers = { maxOutputTokens: "maxTokens", temperature: "temperature", topP: "topP", seed: "seed" };
  const decoding = Object.entries(numbers)
    .filter(([name]) => typeof given[name] === "number")
    .map(([name, own]) => [own, given[name]] as const);
  const stop = given["stopSequences"];
  const variant = base
    ? (model.variants.find(({ kind }) => kind === "base") ?? model.variants[0])
    : model.variants[0];
  const signal = given["abortSignal"];
  const question: Question = {
    ...decodingOf(variant, Object.fromEntries(decoding)),
    variant,
    prompt: { kind: "chat", messages: chatMessages(given["prompt"]).map(messageOf) },
    ...(Array.isArray(stop) && stop.length > 0 && { stop: stop.map(String) }),
    ...(tools !== null && { tools }),
    ...(json !== null && tools === null && { json }),
    signal: signal instanceof AbortSignal ? signal : new AbortController().signal,
  };
  return { question, warnings };
}

function jsonOf(format: unknown): { readonly schema: unknown } | null {
  const { type, schema } = (format ?? {}) as Fields;
  return type === "json" ? { schema: schema ?? null } : null;
}

/** The offered tools; `null` if there are none, or none may be called. */
function toolsOf(given: Fields, warnings: AiWarning[]): OfferedTools | null {
  const all = Array.isArray(given["tools"]) ? (given["tools"] as Fields[]) : [];
  for (const { type, id } of all)
    if (type !== "function")
      warnings.push({ type: "unsupported", feature: `tool ${String(id)} of a vendor` });
  const choice = (given["toolChoice"] ?? { type: "auto" }) as Fields;
  const definitions = chatTools(all) as unknown as JsonObject[];
  if (definitions.length === 0 || choice["type"] === "none") return null;
  const isParallel = true;
  if (choice["type"] === "required") return { definitions, isParallel, required: "any" };
  if (choice["type"] === "tool")
    return { definitions, isParallel, required: { name: String(choice["toolName"]) } };
  return { definitions, isParallel };
}

function messageOf(message: Fields): Message {
  const { role, content, reasoning_content, tool_calls, tool_call_id, name } = message;
  if (typeof content !== "string") throw problem("PROMPT_MEDIA", { what: "a file" });
  const calls = Array.isArray(tool_calls) ? (tool_calls as Fields[]).map(callOf) : [];
  return {
    role: role as Message["role"],
    content,
    ...(typeof reasoning_content === "string" && { reasoning: reasoning_content }),
    ...(calls.length > 0 && { toolCalls: calls }),
    ...(typeof tool_call_id === "string" && { toolCallId: tool_call_id }),
    ...(typeof name === "string" && { name }),
  };
}

function callOf(call: Fields): ToolCall {
  const { name, arguments: given } = call["function"] as { name: string; arguments: string };
  return { id: String(call["id"]), name, arguments: objectIn(given) ?? given };
}

function objectIn(text: string): JsonObject | null {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}
