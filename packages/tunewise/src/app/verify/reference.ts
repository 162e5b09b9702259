/** @file Computes what a runtime must reproduce: our prompts, tokens, greedy answers and their probabilities. */
import type { Conversation } from "@tunewise/core/rows";
import type { Adapter, LanguageModel } from "@tunewise/engine";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import type { ModelFiles } from "@tunewise/engine/weights";
import { TunewiseError } from "../../problem/index.ts";
import type { Expected, ExpectedAnswer, ExpectedPrompt, ExpectedRow } from "./expected.ts";
import type { ScoredRow } from "./probe.ts";

/** A model that is ready to answer, with its files. */
export interface OpenReference {
  readonly files: ModelFiles;
  readonly model: LanguageModel;
  readonly adapter: Adapter | null;
}

/** What must be reproduced, and the conversations that it is about. */
export interface Reference {
  readonly expected: Expected;
  readonly conversations: readonly Conversation[];
  /** Conversations that the chat template refuses, such as systems or tools, or that the context does not hold. */
  readonly refused: number;
}

/** Maximum tokens of a greedy answer. */
export const answerTokens = 16;

/** Predictions after a single token. */
const maxSingles = 24;

/**
 * Computes the reference.
 *
 * @throws {TunewiseError} those of chat templates, if none of the conversations can be rendered
 */
export async function computeReference(
  { files, model, adapter }: OpenReference,
  given: readonly Conversation[],
  signal: AbortSignal,
): Promise<Reference> {
  const tokenizer = createTokenizer(files.tokenizer);
  const { conversations, prompts } = renderAll(tokenizer, given, model.contextLength);
  const scorer = (ids: readonly number[], from: number): Promise<Scored> => scored(model, adapter, ids, from);
  const generated = await generateAnswers(model, adapter, prompts, tokenizer.endIds, signal);
  const answers: ExpectedAnswer[] = [];
  const rows: ExpectedRow[] = [];
  for (const [at, { ids }] of prompts.entries()) {
    const answer = generated[at] ?? [];
    const row = { ids: [...ids, ...answer], from: ids.length };
    const { scores, margins, likeliest } = await scorer(row.ids, row.from);
    const isEnded = tokenizer.endIds.includes(likeliest);
    answers.push(answerOf(tokenizer, answer, margins, isEnded));
    if (answer.length > 0) rows.push({ ...row, scores, number: at + 1, next: textOf(tokenizer, answer[0]) });
    signal.throwIfAborted();
  }
  for (const id of firstTokens(prompts)) {
    const { likeliest } = await scorer([id], 1);
    const row = { ids: [id, likeliest], from: 1 };
    const { scores } = await scorer(row.ids, 1);
    rows.push({ ...row, scores, number: null, next: textOf(tokenizer, likeliest) });
  }
  const texts = [...prompts.map(({ text }) => text), ...given.flatMap(plainTexts)];
  const { beginId } = tokenizer;
  return {
    conversations,
    refused: given.length - conversations.length,
    expected: {
      prompts,
      beginId,
      beginText: beginId === null ? null : tokenizer.decode([beginId]),
      texts: texts.map((text) => ({ text, ids: tokenizer.encode(text, { addSpecialTokens: false }) })),
      rows,
      endTokens: tokenizer.endIds.map((id) => ({ id, text: tokenizer.decode([id]) })),
      answers,
    },
  };
}

function generateAnswers(
  model: LanguageModel,
  adapter: Adapter | null,
  prompts: readonly ExpectedPrompt[],
  endIds: readonly number[],
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const all = prompts.map(({ ids }) => Int32Array.from(ids));
  return model.generate(adapter, all, {
    maxNewTokens: answerTokens,
    temperature: 0,
    topP: 1,
    seed: 1,
    endIds,
    batchSize: 1,
    signal,
  });
}

function answerOf(
  tokenizer: Tokenizer,
  ids: readonly number[],
  margins: readonly number[],
  isEnded: boolean,
): ExpectedAnswer {
  const text = (count: number): string => tokenizer.decode(ids.slice(0, count), { skipSpecialTokens: true });
  return {
    ids,
    text: text(ids.length),
    isEnded: isEnded && ids.length < answerTokens,
    lengths: ids.map((_, at) => text(at + 1).length),
    margins,
  };
}

function textOf(tokenizer: Tokenizer, id: number | undefined): string | null {
  if (id === undefined || tokenizer.specialTokens.has(id)) return null;
  const text = tokenizer.decode([id]);
  return text.includes("\ufffd") ? null : text;
}

function plainTexts({ messages }: Conversation): string[] {
  return messages.map(({ content }) => content).filter((content) => content !== "");
}

/** Renders what the template accepts and the context holds. */
function renderAll(
  tokenizer: Tokenizer,
  given: readonly Conversation[],
  contextLength: number,
): { readonly conversations: Conversation[]; readonly prompts: ExpectedPrompt[] } {
  const conversations: Conversation[] = [];
  const prompts: ExpectedPrompt[] = [];
  let failure: unknown = null;
  for (const conversation of given) {
    try {
      const prompt = renderOne(tokenizer, conversation);
      if (prompt.ids.length + answerTokens >= contextLength) continue;
      conversations.push(conversation);
      prompts.push(prompt);
    } catch (error) {
      if (!TunewiseError.is(error)) throw error;
      failure ??= error;
    }
  }
  if (prompts.length === 0 && failure !== null) throw failure;
  return { conversations, prompts };
}

function renderOne(tokenizer: Tokenizer, conversation: Conversation): ExpectedPrompt {
  const text = tokenizer.render(conversation, { addGenerationPrompt: true });
  const { messages, tools } = conversation;
  const bare = tools && tokenizer.render({ messages }, { addGenerationPrompt: true });
  return {
    text,
    ids: tokenizer.encode(text, { addSpecialTokens: false }),
    textWithoutTools: bare === undefined || bare === text ? null : bare,
  };
}

/** Distinct tokens of the prompts. */
function firstTokens(prompts: readonly ExpectedPrompt[]): number[] {
  return [...new Set(prompts.flatMap(({ ids }) => ids))].slice(0, maxSingles);
}

interface Scored {
  /** Log probabilities of the ids from `from` on. */
  readonly scores: readonly number[];
  /** Margins of the likeliest token at the same positions, and after the last id. */
  readonly margins: readonly number[];
  /** The likeliest token after the last id. */
  readonly likeliest: number;
}

async function scored(
  model: LanguageModel,
  adapter: Adapter | null,
  ids: ScoredRow["ids"],
  from: number,
): Promise<Scored> {
  const logits = await model.logits(adapter, Int32Array.from(ids));
  const width = logits.length / ids.length;
  const after = (at: number): Float32Array => logits.subarray(at * width, (at + 1) * width);
  const leaders = ids.slice(from - 1).map((_, at) => topTwo(after(from - 1 + at)));
  return {
    scores: ids.slice(from).map((id, at) => logProbability(after(from - 1 + at), id)),
    margins: leaders.map(({ margin }) => margin),
    likeliest: leaders.at(-1)?.best ?? 0,
  };
}

function topTwo(logits: Float32Array): { readonly best: number; readonly margin: number } {
  let best = 0;
  let second = Number.NEGATIVE_INFINITY;
  for (let id = 1; id < logits.length; id++) {
    const value = logits[id] as number;
    if (value > (logits[best] as number)) {
      second = logits[best] as number;
      best = id;
    } else if (value > second) second = value;
  }
  return { best, margin: (logits[best] as number) - second };
}

/**
 * The log softmax of one logit.
 *
 * @param logits `[V]`
 * @source log p(i) = x_i - log sum_j exp(x_j)
 */
export function logProbability(logits: Float32Array, id: number): number {
  const top = logits.reduce((highest, value) => Math.max(highest, value), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - top), 0);
  return (logits[id] as number) - top - Math.log(sum);
}
