/** @file The answer of a language model of the AI SDK as a recorded answer. */
import { fieldsOf, type RecordedAnswer, type RecordedToolCall } from "../app/record/index.ts";
import type { Fields } from "./ai-sdk.ts";

/**
 * Reads an answer from a result, or from the parts of a stream.
 *
 * @param parts parts of the stream; `null`: the result has the whole content
 * @returns `null` if it is not complete
 */
export function openAnswer(
  result: unknown,
  parts: readonly Fields[] | null,
  modelId: string,
): RecordedAnswer | null {
  const whole = fieldsOf(result);
  const list =
    parts ?? (Array.isArray(whole["content"]) ? (whole["content"] as unknown[]).map(fieldsOf) : []);
  const finish = parts === null ? whole : fieldsOf(list.find(({ type }) => type === "finish"));
  const about =
    parts === null
      ? fieldsOf(whole["response"])
      : fieldsOf(list.find(({ type }) => type === "response-metadata"));
  const reason = finish["finishReason"];
  const text = (type: string, field: string): string =>
    list.map((part) => (part["type"] === type ? String(part[field] ?? "") : "")).join("");
  const [textType, reasoningType, field] =
    parts === null
      ? (["text", "reasoning", "text"] as const)
      : (["text-delta", "reasoning-delta", "delta"] as const);
  const unified = typeof reason === "string" ? reason : fieldsOf(reason)["unified"];
  if (typeof unified !== "string" || unified === "error" || list.some(({ type }) => type === "error"))
    return null;
  return {
    id: typeof about["id"] === "string" ? about["id"] : null,
    model: typeof about["modelId"] === "string" ? about["modelId"] : modelId,
    content: text(textType, field),
    reasoning: text(reasoningType, field),
    toolCalls: list.filter(({ type }) => type === "tool-call").map(callOf),
    isRefusal: false,
    finishReason: unified.replace("-", "_"),
    usage: usageOf(fieldsOf(finish["usage"])),
  };
}

function callOf({ toolCallId, toolName, input }: Fields): RecordedToolCall {
  return {
    id: String(toolCallId),
    name: String(toolName),
    arguments: typeof input === "string" ? input : JSON.stringify(input ?? {}),
  };
}

/** Counts in the form of OpenAI's API; version 2 of the specification counts in numbers, version 3 in objects. */
function usageOf({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: Fields): Fields {
  const [input, output] = [fieldsOf(inputTokens), fieldsOf(outputTokens)];
  return {
    prompt_tokens: typeof inputTokens === "number" ? inputTokens : input["total"],
    completion_tokens: typeof outputTokens === "number" ? outputTokens : output["total"],
    prompt_tokens_details: { cached_tokens: cachedInputTokens ?? input["cacheRead"] },
    completion_tokens_details: { reasoning_tokens: reasoningTokens ?? output["reasoning"] },
  };
}
