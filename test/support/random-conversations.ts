/** @file Random conversations with tool calls and reasoning, and the same as rows in the form of transformers. */
import { mulberry32, type Random } from "@tunewise/core/math";
import type { Conversation, JsonObject, JsonValue, Message, ToolCall } from "@tunewise/core/rows";

const words = [
  ...["weather", "Köln", "東京", "🙂", "null", "100%", "a/b", "&", "<b>", "it's", '"quoted"', "back\\slash"],
  ...["<tool_call>", "</think>", '{"a": 1}', "line\nbreak", "tab\there"],
];

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)] as Value;
}

function textOf(random: Random, most = 8): string {
  return Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, words)).join(" ");
}

function jsonOf(random: Random, depth = 2): JsonValue {
  const kind = Math.floor(random() * (depth > 0 ? 7 : 5));
  if (kind === 0) return textOf(random, 3);
  if (kind === 1) return Math.floor(random() * 2000) - 1000;
  if (kind === 2) return Math.floor(random() * 1000) / 8 + 0.0625;
  if (kind === 3) return random() < 0.5;
  if (kind === 4) return null;
  const items = Array.from({ length: Math.floor(random() * 3) }, () => jsonOf(random, depth - 1));
  return kind === 5 ? items : Object.fromEntries(items.map((item, at) => [`key ${at}`, item]));
}

const types: readonly JsonValue[] = [
  "string",
  "integer",
  "number",
  "boolean",
  "array",
  "object",
  ["string", "null"],
];

function schemaOf(random: Random, depth = 1): JsonObject {
  const names = Array.from({ length: Math.floor(random() * 4) }, (_, at) => `field_${at}`);
  const property = (): JsonObject => {
    const type = pick(random, types);
    return {
      type,
      ...(random() < 0.7 ? { description: textOf(random) } : {}),
      ...(random() < 0.2 ? { enum: ["a", "b", textOf(random, 2)] } : {}),
      ...(random() < 0.1 ? { default: jsonOf(random, 0) } : {}),
      ...(type === "array" ? { items: { type: "string" } } : {}),
      ...(type === "object" && depth > 0 ? schemaOf(random, depth - 1) : {}),
    };
  };
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, property()])),
    required: names.filter(() => random() < 0.5),
  };
}

function toolOf(random: Random, at: number): JsonObject {
  const description = textOf(random);
  return { type: "function", function: { name: `tool_${at}`, description, parameters: schemaOf(random) } };
}

/** A call with an id of nine letters and digits, as Mistral's templates require. */
function callOf(random: Random, tools: number): ToolCall {
  const id = Array.from({ length: 9 }, () => Math.floor(random() * 36).toString(36)).join("");
  const names = Array.from({ length: Math.floor(random() * 4) }, (_, at) => `field_${at}`);
  const given = Object.fromEntries(names.map((name) => [name, jsonOf(random)]));
  return { id, name: `tool_${Math.floor(random() * tools)}`, arguments: given };
}

/** A conversation that ends with an answer. */
export function randomConversation(seed: number): Conversation {
  const random = mulberry32(seed);
  const tools = Array.from({ length: random() < 0.6 ? 1 + Math.floor(random() * 3) : 0 }, (_, at) =>
    toolOf(random, at),
  );
  const messages: Message[] = random() < 0.5 ? [{ role: "system", content: textOf(random) }] : [];
  const thinks = random() < 0.4;
  const reasoning = (): { reasoning?: string } =>
    thinks && random() < 0.8 ? { reasoning: textOf(random) } : {};
  for (let turn = 1 + Math.floor(random() * 3); turn > 0; turn--) {
    messages.push({ role: "user", content: textOf(random, 12) });
    while (tools.length > 0 && random() < 0.5) {
      const toolCalls = Array.from({ length: random() < 0.8 ? 1 : 2 }, () => callOf(random, tools.length));
      const content = random() < 0.6 ? "" : textOf(random);
      messages.push({ role: "assistant", content, ...reasoning(), toolCalls });
      for (const { id = "", name } of toolCalls) {
        const result = random() < 0.5 ? JSON.stringify(jsonOf(random)) : textOf(random);
        messages.push({ role: "tool", content: result, toolCallId: id, name });
      }
    }
    const thought = random() < 0.1 ? `<think>\n${textOf(random)}\n</think>\n\n` : "";
    messages.push({
      role: "assistant",
      content: thought + textOf(random, 12),
      ...(thought ? {} : reasoning()),
    });
  }
  return tools.length === 0 ? { messages } : { messages, tools };
}

/** The conversation as a row for `apply_chat_template`. */
export function transformersRow({ messages, tools }: Conversation): object {
  return {
    tools,
    messages: messages.map(({ role, content, reasoning, toolCalls, toolCallId, name }) => ({
      role,
      content,
      reasoning_content: reasoning,
      tool_calls: toolCalls?.map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: call.arguments },
      })),
      tool_call_id: toolCallId,
      name,
    })),
  };
}

const typeNames = { string: "string", number: "number", boolean: "boolean", object: "object" } as const;

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeNames[typeof value as keyof typeof typeNames];
}

/** A question, and an answer with no call to three calls whose arguments fit the schemas of the tools. */
export function callingTurn(random: Random): {
  readonly tools: readonly JsonObject[];
  readonly question: Message;
  readonly answer: Message;
} {
  const toolCalls = Array.from({ length: Math.floor(random() * 4) }, (_, at) => ({
    ...callOf(random, 1),
    name: pick(random, [`tool_${at}`, `get.tool-${at}`]),
  }));
  const tools = toolCalls.map(({ name, arguments: given }) => {
    const properties = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        { type: typeOf(value), description: textOf(random) },
      ]),
    );
    const parameters = { type: "object", properties, required: [] };
    return { type: "function", function: { name, description: textOf(random), parameters } };
  });
  const content = toolCalls.length > 0 && random() < 0.5 ? "" : pick(random, plainWords);
  const answer: Message = { role: "assistant", content, ...(toolCalls.length > 0 && { toolCalls }) };
  return { tools, question: { role: "user", content: "Hello" }, answer };
}

const plainWords = ["Let me see.", "Köln {is} [far]", "a < b, line\nbreak", '"quoted" 🙂'];
