/**
 * @file Calls, results and tools that rows contain as text in the form of Hermes, as structured turns: models write
 * calls in their own form, which the chat template knows.
 *
 * @source the data set and prompt of https://github.com/NousResearch/Hermes-Function-Calling
 */
import { type Conversation, type JsonObject, type Message, parseAnswerText } from "@tunewise/core/rows";
import { openaiTool, toolList } from "./tool-definitions.ts";

/** One block of a result. */
const response = /<tool_response>([\s\S]*?)<\/tool_response>/g;
const listed = /<tools>([\s\S]*?)<\/tools>/;

/**
 * Converts text in the form of Hermes. A turn changes only if every block of calls in it can be read, and stays text
 * otherwise.
 *
 * The paragraphs of the system message that list the tools and explain the form are dropped, because the template
 * writes its own.
 */
export function fromHermes({ messages, tools }: Conversation): Conversation {
  const turns = messages.map(callsFromText);
  if (!turns.some((turn, at) => turn !== messages[at])) return { messages, ...(tools && { tools }) };
  const [system, ...rest] = turns;
  const offered = system?.role === "system" ? toolsIn(system.content) : null;
  const kept = system && (offered === null ? [system] : withoutTools(system));
  const answers = rest.flatMap((turn) => (turn.role === "tool" ? resultsFromText(turn) : [turn]));
  const all = tools ?? offered?.tools;
  return { messages: [...(kept ?? []), ...answers], ...(all && { tools: all }) };
}

function callsFromText(message: Message): Message {
  if (message.role !== "assistant" || message.toolCalls || !message.content.includes("<tool_call>"))
    return message;
  const { content, toolCalls } = parseAnswerText(message.content);
  return toolCalls ? { ...message, content, toolCalls } : message;
}

/** The results of a turn, a message each. */
function resultsFromText(message: Message): readonly Message[] {
  const blocks = [...message.content.matchAll(response)];
  if (blocks.length === 0) return [message];
  return blocks.map(([, inner = ""]) => ({ ...message, content: inner.trim() }));
}

/** The tools that a system message lists; `null` if it lists none that can be read. */
function toolsIn(content: string): { readonly tools: readonly JsonObject[] } | null {
  const inner = listed.exec(content)?.[1]?.trim() ?? "";
  // either one list, or a definition per line
  const list =
    toolList(inner) ??
    toolList(
      `[${inner
        .split("\n")
        .filter((line) => line.trim() !== "")
        .join(",")}]`,
    );
  const tools = (list ?? []).map(openaiTool);
  const found = tools.filter((tool) => tool !== null);
  return found.length === 0 || found.length < tools.length ? null : { tools: found };
}

/** The paragraphs of a system message before the first one about tools; no message if there is none. */
function withoutTools(system: Message): readonly Message[] {
  const paragraphs = system.content.split(/\n\s*\n/);
  const first = paragraphs.findIndex((text) => /<tools>|\btools?\b|\bfunctions?\b/i.test(text));
  const content = paragraphs.slice(0, Math.max(0, first)).join("\n\n");
  return content.trim() === "" ? [] : [{ ...system, content }];
}
