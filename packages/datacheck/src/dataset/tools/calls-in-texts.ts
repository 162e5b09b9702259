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
import { pythonCalls } from "./python-calls.ts";
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
      role === "assistant" && (/^\s*[[{]/.test(content) || content.includes("<tool_call>")),
  );
}

function callsFromText(message: Message, offered: ReadonlySet<string>): Message {
  if (message.role !== "assistant") return message;
  if (message.content.includes("<tool_call>")) {
    const { content, toolCalls } = parseAnswerText(message.content);
    return toolCalls ? { ...message, content, toolCalls } : message;
  }
  if (offered.size === 0 || !/^\s*[[{]/.test(message.content)) return message;
  const calls = callsInJson(message.content) ?? pythonCalls(message.content, offered);
  const isOffered = calls?.every(({ name }) => offered.has(name)) ?? false;
  return calls !== null && isOffered ? { ...message, content: "", toolCalls: calls } : message;
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
