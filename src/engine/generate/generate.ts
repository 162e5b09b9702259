/**
 * @file Continues prompts: the prompts in one pass, then token by token over a cache.
 */
import type { EncodedRow } from "../../dataset/index.ts";
import { problem } from "../../problem/index.ts";
import { layOut } from "../batch/batch.ts";
import { windowMask } from "../batch/masks.ts";
import type { DecodeOptions } from "../engine.ts";
import { rotaryFrequencies, rotation } from "../models/rope.ts";
import { Buffers } from "../pass/buffers.ts";
import { runForward } from "../pass/forward.ts";
import { headLogits } from "../pass/head.ts";
import { type LoadedModel, rootOf, type Tuned } from "../pass/loaded-model.ts";
import { createRandom, type Random } from "../random/random.ts";
import type { Feeds } from "../runtime/session.ts";
import { KeyValueCache } from "./cache.ts";
import { chooseToken } from "./choose-token.ts";

/** A prompt being continued. */
interface Answer {
  /** Place among all prompts. */
  readonly index: number;
  readonly prompt: Int32Array;
  readonly ids: number[];
  readonly random: Random;
}

/**
 * Continuations without the prompt and without the end token, in the order of the prompts.
 *
 * Random numbers belong to a prompt, not to a batch, so an answer does not depend on its neighbors.
 *
 * @throws {TunewiseError} `ENGINE_ROW_TOO_LONG` for a prompt that fills the context
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
    return { index, prompt, ids: [], random: createRandom(options.seed, index) };
  });
  // prompts of like length together: less padding, and answers tend to end together
  const order = [...answers].sort((a, b) => a.prompt.length - b.prompt.length || a.index - b.index);
  const buffers = new Buffers();
  for (let from = 0; from < order.length; from += options.batchSize) {
    await continueTogether(model, adapter, order.slice(from, from + options.batchSize), options, buffers);
  }
  return answers.map(({ ids }) => ids);
}

async function continueTogether(
  model: LoadedModel,
  adapter: Tuned | null,
  answers: readonly Answer[],
  options: DecodeOptions,
  buffers: Buffers,
): Promise<void> {
  const longest = Math.max(...answers.map(({ prompt }) => prompt.length));
  const capacity = Math.min(model.architecture.contextLength, longest + options.maxNewTokens);
  const cache = new KeyValueCache(model.architecture, answers.length, capacity);
  const active = [...answers];
  let logits = await readPrompts(model, adapter, active, cache, buffers);
  for (let step = 0; step < options.maxNewTokens && active.length > 0; step++) {
    options.signal?.throwIfAborted();
    if (step > 0) logits = await readToken(model, adapter, active, cache, buffers);
    const { vocabulary } = model.architecture;
    // from the end, so that the row that takes a dropped one's place has been looked at
    for (let row = active.length - 1; row >= 0; row--) {
      const answer = active[row] as Answer;
      const id = chooseToken(
        logits.subarray(row * vocabulary, (row + 1) * vocabulary),
        options,
        answer.random,
      );
      const ended = options.endIds.includes(id);
      if (!ended) answer.ids.push(id);
      const full =
        answer.ids.length >= options.maxNewTokens || answer.prompt.length + answer.ids.length >= capacity;
      if (!ended && !full) continue;
      options.onAnswer?.(answer.index, answer.ids);
      cache.remove(row);
      const last = active.pop() as Answer;
      if (row < active.length) active[row] = last;
    }
  }
}

/** Tokens of prompts that are read in one pass. */
const promptTokensAtOnce = 2048;

/** Runs the prompts, portion by portion, fills the cache, gives the logits after each prompt: `[B, V]`. */
async function readPrompts(
  model: LoadedModel,
  adapter: Tuned | null,
  answers: readonly Answer[],
  cache: KeyValueCache,
  buffers: Buffers,
): Promise<Float32Array> {
  const { vocabulary } = model.architecture;
  const logits = new Float32Array(answers.length * vocabulary);
  for (let from = 0; from < answers.length; ) {
    const longest = (until: number): number =>
      Math.max(...answers.slice(from, until).map(({ prompt }) => prompt.length));
    let until = from + 1;
    while (until < answers.length && longest(until + 1) * (until + 1 - from) <= promptTokensAtOnce) until++;
    const portion = await readPortion(model, adapter, answers.slice(from, until), from, cache, buffers);
    logits.set(portion, from * vocabulary);
    from = until;
  }
  return logits;
}

async function readPortion(
  model: LoadedModel,
  adapter: Tuned | null,
  answers: readonly Answer[],
  firstRow: number,
  cache: KeyValueCache,
  buffers: Buffers,
): Promise<Float32Array> {
  const rows = answers.map(({ prompt, index }): EncodedRow => {
    return {
      ids: prompt,
      labelled: new Uint8Array(prompt.length),
      promptLength: prompt.length,
      example: index,
    };
  });
  const batch = layOut(rows, model.architecture, true);
  const prefix = batch.binding["P"] ?? 0;
  const starts: number[] = [];
  let start = prefix;
  for (const { prompt } of answers) {
    starts.push(start);
    start += prompt.length - prefix;
  }
  const flat = (row: number, place: number): number =>
    place < prefix ? place : (starts[row] as number) + place - prefix;
  const hidden = await runForward(model, adapter, batch, buffers, {
    onLayer: (layer, key, value) => {
      for (const [row, { prompt }] of answers.entries()) {
        for (let place = 0; place < prompt.length; place++) {
          cache.store(layer, firstRow + row, place, flat(row, place), key, value);
        }
      }
    },
  });
  for (const [row, { prompt }] of answers.entries()) cache.lengths[firstRow + row] = prompt.length;
  const last = Int32Array.from(answers, ({ prompt }, row) => flat(row, prompt.length - 1));
  return headLogits(model, rootOf(model, adapter), hidden, last, buffers);
}

/** Runs the newest token of each row over the cache: `[B, V]`. */
async function readToken(
  model: LoadedModel,
  adapter: Tuned | null,
  answers: readonly Answer[],
  cache: KeyValueCache,
  buffers: Buffers,
): Promise<Float32Array> {
  const { architecture } = model;
  const rows = answers.length;
  const positions = cache.lengths.slice();
  const frequencies = rotaryFrequencies(architecture.rope, architecture.headWidth);
  const masks = new Map<number | null, Feeds>();
  for (const window of new Set(architecture.windows)) {
    const memory = new Float32Array(rows * cache.capacity);
    for (let row = 0; row < rows; row++) {
      memory.set(windowMask(1, 1, cache.capacity, positions[row] as number, window), row * cache.capacity);
    }
    masks.set(window, { "mask.0": new Float32Array(rows), "memory.mask": memory });
  }
  const batch = {
    layout: { grid: "dense", memory: "cache", blocks: 1, prefixBlocks: 1 },
    binding: { B: rows, T: 1, C: cache.capacity },
    ids: Int32Array.from(answers, ({ ids }) => ids.at(-1) ?? 0),
    feeds: { ...rotation(architecture.rope, frequencies, positions) },
    masks,
  } as const;
  const hidden = await runForward(model, adapter, batch, buffers, {
    extra: (layer) => cache.feeds(layer),
    onLayer: (layer, key, value) => {
      for (let row = 0; row < rows; row++) {
        cache.store(layer, row, positions[row] as number, row, key, value);
      }
    },
  });
  for (let row = 0; row < rows; row++) cache.lengths[row] = (positions[row] as number) + 1;
  return headLogits(
    model,
    rootOf(model, adapter),
    hidden,
    Int32Array.from({ length: rows }, (_, row) => row),
    buffers,
  );
}
