/**
 * @file Calls, results and tools that rows contain as text, as structured turns: models write calls in their own form,
 * which the chat template knows. Read are the blocks of Hermes, and texts that are nothing but calls of offered tools:
 * in JSON, or in Python's syntax.
 *
 * @source the data set and prompt of https://github.com/NousResearch/Hermes-Function-Calling; the data sets
 *   Salesforce/xlam-function-calling-60k and Team-ACE/ToolACE
 */
import { type Conversation, type Message, parseAnswerText } from "@tunewise/core/rows";
import { callsInJson } from "./call-fields.ts";
import { listedTools } from "./listed-tools.ts";
import { pythonCalls, pythonLiteral } from "./python-calls.ts";
import { toolDefinition } from "./tool-definitions.ts";

/** One block of a result. */
const response = /<tool_response>([\s\S]*?)<\/tool_response>/g;

/**
 * Converts calls in texts. A turn changes only if all of its calls can be read, and stays text otherwise.
 *
 * The paragraphs of the system message that list the tools and explain the form are dropped, because the template
 * writes its own.
 */
export function readCallsInTexts({ messages, tools }: Conversation): Conversation {
  const unchanged = { messages, ...(tools && { tools }) };
  if (messages.some(({ toolCalls }) => toolCalls !== undefined)) return unchanged;
  const [system] = messages;
  const listed = system?.role === "system" && mayCall(messages) ? listedTools(system.content) : null;
  const names = new Set((tools ?? listed ?? []).map((tool) => toolDefinition(tool).name));
  const turns = messages.map((turn) => callsFromText(turn, names));
  if (!turns.some((turn, at) => turn !== messages[at])) return unchanged;
  const [, ...rest] = turns;
  const head = turns.slice(0, 1);
  const kept = listed === null || system === undefined ? head : withoutTools(system);
  const answers = rest.flatMap((turn) => (turn.role === "tool" ? resultsFromText(turn) : [turn]));
  const all = tools ?? listed;
  return { messages: [...kept, ...answers], ...(all && { tools: all }) };
}

/** Whether some answer begins like a call, so that the system message is worth a search. */
function mayCall(messages: readonly Message[]): boolean {
  return messages.some(
    ({ role, content }) =>
      role === "assistant" && (callStart.test(content) || content.includes("<tool_call>")),
  );
}

function callsFromText(message: Message, offered: ReadonlySet<string>): Message {
  if (message.role !== "assistant") return message;
  if (message.content.includes("<tool_call>")) {
    const { content, toolCalls } = parseAnswerText(message.content);
    return toolCalls ? { ...message, content, toolCalls } : message;
  }
  const mark = offered.size === 0 ? null : (callStart.exec(message.content)?.[1] ?? null);
  if (mark === null) return message;
  const written = withoutMark(message.content.trim(), mark);
  const calls = callsInJson(written) ?? pythonCalls(written, offered) ?? callsInJson(asJson(written));
  const isOffered = calls?.every(({ name }) => offered.has(name)) ?? false;
  return calls !== null && isOffered ? { ...message, content: "", toolCalls: calls } : message;
}

/** The start of an answer that may be calls: a bracket, after a tag such as `<functioncall>` or `[TOOL_CALLS]`. */
const callStart = /^\s{0,64}(<[^<>\s]{1,24}>|\[[A-Z_]{2,24}\]|)\s{0,64}[[{]/;

/** The text between a tag and, if there is one, the tag that closes it. */
function withoutMark(text: string, mark: string): string {
  const closing = `${mark.slice(0, 1)}/${mark.slice(1)}`;
  const inner = text.slice(mark.length).trim();
  return mark !== "" && inner.endsWith(closing) ? inner.slice(0, -closing.length).trim() : inner;
}

/** JSON of a text that is a literal of Python: with single quotes, as many data sets write arguments. */
function asJson(text: string): string {
  const value = pythonLiteral(text);
  return value === undefined ? "" : JSON.stringify(value);
}

/** The results of a turn, a message each. */
function resultsFromText(message: Message): readonly Message[] {
  const blocks = [...message.content.matchAll(response)];
  if (blocks.length === 0) return [message];
  return blocks.map(([, inner = ""]) => ({ ...message, content: inner.trim() }));
}

/** The paragraphs of a system message before the first one about tools; no message if there is none. */
function withoutTools(system: Message): readonly Message[] {
  const paragraphs = system.content.split(/\n\s*\n/);
  const first = paragraphs.findIndex((text) => /<tools>|\btools?\b|\bfunctions?\b/i.test(text));
  const content = paragraphs.slice(0, Math.max(0, first)).join("\n\n");
  return content.trim() === "" ? [] : [{ ...system, content }];
}
