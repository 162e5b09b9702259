/**
 * @file Messages and tools of a question in Anthropic's form.
 *
 * @source platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use: blocks `tool_use` and `tool_result`
 */
import type { JsonObject, JsonValue } from "@tunewise/core/rows";
import type { PromptMessage } from "../question.ts";

/** Turns of a request. A result of a tool is a block of a user's turn, and results in a row share one turn. */
export function anthropicTurns(messages: readonly PromptMessage[]): object[] {
  const turns: { role: string; content: string | object[] }[] = [];
  const open: string[] = [];
  let count = 0;
  for (const { role, content, toolCalls = [], toolCallId } of messages) {
    if (role === "tool") {
      const block = { type: "tool_result", tool_use_id: toolCallId ?? open.shift() ?? "call_0", content };
      const last = turns.at(-1);
      if (last?.role === "user" && Array.isArray(last.content)) last.content.push(block);
      else turns.push({ role: "user", content: [block] });
    } else if (toolCalls.length === 0) {
      turns.push({ role, content });
    } else {
      const calls = toolCalls.map(({ id, name, arguments: given }) => {
        const own = id ?? `call_${++count}`;
        if (id === undefined) open.push(own);
        return {
          type: "tool_use",
          id: own,
          name,
          input: typeof given === "string" ? { text: given } : given,
        };
      });
      turns.push({ role, content: [...(content === "" ? [] : [{ type: "text", text: content }]), ...calls] });
    }
  }
  return turns;
}

/** Definitions of tools, from OpenAI's form. */
export function anthropicTools(tools: readonly JsonObject[]): object[] {
  return tools.map((tool) => {
    const { name, description, parameters } = (tool["function"] ?? {}) as Record<
      string,
      JsonValue | undefined
    >;
    const schema = parameters ?? { type: "object", properties: {} };
    return { name, ...(description !== undefined && { description }), input_schema: schema };
  });
}
