/**
 * @file Generates continuations: the shared prefix of all prompts once, the rest of each prompt, then token by token
 *   over a KV cache.
 */

import { type Random, xoshiro128From } from "../../math/index.ts";
import { problem } from "../../problem/index.ts";
import type { DecodeOptions } from "../engine.ts";
import { Buffers } from "../pass/buffers.ts";
import type { LoadedModel, Tuned } from "../pass/loaded-model.ts";
import { KeyValueCache } from "./cache.ts";
import { chooseToken } from "./choose-token.ts";
import type { DecodeContext } from "./decode-context.ts";
import { readNext } from "./read-next.ts";
import { readPrompts, readSharedPrefix, type SharedPrefix } from "./read-prompts.ts";

/** A prompt in progress. */
interface Answer {
  /** Index among all prompts. */
  readonly index: number;
  readonly prompt: Int32Array;
  readonly ids: number[];
  readonly random: Random;
}

/**
 * Continuations without the prompt and without the end token, in the order of the prompts.
 *
 * Each prompt has its own random numbers, so an answer does not depend on the batch it is in.
 *
 * @throws {TunewiseError} `ENGINE_ROW_TOO_LONG` if a prompt fills the context
 */
export async function generate(
  model: LoadedModel,
  adapter: Tuned | null,
  prompts: readonly Int32Array[],
  options: DecodeOptions,
): Promise<number[][]> {
  const limit = model.architecture.contextLength;
  const answers = prompts.map((prompt, index): Answer => {
    if (prompt.length >= limit) throw problem("ENGINE_ROW_TOO_LONG", { found: prompt.length + 1, limit });
    return { index, prompt, ids: [], random: xoshiro128From(options.seed, index) };
  });
  // prompts of similar length together: less padding, and answers tend to end together
  const order = [...answers].sort((a, b) => a.prompt.length - b.prompt.length || a.index - b.index);
  const reading: DecodeContext = { model, adapter, buffers: new Buffers(), signal: options.signal };
  const stem = await readSharedPrefix(reading, prompts);
  for (let from = 0; from < order.length; from += options.batchSize) {
    await continueTogether(reading, order.slice(from, from + options.batchSize), stem, options);
  }
  return answers.map(({ ids }) => ids);
}

async function continueTogether(
  reading: DecodeContext,
  answers: readonly Answer[],
  stem: SharedPrefix | null,
  options: DecodeOptions,
): Promise<void> {
  const { contextLength, vocabulary } = reading.model.architecture;
  const prompts = answers.map(({ prompt }) => prompt);
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  const capacity = Math.min(contextLength, longest + options.maxNewTokens);
  const cache = new KeyValueCache(reading.model.architecture, answers.length, capacity);
  const active = [...answers];
  let logits = await readPrompts(reading, prompts, stem, cache);
  for (let step = 0; step < options.maxNewTokens && active.length > 0; step++) {
    options.signal?.throwIfAborted();
    if (step > 0) {
      const newest = active.map(({ ids }) => ids.slice(-1));
      logits = await readNext(reading, newest, cache);
    }
    // from the end, so that the row that takes a removed one's place has already been visited
    for (let row = active.length - 1; row >= 0; row--) {
      const answer = active[row] as Answer;
      const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      if (!addToken(answer, own, options, capacity)) continue;
      options.onAnswer?.(answer.index, answer.ids);
      cache.remove(row);
      const last = active.pop() as Answer;
      if (row < active.length) active[row] = last;
    }
  }
}

/** Chooses the next token of an answer; returns whether it ended the answer. */
function addToken(
  { index, prompt, ids, random }: Answer,
  logits: Float32Array,
  options: DecodeOptions,
  capacity: number,
): boolean {
  const id = chooseToken(logits, options, random);
  if (options.endIds.includes(id)) return true;
  ids.push(id);
  options.onToken?.(index, id);
  return ids.length >= options.maxNewTokens || prompt.length + ids.length >= capacity;
}
