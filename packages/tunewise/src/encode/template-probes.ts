/** @file Finds out whether a chat template writes tools, calls and reasoning, by rendering conversations with them. */

import { countOf } from "@tunewise/core/quantity";
import {
  type Conversation,
  type Example,
  type JsonObject,
  type Message,
  type ToolCall,
  withReasoningBlock,
} from "@tunewise/core/rows";
import { learnToolCallSyntax, renderedOrNull, type Tokenizer } from "@tunewise/engine/tokenize";
import { type Finding, findingOf, placesShown, placeText } from "../problem/index.ts";

type Renderer = Pick<Tokenizer, "render">;

/** Names that no template contains. */
const tool = "zqv_tool";
const argument = "zqv_argument";
const definition: JsonObject = {
  type: "function",
  function: {
    name: tool,
    description: "A tool.",
    parameters: { type: "object", properties: { [argument]: { type: "string" } }, required: [argument] },
  },
};
const question = { role: "user", content: "Hello" } as const;
// Mistral's templates require ids of nine letters and digits
const call = { id: "abcdefghi", name: tool, arguments: { [argument]: "x" } };
const calling = { role: "assistant", content: "", toolCalls: [call] } as const;

/**
 * Finds rows whose tools or calls the model's chat template drops.
 *
 * @returns `DATA_CALLS_IGNORED`, an error: the calls would not be trained; `DATA_TOOLS_IGNORED`, a warning: the model
 *   would not see which tools it may call
 */
export function ignoredTools(examples: readonly Example[], tokenizer: Tokenizer): Finding[] {
  const calls = examples.filter(({ messages }) => messages.some(({ toolCalls }) => toolCalls !== undefined));
  const tools = examples.filter((example) => example.tools !== undefined);
  const found = (code: "DATA_CALLS_IGNORED" | "DATA_TOOLS_IGNORED", rows: readonly Example[]): Finding => {
    const params = { rows: countOf(rows.length, "row"), first: placeText(rows[0] as Example) };
    const severity = code === "DATA_CALLS_IGNORED" ? "error" : "warning";
    return findingOf(code, severity, params, rows.slice(0, placesShown), rows.length);
  };
  return [
    ...(calls.length > 0 && !writesCalls(tokenizer) ? [found("DATA_CALLS_IGNORED", calls)] : []),
    ...(tools.length > 0 && !writes({ messages: [question], tools: [definition] }, tool, tokenizer)
      ? [found("DATA_TOOLS_IGNORED", tools)]
      : []),
  ];
}

/**
 * `DATA_REASONING_MISSING` if answers with loss have no reasoning although the template writes some. With
 * `reasoning: mask`, the answers that have it do not teach the model to leave it out.
 */
export function missingReasoning(examples: readonly Example[], tokenizer: Tokenizer): Finding[] {
  const rows = examples.filter(({ messages }) => messages.at(-1)?.reasoning === undefined);
  const [first] = rows;
  if (first === undefined || !writesReasoning(tokenizer)) return [];
  const params = { rows: `${rows.length} of ${countOf(examples.length, "row")}`, first: placeText(first) };
  return [findingOf("DATA_REASONING_MISSING", "warning", params, rows.slice(0, placesShown), rows.length)];
}

/** Whether the template writes calls at all. */
export function writesCalls(tokenizer: Tokenizer): boolean {
  return writes({ messages: [question, calling], tools: [definition] }, argument, tokenizer);
}

const thought = "zqv_thought";
const conclusion = "zqv_conclusion";
const thinking = { role: "assistant", content: conclusion, reasoning: thought } as const;

/** What a template does with reasoning. */
interface ReasoningSyntax {
  /** Whether it writes the reasoning of the last turn. */
  readonly isWritten: boolean;
  /** What follows the reasoning before the content. */
  readonly closing: string;
}

const syntaxes = new WeakMap<Renderer, ReasoningSyntax>();

function reasoningSyntax(tokenizer: Renderer): ReasoningSyntax {
  const known = syntaxes.get(tokenizer);
  if (known !== undefined) return known;
  const messages = [question, thinking];
  const isWritten = writes({ messages }, thought, tokenizer);
  const text =
    rendered({ messages: isWritten ? messages : messages.map(withReasoningBlock) }, tokenizer) ?? "";
  const start = text.lastIndexOf(thought) + thought.length;
  const syntax = { isWritten, closing: text.slice(start, text.indexOf(conclusion, start)) };
  syntaxes.set(tokenizer, syntax);
  return syntax;
}

/** Whether the template writes reasoning: then the model was probably trained to reason before it answers. */
export function writesReasoning(tokenizer: Renderer): boolean {
  return reasoningSyntax(tokenizer).isWritten;
}

/**
 * Offset of the content, or of the calls, behind the reasoning of a turn. A turn whose reasoning the template does not
 * write begins with its content.
 *
 * @param full the rendered conversation
 * @param at where the turn begins
 */
export function behindReasoning(full: string, at: number, reasoning: string, tokenizer: Renderer): number {
  const text = reasoning.trim();
  const place = full.indexOf(text, at);
  if (place < 0) return at;
  const skipSpace = (from: number): number => from + (/^\s*/.exec(full.slice(from))?.[0].length ?? 0);
  const end = place + text.length;
  const { closing } = reasoningSyntax(tokenizer);
  const next = skipSpace(end);
  if (!full.startsWith(closing.trim(), next)) return end;
  const behind = next + closing.trim().length;
  const space = closing.slice(closing.trimEnd().length);
  // a content that begins with white space keeps it; without content, the template may write less of its own
  return full.startsWith(space, behind) ? behind + space.length : skipSpace(behind);
}

/**
 * The conversation as the template takes it: reasoning inside the contents if the template writes none of its own, and
 * arguments of calls as JSON texts if it refuses objects.
 */
export function forTemplate(conversation: Conversation, tokenizer: Renderer): Conversation {
  const { messages } = conversation;
  const isBlock = messages.some(({ reasoning }) => reasoning !== undefined) && !writesReasoning(tokenizer);
  const isText =
    messages.some(({ toolCalls }) => toolCalls !== undefined) &&
    learnToolCallSyntax(tokenizer)?.takesText === true;
  if (!isBlock && !isText) return conversation;
  const taken = isBlock ? messages.map(withReasoningBlock) : messages;
  return { ...conversation, messages: isText ? taken.map(withArgumentTexts) : taken };
}

function withArgumentTexts({ toolCalls, ...message }: Message): Message {
  if (toolCalls === undefined) return message;
  const asText = ({ arguments: given, ...call }: ToolCall): ToolCall => ({
    ...call,
    arguments: typeof given === "string" ? given : JSON.stringify(given),
  });
  return { ...message, toolCalls: toolCalls.map(asText) };
}

/** Whether the text of the last turn, or of the prompt, contains a name; a refused probe shows nothing. */
function writes(conversation: Conversation, name: string, tokenizer: Renderer): boolean {
  const isAnswer = conversation.messages.at(-1)?.role === "assistant";
  const prompt = { ...conversation, messages: conversation.messages.slice(0, 1) };
  const before = isAnswer ? rendered(prompt, tokenizer) : "";
  const text = rendered(conversation, tokenizer);
  return before === null || text === null || occurrencesOf(text, name) > occurrencesOf(before, name);
}

/** The text of a conversation, up to a new answer if it ends with a question; `null` if the template refuses it. */
function rendered(conversation: Conversation, tokenizer: Renderer): string | null {
  return renderedOrNull(tokenizer, conversation, conversation.messages.at(-1)?.role !== "assistant");
}

function occurrencesOf(text: string, name: string): number {
  return text.split(name).length - 1;
}
