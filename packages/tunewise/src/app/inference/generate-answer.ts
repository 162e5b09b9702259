/** @file Generates one answer of a model variant: tokenizes the prompt and streams the text. */
import type { Message } from "@tunewise/core/rows";
import type { AnswerOptions, AnswerToken, Conversation } from "@tunewise/engine";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { forTemplate } from "../../encode/index.ts";
import { problem } from "../../problem/index.ts";
import { jsonConstraint } from "../../scoring/index.ts";
import type { FoundVariant, ModelVariant } from "./find-text-model.ts";
import type { AnswerEvent, GeneratedToken, Question } from "./question.ts";
import { type AnswerReader, callReader, requiredCalls, textReader } from "./read-calls.ts";
import type { TokenizerVariants } from "./tokenizer-variants.ts";

/** A model variant with an open conversation. */
export interface OpenVariant extends ModelVariant, Pick<FoundVariant, "system" | "promptTemplate"> {
  readonly conversation: Conversation;
}

/** Settings shared by all answers of a text model. */
export interface AnswerContext {
  readonly tokenizer: TokenizerVariants;
  readonly contextLength: number;
  /** Current time in seconds. */
  readonly seconds: () => number;
}

/**
 * Generates an answer. On abort it ends as `interrupted`.
 *
 * @throws {TunewiseError} `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `SCHEMA_UNSUPPORTED`, `CONSTRAINT_TOKENIZER`,
 *   `CONSTRAINT_DEAD_END`, `TOOLS_UNSUPPORTED`, and those of the chat template
 */
export async function* generateAnswer(
  variant: OpenVariant,
  context: AnswerContext,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void> {
  const { contextLength, seconds } = context;
  const tokenizer = context.tokenizer(question.templateVariables ?? null);
  const prompt = Int32Array.from(promptIds(question, variant, tokenizer));
  if (prompt.length === 0) throw problem("PROMPT_EMPTY");
  if (prompt.length >= contextLength) {
    throw problem("PROMPT_TOO_LONG", { found: prompt.length, limit: contextLength });
  }
  const { json, tools } = question;
  const reader = tools ? callReader(tokenizer, tools) : textReader(tokenizer);
  const constraint = json ? jsonConstraint(tokenizer, json.schema) : tools && requiredCalls(tokenizer, tools);
  yield {
    kind: "answer-start",
    promptTokens: prompt.length,
    reusedTokens: variant.conversation.cachedTokens(prompt),
  };
  yield* streamTokens(variant, tokenizer, reader, prompt, {
    ...question,
    lookUpClock: seconds,
    ...(constraint ? { constraint } : {}),
    maxTokens: Math.min(question.maxTokens, contextLength - prompt.length),
    signal,
  });
}

async function* streamTokens(
  { conversation }: OpenVariant,
  tokenizer: Tokenizer,
  reader: AnswerReader,
  prompt: Int32Array,
  question: Question & Pick<AnswerOptions, "constraint" | "lookUpClock">,
): AsyncGenerator<AnswerEvent, void> {
  const { maxTokens, alternatives, signal } = question;
  const options = { ...question, maxNewTokens: maxTokens, endIds: tokenizer.endIds };
  const stops = createStopFinder(question.stop ?? []);
  let answerTokens = 0;
  let tokens: GeneratedToken[] = [];
  try {
    for await (const token of conversation.answer(prompt, options)) {
      answerTokens++;
      if (alternatives !== undefined) tokens.push(generatedToken(token, tokenizer));
      const { text, stopped } = stops.add(reader.textOf(token.id));
      for (const event of reader.read(text, stopped)) {
        yield event.kind === "text-added" ? { ...event, tokens } : event;
        if (event.kind === "text-added") tokens = [];
      }
      if (stopped || reader.isComplete) return yield { kind: "answer-end", reason: "stop", answerTokens };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return yield { kind: "answer-end", reason: "interrupted", answerTokens };
  }
  const { text, stopped } = stops.add(reader.restOfText());
  for (const event of reader.read(stopped ? text : text + stops.end(), true)) {
    yield event.kind === "text-added" ? { ...event, tokens } : event;
    if (event.kind === "text-added") tokens = [];
  }
  if (tokens.length > 0) yield { kind: "text-added", text: "", tokens };
  const reason = stopped || answerTokens < maxTokens ? "stop" : "length";
  yield { kind: "answer-end", reason, answerTokens };
}

const prompting = { addGenerationPrompt: true } as const;

/** Renders a conversation in the format of the training rows. The chat template adds the special tokens. */
function promptIds(
  { prompt, tools }: Pick<Question, "prompt" | "tools">,
  { system, promptTemplate }: Pick<OpenVariant, "system" | "promptTemplate">,
  tokenizer: Tokenizer,
): readonly number[] {
  if (prompt.kind === "tokens") return prompt.ids;
  if (prompt.kind === "text") return tokenizer.encode(prompt.text);
  const { messages } = prompt;
  const last = messages.findLastIndex(({ role }) => role === "user");
  const asked = messages.map((message, at) =>
    at === last
      ? { ...message, content: promptTemplate.replace("{prompt}", () => message.content) }
      : message,
  );
  const given = messages.some(({ role }) => role === "system");
  const all: Message[] = given || system === null ? asked : [{ role: "system", content: system }, ...asked];
  const conversation = { messages: all, ...(tools && { tools: tools.definitions }) };
  return tokenizer.encode(tokenizer.render(forTemplate(conversation, tokenizer), prompting), {
    addSpecialTokens: false,
  });
}

function generatedToken(
  { id, logProbability, alternatives }: AnswerToken,
  tokenizer: Tokenizer,
): GeneratedToken {
  const textOf = (one: number): string => tokenizer.decode([one]);
  return {
    text: textOf(id),
    logProbability: logProbability ?? 0,
    alternatives: alternatives.map((other) => ({
      text: textOf(other.id),
      logProbability: other.logProbability,
    })),
  };
}

/** Streams text up to a stop sequence. */
export interface StopFinder {
  /** Returns the text that is safe to emit. Holds back a possible start of a stop sequence. */
  add(piece: string): { readonly text: string; readonly stopped: boolean };
  /** Returns the text held back when the stream ends. */
  end(): string;
}

/** Creates a finder for stop sequences. They must not be empty. */
export function createStopFinder(stops: readonly string[]): StopFinder {
  let pending = "";
  return {
    add(piece): { text: string; stopped: boolean } {
      pending += piece;
      const places = stops.map((stop) => pending.indexOf(stop)).filter((place) => place >= 0);
      const until = places.length > 0 ? Math.min(...places) : pending.length - prefixLength(pending, stops);
      const text = pending.slice(0, until);
      pending = places.length > 0 ? "" : pending.slice(until);
      return { text, stopped: places.length > 0 };
    },
    end: () => pending,
  };
}

/** Length of the longest suffix of a text that starts a stop sequence. */
function prefixLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
