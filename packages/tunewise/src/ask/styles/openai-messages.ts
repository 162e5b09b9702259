/**
 * @file Messages of a question in OpenAI's form, with calls of tools and their results.
 *
 * @source openai/openai-openapi openapi.yaml, ChatCompletionRequestAssistantMessage and
 *   ChatCompletionRequestToolMessage
 */
import { argumentsText } from "../calls.ts";
import type { PromptMessage } from "../question.ts";

/**
 * Writes messages for a request. The API requires an id for each call, so calls of rows without ids get one, and their
 * results refer to it in order.
 */
export function openaiMessages(messages: readonly PromptMessage[]): object[] {
  const open: string[] = [];
  let count = 0;
  return messages.map(({ role, content, toolCalls = [], toolCallId }) => {
    if (role === "tool") {
      const answered = toolCallId ?? open[0] ?? "call_0";
      if (open.includes(answered)) open.splice(open.indexOf(answered), 1);
      return { role, tool_call_id: answered, content };
    }
    if (toolCalls.length === 0) return { role, content };
    const calls = toolCalls.map(({ id, name, arguments: given }) => {
      const own = id ?? `call_${++count}`;
      open.push(own);
      return { id: own, type: "function", function: { name, arguments: argumentsText(given) } };
    });
    return { role, content: content === "" ? null : content, tool_calls: calls };
  });
}
