/**
 * @file The text form of an answer, which metrics, answer files and reports work on: its content, then its calls as
 * blocks.
 *
 * @source the form that the Hermes models write: https://github.com/NousResearch/Hermes-Function-Calling
 */
import { parseJson } from "../untrusted/index.ts";
import type { JsonObject, Message, ToolCall } from "./rows.ts";

/** What an answer consists of besides its reasoning. */
export type Answer = Pick<Message, "content" | "toolCalls">;

/** A block with one call. Its content has no other block, so that the search takes linear time. */
const block = /<tool_call>((?:(?!<\/?tool_call>)[\s\S])*)<\/tool_call>/g;

/** Max. length of a text that is searched for calls; longer answers have none. */
const maxCharacters = 8 * 2 ** 20;

/** Returns an answer as text. A call is a block `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`. */
export function answerText({ content, toolCalls = [] }: Answer): string {
  if (toolCalls.length === 0) return content;
  const blocks = toolCalls.map(
    ({ name, arguments: given }) =>
      `<tool_call>\n${JSON.stringify({ name, arguments: given })}\n</tool_call>`,
  );
  return [...(content.trim() === "" ? [] : [content.trimEnd()]), ...blocks].join("\n");
}

/** Everything that a message contains as text: reasoning, content and calls. */
export function messageText(message: Message): string {
  const text = answerText(message);
  return message.reasoning === undefined ? text : `${message.reasoning}\n${text}`;
}

/**
 * Reads an answer from its text. If one block is not a call, the whole text is content.
 *
 * @returns the answer, and the text of the first block that is not a call; `null` if there is none
 */
export function parseAnswerText(text: string): Answer & { readonly malformed: string | null } {
  const plain = { content: text, malformed: null };
  if (!text.includes("<tool_call>") || text.length > maxCharacters) return plain;
  const blocks = [...text.matchAll(block)].map(([, inner = ""]) => inner.trim());
  const toolCalls = blocks.map(toolCallIn);
  const wrong = toolCalls.indexOf(null);
  if (wrong >= 0) return { content: text, malformed: blocks[wrong] ?? "" };
  const content = text.replace(block, "");
  if (content.includes("<tool_call>"))
    return { content: text, malformed: content.slice(content.indexOf("<tool_call>")) };
  if (toolCalls.length === 0) return plain;
  return { content: content.trim(), toolCalls: toolCalls.filter((call) => call !== null), malformed: null };
}

/** A call from its JSON text: an object with `name` and `arguments`; `null` for any other text. */
export function toolCallIn(text: string): ToolCall | null {
  try {
    const value = parseJson(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const { name, arguments: given } = value as { readonly name?: unknown; readonly arguments?: unknown };
    if (typeof name !== "string" || name === "") return null;
    if (typeof given === "string") return { name, arguments: given };
    if (given === undefined || given === null) return { name, arguments: {} };
    return typeof given !== "object" || Array.isArray(given)
      ? null
      : { name, arguments: given as JsonObject };
  } catch {
    return null;
  }
}

const [opening, closing] = ["<think>", "</think>"] as const;

/**
 * Separates the reasoning in front of an answer from the answer.
 *
 * @param isGenerated whether a model wrote the text: then its prompt may contain the opening, and an answer whose
 *   reasoning does not end is empty
 * @source the form of DeepSeek-R1, Qwen3 and others
 */
export function splitReasoning(
  text: string,
  isGenerated: boolean,
): { readonly reasoning: string; readonly content: string } {
  const start = text.trimStart();
  const isOpen = start.startsWith(opening);
  const thought = isOpen ? start.slice(opening.length) : start;
  const end = thought.indexOf(closing);
  if (isOpen && end < 0 && isGenerated) return { reasoning: thought.trim(), content: "" };
  const another = thought.indexOf(opening);
  const isBlock = end >= 0 && (isOpen || (isGenerated && (another < 0 || another > end)));
  if (!isBlock) return { reasoning: "", content: text };
  return {
    reasoning: thought.slice(0, end).trim(),
    content: thought.slice(end + closing.length).trimStart(),
  };
}

/** Returns a turn whose reasoning is a block in front of its content, for templates that write no reasoning. */
export function withReasoningBlock(message: Message): Message {
  const { reasoning, ...rest } = message;
  if (reasoning === undefined) return message;
  return { ...rest, content: `${opening}\n${reasoning}\n${closing}\n\n${rest.content}` };
}
