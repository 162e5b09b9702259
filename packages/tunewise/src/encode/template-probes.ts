/** @file Finds out whether a chat template writes tools, calls and reasoning, by rendering conversations with them. */

import { countOf } from "@tunewise/core/quantity";
import {
  answerText,
  type Conversation,
  type Example,
  type JsonObject,
  parseAnswerText,
  withReasoningBlock,
} from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { type Finding, findingOf, placesShown, placeText, TunewiseError } from "../problem/index.ts";

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

/** Whether the template writes calls at all. */
export function writesCalls(tokenizer: Tokenizer): boolean {
  return writes({ messages: [question, calling], tools: [definition] }, argument, tokenizer);
}

/**
 * Whether a call in a generated answer is read as a call: the template's text of one is tokenized, cut at the end
 * token, and decoded like an answer. The text form of answers is Hermes' own, which not all models write.
 */
export function callsReadBack(tokenizer: Tokenizer): boolean {
  const tools = [definition];
  try {
    const prompt = tokenizer.render({ messages: [question], tools }, { addGenerationPrompt: true });
    const full = tokenizer.render({ messages: [question, calling], tools }, { addGenerationPrompt: false });
    const { ids, index } = tokenizer.encodeAt(full, full.startsWith(prompt) ? prompt.length : full.length);
    const end = ids.findIndex((id, at) => at >= index && tokenizer.endIds.includes(id));
    const answer = tokenizer.decode(ids.slice(index, end < 0 ? undefined : end), { skipSpecialTokens: true });
    return answerText(parseAnswerText(answer.trim())) === answerText(calling);
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "TEMPLATE_FAILED") throw error;
    return false;
  }
}

const thought = "zqv_thought";
const thinking = { role: "assistant", content: "Hi", reasoning: thought } as const;
const reasoningWriters = new WeakMap<Renderer, boolean>();

/** The conversation, with its reasoning inside the contents if the template writes no reasoning of its own. */
export function withReasoning(conversation: Conversation, tokenizer: Renderer): Conversation {
  if (!conversation.messages.some(({ reasoning }) => reasoning !== undefined)) return conversation;
  const known = reasoningWriters.get(tokenizer);
  const isWritten = known ?? writes({ messages: [question, thinking] }, thought, tokenizer);
  if (known === undefined) reasoningWriters.set(tokenizer, isWritten);
  if (isWritten) return conversation;
  return { ...conversation, messages: conversation.messages.map(withReasoningBlock) };
}

/** Whether the text of the last turn, or of the prompt, contains a name; a refused probe shows nothing. */
function writes(conversation: Conversation, name: string, tokenizer: Renderer): boolean {
  const addGenerationPrompt = conversation.messages.at(-1)?.role === "user";
  try {
    const prompt = { ...conversation, messages: conversation.messages.slice(0, 1) };
    const before = addGenerationPrompt ? "" : tokenizer.render(prompt, { addGenerationPrompt: true });
    const text = tokenizer.render(conversation, { addGenerationPrompt });
    return occurrencesOf(text, name) > occurrencesOf(before, name);
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "TEMPLATE_FAILED") throw error;
    return true;
  }
}

function occurrencesOf(text: string, name: string): number {
  return text.split(name).length - 1;
}
