/**
 * @file A frozen reference: the answers of a model behind an API, in one file that outlives the model.
 *
 * JSON Lines. The first line is the header, every other line an answer. The header has the SHA-256 of the other lines,
 * so a changed file is noticed. Messages, tools and calls are in OpenAI's chat format.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { type Seconds, seconds, type Tokens, tokens, type Usd } from "@tunewise/core/quantity";
import type { Answer, JsonObject, Message } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import { piecesOf, readLines, writeWholeFile } from "@tunewise/tracker";
import { z } from "zod";
import { problem } from "../problem/index.ts";
import { type ChatMessage, chatMessage, chatMessageSchema, messageIn } from "./chat-message.ts";

/** Name of the file in a recipe's folder, unless the user gives another. */
export const frozenFile = "frozen.jsonl";

/** Where a question comes from: the recipe's test rows, new prompts, or prompts of logs. */
export type FrozenSource = "test" | "prompts" | "logs";

/** Decoding settings with which all answers of a file were requested. `null`: left to the endpoint. */
export interface FrozenParameters {
  readonly maxTokens: number;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly seed: number | null;
}

/** One answer with its question. */
export interface FrozenAnswer {
  /** `questionKey` of the question, as in `answers.jsonl` of a run: the same row has the same key in both. */
  readonly key: string;
  readonly source: FrozenSource;
  /** Number of the row in its source, from 1. */
  readonly row: number;
  /** Turns up to the answer. Secrets are masked, so hashing them need not give `key`. */
  readonly messages: readonly Message[];
  readonly tools: readonly JsonObject[];
  /** The answer that the row itself has; `null` for a new prompt. */
  readonly reference: Answer | null;
  /** The model's answer. */
  readonly answer: Answer;
  /** `length`: cut off at the token limit; `filter`: withheld by the vendor. */
  readonly finish: "stop" | "length" | "filter" | "other";
  readonly promptTokens: Tokens;
  readonly cachedPromptTokens: Tokens;
  readonly answerTokens: Tokens;
  /** Whether the endpoint counted the tokens. */
  readonly usage: "reported" | "estimated";
  /** Natural logarithms of the probabilities of the answer's tokens; `null` if the endpoint gave none. */
  readonly logprobs: { readonly tokens: readonly string[]; readonly values: readonly number[] } | null;
  /** Latency of the successful request, until the last token. */
  readonly seconds: Seconds;
  /** Price of prompt and answer, without failed attempts. */
  readonly cost: Usd;
  /** Model name that the endpoint reported. */
  readonly model: string;
  /** ISO time of the answer. */
  readonly askedAt: string;
  /** Whether secrets or personal data in question or answer were replaced by placeholders. */
  readonly isMasked: boolean;
}

/** Facts about a file of answers. */
export interface FrozenHeader {
  /** Model as requested. */
  readonly model: string;
  /** Address of the endpoint without credentials and query. */
  readonly endpoint: string;
  readonly style: "openai" | "azure" | "anthropic";
  /** ISO time at which the file was written. */
  readonly createdAt: string;
  readonly parameters: FrozenParameters;
  /** Settings that the endpoint refused, such as `seed`. */
  readonly leftOut: readonly string[];
  /** Dollars per million tokens. */
  readonly price: {
    readonly input: number;
    readonly cachedInput: number;
    readonly output: number;
    /** Source and date. */
    readonly source: string;
  };
  /** Answers in the file. */
  readonly answers: number;
  /** Questions of the last `freeze` that have no answer yet. */
  readonly missing: number;
  /** SHA-256 (hex) of all lines after the header. */
  readonly sha256: string;
}

/** A file of answers. */
export interface FrozenReference {
  readonly header: FrozenHeader;
  /** By key, in file order. */
  readonly answers: ReadonlyMap<string, FrozenAnswer>;
}

/** Marks the header, so that no other file is mistaken for one. */
const format = "tunewise frozen reference";
/** Increased with every incompatible change. */
const formatVersion = 1;
/** Line limit: the largest answer that `ask` accepts, with room for its question. */
const maxLineChars = 128 * 1024 * 1024;
/** Max. answers of a file. */
const maxAnswers = 1_000_000;

/**
 * Reads a file of answers. It asks no model.
 *
 * @throws {TunewiseError} `FROZEN_NOT_FOUND`, `FROZEN_INVALID`, `FROZEN_CHANGED`, `RUN_FILE_UNREADABLE`
 */
export async function readFrozenReference(path: string): Promise<FrozenReference> {
  if (!existsSync(path)) throw problem("FROZEN_NOT_FOUND", { path });
  const hash = createHash("sha256");
  const answers = new Map<string, FrozenAnswer>();
  let header: FrozenHeader | null = null;
  let number = 0;
  for await (const lines of readLines(path, maxLineChars)) {
    for (const { text, isWhole } of lines) {
      number++;
      const refuse = (reason: string): Error => problem("FROZEN_INVALID", { path, line: number, reason });
      if (text === null || !isWhole) throw refuse(text === null ? "it is too long" : "it has no end");
      const value = jsonIn(text);
      if (header === null) {
        const found = headerSchema.safeParse(value);
        if (!found.success) throw refuse(`it is not a header: ${firstIssue(found.error)}`);
        header = headerFrom(found.data);
        continue;
      }
      const found = answerSchema.safeParse(value);
      if (!found.success) throw refuse(firstIssue(found.error));
      if (answers.size >= maxAnswers) throw refuse(`it has more than ${maxAnswers} answers`);
      hash.update(`${text}\n`);
      answers.set(found.data.key, answerFrom(found.data));
    }
  }
  if (header === null) throw problem("FROZEN_INVALID", { path, line: 1, reason: "the file is empty" });
  const found = hash.digest("hex");
  if (found !== header.sha256) throw problem("FROZEN_CHANGED", { path, recorded: header.sha256, found });
  return { header, answers };
}

/**
 * Writes a file of answers atomically, and returns its header.
 *
 * @param answers with distinct keys, in the order of the file
 * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; an existing file is then unchanged
 */
export async function writeFrozenReference(
  path: string,
  about: Omit<FrozenHeader, "answers" | "sha256">,
  answers: readonly FrozenAnswer[],
): Promise<FrozenHeader> {
  const hash = createHash("sha256");
  // twice, because the header comes first and the answers may be too many for memory as text
  for (const one of answers) hash.update(`${JSON.stringify(answerLine(one))}\n`);
  const header = { ...about, answers: answers.length, sha256: hash.digest("hex") };
  await writeWholeFile(path, piecesOf(linesOf(header, answers)));
  return header;
}

function* linesOf(header: FrozenHeader, answers: readonly FrozenAnswer[]): Generator<string> {
  yield JSON.stringify(headerLine(header));
  for (const one of answers) yield JSON.stringify(answerLine(one));
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function firstIssue({ issues: [first] }: z.ZodError): string {
  const at = first?.path.join(".") ?? "";
  return `${at === "" ? "" : `${at}: `}${first?.message ?? "it is invalid"}`;
}

const count = z.int().min(0);
const amount = z.number().min(0);

const headerSchema = z.object({
  format: z.literal(format),
  format_version: z.literal(formatVersion),
  model: z.string(),
  endpoint: z.string(),
  style: z.enum(["openai", "azure", "anthropic"]),
  created_at: z.iso.datetime(),
  parameters: z.object({
    max_tokens: count,
    temperature: z.number().nullable(),
    top_p: z.number().nullable(),
    seed: z.number().nullable(),
    left_out: z.array(z.string()),
  }),
  usd_per_million: z.object({ input: amount, cached_input: amount, output: amount, source: z.string() }),
  answers: count,
  missing: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const answerSchema = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  source: z.enum(["test", "prompts", "logs"]),
  row: z.int().min(1),
  messages: z.array(chatMessageSchema),
  tools: z.array(z.record(z.string(), z.json())).exactOptional(),
  reference: chatMessageSchema.exactOptional(),
  answer: chatMessageSchema,
  finish: z.enum(["stop", "length", "filter", "other"]),
  tokens: z.object({ prompt: count, cached_prompt: count, answer: count }),
  usage: z.enum(["reported", "estimated"]),
  logprobs: z.object({ tokens: z.array(z.string()), values: z.array(z.number()) }).exactOptional(),
  seconds: amount,
  micro_usd: count,
  model: z.string(),
  asked_at: z.iso.datetime(),
  masked: z.boolean(),
});

function headerLine(header: FrozenHeader): z.input<typeof headerSchema> {
  const { model, endpoint, style, createdAt, parameters, leftOut, price, answers, missing, sha256 } = header;
  const { maxTokens, temperature, topP, seed } = parameters;
  return {
    format,
    format_version: formatVersion,
    model,
    endpoint,
    style,
    created_at: createdAt,
    parameters: { max_tokens: maxTokens, temperature, top_p: topP, seed, left_out: [...leftOut] },
    usd_per_million: {
      input: price.input,
      cached_input: price.cachedInput,
      output: price.output,
      source: price.source,
    },
    answers,
    missing,
    sha256,
  };
}

function headerFrom(line: z.output<typeof headerSchema>): FrozenHeader {
  const { model, endpoint, style, parameters, answers, missing, sha256 } = line;
  const { input, cached_input: cachedInput, output, source } = line.usd_per_million;
  return {
    model,
    endpoint,
    style,
    createdAt: line.created_at,
    parameters: {
      maxTokens: parameters.max_tokens,
      temperature: parameters.temperature,
      topP: parameters.top_p,
      seed: parameters.seed,
    },
    leftOut: parameters.left_out,
    price: { input, cachedInput, output, source },
    answers,
    missing,
    sha256,
  };
}

function answerLine(one: FrozenAnswer): z.input<typeof answerSchema> {
  const { key, source, row, messages, tools, reference, answer, finish, usage, logprobs, model } = one;
  return {
    key,
    source,
    row,
    messages: messages.map(chatMessage),
    ...(tools.length > 0 && { tools: tools as { [name: string]: z.core.util.JSONType }[] }),
    ...(reference !== null && { reference: assistantMessage(reference) }),
    answer: assistantMessage(answer),
    finish,
    tokens: { prompt: one.promptTokens, cached_prompt: one.cachedPromptTokens, answer: one.answerTokens },
    usage,
    ...(logprobs !== null && {
      logprobs: {
        tokens: [...logprobs.tokens],
        values: [...logprobs.values],
      },
    }),
    seconds: one.seconds,
    micro_usd: one.cost,
    model,
    asked_at: one.askedAt,
    masked: one.isMasked,
  };
}

function answerFrom(line: z.output<typeof answerSchema>): FrozenAnswer {
  const { key, source, row, finish, usage, model, masked } = line;
  return {
    key,
    source,
    row,
    messages: line.messages.map(messageIn),
    tools: line.tools ?? [],
    reference: line.reference === undefined ? null : answerIn(line.reference),
    answer: answerIn(line.answer),
    finish,
    promptTokens: tokens(line.tokens.prompt),
    cachedPromptTokens: tokens(line.tokens.cached_prompt),
    answerTokens: tokens(line.tokens.answer),
    usage,
    logprobs: line.logprobs ?? null,
    seconds: seconds(line.seconds),
    cost: line.micro_usd as Usd,
    model,
    askedAt: line.asked_at,
    isMasked: masked,
  };
}

function assistantMessage({ content, toolCalls }: Answer): ChatMessage {
  return chatMessage({ role: "assistant", content, ...(toolCalls !== undefined && { toolCalls }) });
}

function answerIn(message: ChatMessage): Answer {
  const { content, toolCalls } = messageIn(message);
  return { content, ...(toolCalls !== undefined && { toolCalls }) };
}
