/**
 * @file Reads prompts of several rows in as few passes as fit, into a fresh cache.
 */
import { layOut } from "../batch/batch.ts";
import { runForward } from "../pass/forward.ts";
import { headLogits } from "../pass/head.ts";
import { rootOf } from "../pass/loaded-model.ts";
import type { KeyValueCache } from "./cache.ts";
import { readNext } from "./read-next.ts";
import { onLayer, type Reading, unlabelled } from "./reading.ts";
import { plant, type Stem } from "./stem.ts";

/** Tokens of prompts that are read in one pass. */
const promptTokensAtOnce = 2048;
/** After a stem queries are not cut into blocks: so many tokens at most, and ... */
const restMost = 512;
/** ... so many scores of one head in a pass, which is a quarter of a gigabyte with 32 heads. */
const scoresMost = 2 ** 21;

/**
 * Runs the prompts, portion by portion, fills the cache, gives the logits after each prompt: `[B, V]`.
 *
 * @param stem what all of them begin with and need not be read again
 */
export async function readPrompts(
  reading: Reading,
  prompts: readonly Int32Array[],
  stem: Stem | null,
  cache: KeyValueCache,
): Promise<Float32Array> {
  const { vocabulary } = reading.model.architecture;
  const logits = new Float32Array(prompts.length * vocabulary);
  for (let from = 0; from < prompts.length; ) {
    const own = worth(stem, prompts[from] as Int32Array) ? stem : null;
    let until = from + 1;
    while (until < prompts.length && fits(prompts.slice(from, until + 1), own, cache.capacity)) until++;
    const chosen = prompts.slice(from, until);
    const portion = await (own === null
      ? readPortion(reading, chosen, from, cache)
      : readAfter(reading, own, chosen, from, cache));
    logits.set(portion, from * vocabulary);
    from = until;
  }
  return logits;
}

/** Whether a prompt is read after the stem: a long rest after a short stem is read faster from the start, in blocks. */
function worth(stem: Stem | null, prompt: Int32Array): boolean {
  return stem !== null && prompt.length - stem.length <= Math.min(restMost, 2 * stem.length);
}

/** Whether prompts can be read in one pass. */
function fits(prompts: readonly Int32Array[], stem: Stem | null, capacity: number): boolean {
  const longest = Math.max(...prompts.map((prompt) => prompt.length)) - (stem?.length ?? 0);
  const tokens = longest * prompts.length;
  const areFew = stem === null || (longest <= restMost && tokens * (capacity + longest) <= scoresMost);
  return tokens <= promptTokensAtOnce && areFew;
}

async function readAfter(
  reading: Reading,
  stem: Stem,
  prompts: readonly Int32Array[],
  firstRow: number,
  cache: KeyValueCache,
): Promise<Float32Array> {
  for (const row of prompts.keys()) plant(stem, cache, firstRow + row);
  const rest = prompts.map((prompt) => prompt.subarray(stem.length));
  return readNext(reading, rest, cache, firstRow);
}

async function readPortion(
  reading: Reading,
  prompts: readonly Int32Array[],
  firstRow: number,
  cache: KeyValueCache,
): Promise<Float32Array> {
  const { model, adapter, buffers } = reading;
  const batch = layOut(prompts.map(unlabelled), model.architecture, true);
  const prefix = batch.binding["P"] ?? 0;
  const starts: number[] = [];
  let start = prefix;
  for (const prompt of prompts) {
    starts.push(start);
    start += prompt.length - prefix;
  }
  const flat = (row: number, place: number): number =>
    place < prefix ? place : (starts[row] as number) + place - prefix;
  const store = onLayer(reading, (layer, key, value) => {
    for (const [row, prompt] of prompts.entries()) {
      for (let place = 0; place < prompt.length; place++) {
        cache.store(layer, firstRow + row, place, flat(row, place), key, value);
      }
    }
  });
  const hidden = await runForward(model, adapter, batch, buffers, { onLayer: store });
  for (const [row, prompt] of prompts.entries()) cache.lengths[firstRow + row] = prompt.length;
  const last = Int32Array.from(prompts, (prompt, row) => flat(row, prompt.length - 1));
  return headLogits(model, rootOf(model, adapter), hidden, last, buffers);
}
