/**
 * @file Continuous batching: generates continuations of many prompts in a fixed number of slots. Whenever answers end,
 *   the next prompts take their slots.
 *
 *     slot 0   [ prompt 3 | answer 3 ....... ][ prompt 4 | answer 4 ..
 *     slot 1   [ prompt 1 | answer 1 ][ prompt 5 | answer 5 ..........
 */

import { xoshiro128From } from "@tunewise/core/math";
import type { DecodeOptions } from "../engine.ts";
import { Buffers } from "../pass/buffers.ts";
import type { LoadedModel, Tuned } from "../pass/loaded-model.ts";
import { problem } from "../problem/index.ts";
import { KeyValueCache } from "./cache.ts";
import type { DecodeContext } from "./decode-context.ts";
import { readNext } from "./read-next.ts";
import { readPrompts, readSharedPrefix, type SharedPrefix } from "./read-prompts.ts";
import { TokenChooser } from "./token-chooser.ts";

/** A prompt in progress. */
interface Answer {
  /** Index among all prompts. */
  readonly index: number;
  readonly prompt: Int32Array;
  readonly ids: number[];
  /** `null` before the answer begins and after its end, since a constraint takes memory. */
  chooser: TokenChooser | null;
}

/**
 * Continuations without the prompt and without the end token, in the order of the prompts.
 *
 * Each prompt has its own random numbers, so an answer does not depend on its batch. The exception: two tokens whose
 * probabilities differ only by the rounding of float32 sums, whose order depends on the shape of a pass.
 *
 * @throws {TunewiseError} `ENGINE_ROW_TOO_LONG` if a prompt fills the context; `CONSTRAINT_DEAD_END`
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
    return { index, prompt, ids: [], chooser: null };
  });
  // prompts of similar length together: less padding, and answers tend to end together
  const waiting = [...answers].sort((a, b) => a.prompt.length - b.prompt.length || a.index - b.index);
  const reading: DecodeContext = { model, adapter, buffers: new Buffers(), signal: options.signal };
  const stem = await readSharedPrefix(reading, prompts);
  const slots = Math.min(options.batchSize, waiting.length);
  await new Slots(reading, stem, slots, options).answer(waiting);
  return answers.map(({ ids }) => ids);
}

/** The slots of a batch; each is free or has an answer in progress. */
class Slots {
  private readonly reading: DecodeContext;
  private readonly stem: SharedPrefix | null;
  private readonly options: DecodeOptions;
  private cache: KeyValueCache;
  private active: (Answer | null)[];
  /** Slot steps wasted on free slots since the last prefill. */
  private idle = 0;

  constructor(reading: DecodeContext, stem: SharedPrefix | null, slots: number, options: DecodeOptions) {
    this.reading = reading;
    this.stem = stem;
    this.options = options;
    this.cache = KeyValueCache.of(reading.model, slots, 1);
    this.active = Array.from({ length: slots }, () => null);
  }

  async answer(waiting: readonly Answer[]): Promise<void> {
    for (let next = 0; ; ) {
      this.options.signal?.throwIfAborted();
      const free = [...this.active.keys()].filter((slot) => this.active[slot] === null);
      const isEmpty = free.length === this.active.length;
      // a prefill costs one pass over the weights, so free slots wait until they have wasted as much as one pass
      if (next < waiting.length && (isEmpty || this.idle >= this.active.length)) {
        const chosen = waiting.slice(next, next + free.length);
        next += chosen.length;
        this.idle = 0;
        await this.begin(chosen, free.slice(0, chosen.length));
        continue;
      }
      if (isEmpty) return;
      if (next < waiting.length) this.idle += free.length;
      else if (2 * free.length >= this.active.length) this.shrink();
      await this.step();
    }
  }

  private async begin(answers: readonly Answer[], slots: readonly number[]): Promise<void> {
    for (const answer of answers) answer.chooser = chooserOf(answer, this.options);
    const prompts = answers.map(({ prompt }) => prompt);
    const logits = await readPrompts(this.reading, prompts, this.stem, this.cache, slots);
    for (const [at, answer] of answers.entries()) this.add(slots[at] as number, answer, logits, at);
  }

  /**
   * One pass over the newest token of each answer. A free slot gets a placeholder token that nothing attends to: all
   * rows then have the same length, and one program serves all passes.
   */
  private async step(): Promise<void> {
    const newest = this.active.map((answer) => [answer?.ids.at(-1) ?? 0]);
    const asked = this.active.map((answer) => [0, answer ? 1 : 0] as const);
    const logits = await readNext(this.reading, newest, this.cache, asked);
    let at = 0;
    for (const [slot, answer] of this.active.entries()) {
      if (answer) this.add(slot, answer, logits, at++);
      else this.cache.lengths[slot] = 0;
    }
  }

  /** Adds the next token of an answer, from a row of logits, and frees the slot if that ends the answer. */
  private add(slot: number, answer: Answer, logits: Float32Array, row: number): void {
    const { vocabulary, contextLength } = this.reading.model.architecture;
    const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    const isEnd = addToken(answer, own, this.options, contextLength);
    this.active[slot] = isEnd ? null : answer;
    if (!isEnd) return;
    this.cache.lengths[slot] = 0;
    answer.chooser = null;
    this.options.onAnswer?.(answer.index, answer.ids);
  }

  /** Removes the free slots; used when no prompts are waiting. */
  private shrink(): void {
    const slots = [...this.active.keys()].filter((slot) => this.active[slot] !== null);
    this.cache = this.cache.pick(slots);
    this.active = slots.map((slot) => this.active[slot] ?? null);
  }
}

function chooserOf({ index }: Answer, options: DecodeOptions): TokenChooser {
  const own = options.constraintOf?.(index);
  const { temperature, topP, endIds, constraint } = options;
  const kept = own === undefined ? constraint : own;
  const choosing = { temperature, topP, endIds, ...(kept && { constraint: kept }) };
  return new TokenChooser(choosing, xoshiro128From(options.seed, index));
}

/** Chooses the next token of an answer; returns whether the answer has ended. */
function addToken(
  { index, prompt, ids, chooser }: Answer,
  logits: Float32Array,
  options: DecodeOptions,
  contextLength: number,
): boolean {
  if (chooser === null) throw new Error("Internal: an answer that has not begun");
  const id = chooser.choose(logits);
  if (id === null) return true;
  ids.push(id);
  options.onToken?.(index, id);
  if (chooser.isComplete) return true;
  return ids.length >= options.maxNewTokens || prompt.length + ids.length >= contextLength;
}
