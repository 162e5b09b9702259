/**
 * @file Messages in OpenAI's chat format, as files of answers contain them.
 *
 * @source openai/openai-openapi openapi.yaml, ChatCompletionRequestMessage
 */
import type { JsonObject, Message, ToolCall } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import { z } from "zod";

const callSchema = z.object({
  id: z.string().exactOptional(),
  type: z.literal("function"),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

/** Validates a message. */
export const chatMessageSchema: z.ZodType<ChatMessage> = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string(),
  tool_calls: z.array(callSchema).exactOptional(),
  tool_call_id: z.string().exactOptional(),
  name: z.string().exactOptional(),
});

/** A message in OpenAI's chat format. */
export interface ChatMessage {
  role: Message["role"];
  content: string;
  tool_calls?: {
    id?: string;
    type: "function";
    /** The arguments are the text of a JSON object. */
    function: { name: string; arguments: string };
  }[];
  tool_call_id?: string;
  name?: string;
}

/** Converts a message; weights and reasoning are left out. */
export function chatMessage({ role, content, toolCalls = [], toolCallId, name }: Message): ChatMessage {
  const calls = toolCalls.map(({ id, name: tool, arguments: given }) => ({
    ...(id !== undefined && { id }),
    type: "function" as const,
    function: { name: tool, arguments: typeof given === "string" ? given : JSON.stringify(given) },
  }));
  return {
    role,
    content,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
    ...(name !== undefined && { name }),
  };
}

/** Converts a message back. */
export function messageIn({
  role,
  content,
  tool_calls: calls,
  tool_call_id: id,
  name,
}: ChatMessage): Message {
  return {
    role,
    content,
    ...(calls !== undefined && calls.length > 0 && { toolCalls: calls.map(callIn) }),
    ...(id !== undefined && { toolCallId: id }),
    ...(name !== undefined && { name }),
  };
}

function callIn({ id, function: { name, arguments: text } }: z.output<typeof callSchema>): ToolCall {
  return { ...(id !== undefined && { id }), name, arguments: argumentsIn(text) };
}

function argumentsIn(text: string): JsonObject | string {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : text;
  } catch {
    return text;
  }
}
