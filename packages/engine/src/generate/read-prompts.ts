/**
 * @file Prefill: processes prompts into free slots of a KV cache in as few passes as possible.
 *
 * The prefix that all prompts of a call share, such as instructions, is processed once.
 */
import { layOut } from "../batch/batch.ts";
import { sharedPrefix } from "../batch/shared-prefix.ts";
import { pageTokens } from "../jit/operator-kinds.ts";
import { runForward } from "../pass/forward.ts";
import { headLogits } from "../pass/head.ts";
import { rootOf } from "../pass/loaded-model.ts";
import { KeyValueCache, type TokenMove } from "./cache.ts";
import { type DecodeContext, onLayer, unlabelled } from "./decode-context.ts";
import { readNext } from "./read-next.ts";

/** Maximum prompt tokens per pass. */
const promptTokensAtOnce = 2048;
/** After a shared prefix, queries are not split into blocks. So a row is limited to this many tokens, and ... */
const maxRemainder = 512;
/** ... a pass to this many scores per head: 256 MB with 32 heads. */
const maxScores = 2 ** 21;

/**
 * Processes prompts in batches, puts them into slots of the cache and returns the logits after each prompt: `[B, V]`.
 *
 * @param prefix shared prefix of all prompts that is already processed
 * @param slots of the prompts, in order
 */
export async function readPrompts(
  reading: DecodeContext,
  prompts: readonly Int32Array[],
  prefix: SharedPrefix | null,
  cache: KeyValueCache,
  slots: readonly number[],
): Promise<Float32Array> {
  const { vocabulary } = reading.model.architecture;
  const logits = new Float32Array(prompts.length * vocabulary);
  cache.reserve(prompts.reduce((most, { length }) => Math.max(most, length), 0));
  for (let from = 0; from < prompts.length; ) {
    const own = isReusable(prefix, prompts[from] as Int32Array) ? prefix : null;
    let until = from + 1;
    while (until < prompts.length && fits(prompts.slice(from, until + 1), own)) until++;
    const chosen = prompts.slice(from, until);
    const into = slots.slice(from, until);
    const portion = await (own === null
      ? readPortion(reading, chosen, cache, into)
      : readAfter(reading, own, chosen, cache, into));
    logits.set(portion, from * vocabulary);
    from = until;
  }
  return logits;
}

/**
 * Whether to reuse the prefix for a prompt. After a short prefix, a long remainder is processed faster together with
 * the prefix, in blocks.
 */
function isReusable(prefix: SharedPrefix | null, prompt: Int32Array): boolean {
  return prefix !== null && prompt.length - prefix.length <= Math.min(maxRemainder, 2 * prefix.length);
}

/** Whether prompts fit into one pass. */
function fits(prompts: readonly Int32Array[], prefix: SharedPrefix | null): boolean {
  const before = prefix?.length ?? 0;
  const longest = Math.max(...prompts.map((prompt) => prompt.length)) - before;
  const tokens = longest * prompts.length;
  const areFew =
    prefix === null || (longest <= maxRemainder && tokens * (before + pageTokens + longest) <= maxScores);
  return tokens <= promptTokensAtOnce && areFew;
}

/** Processes prompts after a prefix in a temporary cache, because a pass covers all slots of its cache. */
async function readAfter(
  reading: DecodeContext,
  stem: SharedPrefix,
  prompts: readonly Int32Array[],
  cache: KeyValueCache,
  slots: readonly number[],
): Promise<Float32Array> {
  const longest = Math.max(...prompts.map(({ length }) => length));
  const own = KeyValueCache.of(reading.model, prompts.length, longest);
  storePrefix(stem, own);
  for (let row = 1; row < prompts.length; row++) own.copyRow(row, own, 0);
  const logits = await readNext(
    reading,
    prompts.map((prompt) => prompt.subarray(stem.length)),
    own,
  );
  for (const [row, slot] of slots.entries()) cache.copyRow(slot, own, row);
  return logits;
}

async function readPortion(
  reading: DecodeContext,
  prompts: readonly Int32Array[],
  cache: KeyValueCache,
  slots: readonly number[],
): Promise<Float32Array> {
  const { model, adapter, buffers } = reading;
  const batch = layOut(prompts.map(unlabelled), model.architecture, true, model.flatFrom);
  const prefix = batch.binding["P"] ?? 0;
  const starts: number[] = [];
  let start = prefix;
  for (const prompt of prompts) {
    starts.push(start);
    start += prompt.length - prefix;
  }
  const flat = (row: number, place: number): number =>
    place < prefix ? place : (starts[row] as number) + place - prefix;
  const moves = prompts.flatMap((prompt, row) =>
    Array.from(prompt, (_, place): TokenMove => [slots[row] as number, place, flat(row, place)]),
  );
  const store = onLayer(reading, (layer, key, value) => cache.store(layer, key, value, moves));
  const hidden = await runForward(model, adapter, batch, buffers, { onLayer: store });
  for (const [row, prompt] of prompts.entries()) cache.lengths[slots[row] as number] = prompt.length;
  const last = Int32Array.from(prompts, (prompt, row) => flat(row, prompt.length - 1));
  return headLogits(model, rootOf(model, adapter), hidden, last, buffers);
}

/** Keys and values of the first tokens of every prompt. */
export interface SharedPrefix {
  /** In tokens. */
  readonly length: number;
  /** By layer, `[length, K*E]`. */
  readonly layers: readonly { readonly key: Float32Array; readonly value: Float32Array }[];
}

/** Processes the prefix that all prompts share, without their last tokens; `null` if it is too short to pay off. */
export async function readSharedPrefix(
  reading: DecodeContext,
  prompts: readonly Int32Array[],
): Promise<SharedPrefix | null> {
  const length = sharedPrefix(prompts.map(unlabelled));
  const [first] = prompts;
  if (!first || length === 0) return null;
  const { model, adapter, buffers } = reading;
  const batch = layOut([unlabelled(first.subarray(0, length))], model.architecture, false, model.flatFrom);
  const layers: { key: Float32Array; value: Float32Array }[] = [];
  const keep = onLayer(reading, (_, key, value) => layers.push({ key: key.slice(), value: value.slice() }));
  await runForward(model, adapter, batch, buffers, { onLayer: keep });
  return { length, layers };
}

/** Stores the prefix as the first row of a cache. */
function storePrefix({ length, layers }: SharedPrefix, cache: KeyValueCache): void {
  const moves = Array.from({ length }, (_, place): TokenMove => [0, place, place]);
  for (const [layer, { key, value }] of layers.entries()) cache.store(layer, key, value, moves);
  cache.lengths[0] = length;
}
