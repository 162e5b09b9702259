/**
 * @file Continuous batching of sequences that share the base's weights: each pass computes one token of every sequence,
 *   and sequences join and leave between passes.
 *
 *     pass     1   2   3   4   5   6        A prompt is processed beside the batch, in portions, so that the others
 *     slot 0   a   a   a   -   d   d        wait for one portion at most. Then its keys and values enter a slot.
 *     slot 1   b   b   b   b   b   b
 *     prompts  c   c       d
 *
 * @source Yu et al. 2022, Orca (OSDI), section 3.1: scheduling by step; prompts in portions: Agrawal et al. 2024
 *   (arXiv 2403.02310, Sarathi-Serve), section 4.1
 */

import { Buffers } from "../pass/buffers.ts";
import type { LoadedModel, Tuned } from "../pass/loaded-model.ts";
import { KeyValueCache } from "./cache.ts";
import type { DecodeContext } from "./decode-context.ts";
import type { LoraStack } from "./lora-stack.ts";
import { type CachedRow, PrefixStore } from "./prefix-store.ts";
import { readNext } from "./read-next.ts";
import type { Sequence } from "./sequence.ts";

/** Prompt tokens of one sequence per pass. */
const portionTokens = 256;
/** Prompt tokens of several sequences per pass, including padding. */
const promptTokensAtOnce = 512;
/** Maximum scores per head of a pass over several prompts. */
const maxScores = 2 ** 21;

/** The base's weights, and how adapters change them. */
export interface GroupWeights {
  /** Weights that all sequences use in place of the base's; `null` for the base. */
  readonly tuned: Tuned | null;
  /** Adapters of single sequences, and the index in it of each adapter of the pool; -1 for the base. */
  readonly stack: LoraStack | null;
  readonly placeOf: (adapter: number) => number;
}

/** Prompts that are being processed, in the rows of a cache of their own. */
interface Prefill {
  readonly sequences: readonly Sequence[];
  readonly cache: KeyValueCache;
}

/** Sequences that are computed together. */
export class SlotGroup {
  private readonly model: LoadedModel;
  private readonly weights: GroupWeights;
  private readonly maxSlots: number;
  private readonly buffers = new Buffers();
  private readonly store = new PrefixStore();
  private waiting: Sequence[] = [];
  private prefill: Prefill | null = null;
  private slots: (Sequence | null)[] = [];
  private cache: KeyValueCache;

  constructor(model: LoadedModel, weights: GroupWeights, maxSlots: number) {
    this.model = model;
    this.weights = weights;
    this.maxSlots = maxSlots;
    this.cache = KeyValueCache.of(model, 1, 1);
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.prefill === null && this.active.length === 0;
  }

  add(sequence: Sequence): void {
    this.waiting.push(sequence);
  }

  /** Number of leading tokens of a prompt that need not be computed. */
  cachedTokens(adapter: number, prompt: Int32Array): number {
    return this.store.find(adapter, prompt, this.activeRows())?.length ?? 0;
  }

  /** One portion of prompts, if any wait, and one token of every active sequence. */
  async turn(): Promise<void> {
    this.release();
    await this.readPrompts();
    this.release();
    this.shrink();
    if (this.active.length > 0) await this.step();
    this.release();
  }

  /** Ends all sequences with an error. */
  fail(error: unknown): void {
    const all = [...this.waiting, ...(this.prefill?.sequences ?? []), ...this.active];
    for (const sequence of all) sequence.end(error);
    this.waiting = [];
    this.prefill = null;
    this.slots = [];
    this.cache = KeyValueCache.of(this.model, 1, 1);
  }

  private get active(): readonly Sequence[] {
    return this.slots.filter((sequence) => sequence !== null);
  }

  private activeRows(): CachedRow[] {
    return this.slots.flatMap((sequence, slot) =>
      sequence ? { adapter: sequence.adapter, tokens: sequence.tokens, cache: this.cache, slot } : [],
    );
  }

  /** Frees the slots of sequences that are over, and keeps their keys and values. */
  private release(): void {
    this.waiting = this.waiting.filter(({ isOver }) => !isOver);
    if (this.prefill?.sequences.every(({ isOver }) => isOver)) this.prefill = null;
    for (const row of this.activeRows()) {
      if (!this.slots[row.slot]?.isOver) continue;
      this.store.keep(row);
      this.slots[row.slot] = null;
      this.cache.lengths[row.slot] = 0;
    }
  }

  /** Removes free slots if they are many: each takes the time of a sequence. */
  private shrink(): void {
    const taken = [...this.slots.keys()].filter((slot) => this.slots[slot] !== null);
    const free = this.slots.length - taken.length;
    if (free === 0 || this.waiting.length > 0 || this.prefill || 4 * free < this.slots.length) return;
    this.resize(taken, Math.max(1, taken.length));
  }

  /** Moves the given slots to the first ones of a cache with `count` slots. */
  private resize(taken: readonly number[], count: number): void {
    const longest = Math.max(1, ...taken.map((slot) => this.cache.lengths[slot] as number));
    const cache = KeyValueCache.of(this.model, count, longest);
    for (const [at, slot] of taken.entries()) cache.copyRow(at, this.cache, slot);
    const moved = taken.map((slot) => this.slots[slot] ?? null);
    this.slots = Array.from({ length: count }, (_, at) => moved[at] ?? null);
    this.cache = cache;
  }

  /** Processes a portion of the first prompts, and moves those that are complete into slots. */
  private async readPrompts(): Promise<void> {
    this.prefill ??= this.beginPrefill();
    if (!this.prefill) return;
    const { sequences, cache } = this.prefill;
    const portions = sequences.map(({ prompt, tokens }) =>
      prompt.subarray(tokens.length, tokens.length + portionTokens),
    );
    const logits = await this.pass(sequences, portions, cache, true);
    const { vocabulary } = this.model.architecture;
    for (const [row, sequence] of sequences.entries()) {
      sequence.tokens.push(...(portions[row] ?? []));
      if (sequence.tokens.length < sequence.prompt.length || sequence.isOver) continue;
      this.choose(sequence, logits.subarray(row * vocabulary, (row + 1) * vocabulary));
    }
    if (sequences.some(({ prompt, tokens, isOver }) => !isOver && tokens.length < prompt.length)) return;
    this.prefill = null;
    this.makeRoom(sequences.filter(({ isOver }) => !isOver).length);
    for (const [row, sequence] of sequences.entries()) {
      const done = { adapter: sequence.adapter, tokens: sequence.tokens, cache, slot: row };
      if (sequence.isOver) this.store.keep(done);
      else this.place(sequence, cache, row);
    }
  }

  /** The next prompts to process together: a long one alone, or several short ones. */
  private beginPrefill(): Prefill | null {
    const chosen: { readonly sequence: Sequence; readonly rest: number }[] = [];
    let most = 0;
    let longest = 0;
    while (this.waiting.length > 0 && chosen.length < this.maxSlots - this.active.length) {
      const [sequence] = this.waiting as [Sequence];
      const rest = sequence.prompt.length - this.cachedTokens(sequence.adapter, sequence.prompt);
      most = Math.max(most, rest);
      longest = Math.max(longest, sequence.prompt.length);
      const tokens = most * (chosen.length + 1);
      const fits = most <= portionTokens && tokens <= promptTokensAtOnce && tokens * longest <= maxScores;
      if (chosen.length > 0 && !fits) break;
      chosen.push({ sequence, rest });
      this.waiting.shift();
    }
    if (chosen.length === 0) return null;
    const cache = KeyValueCache.of(this.model, chosen.length, Math.max(1, longest));
    for (const [row, { sequence }] of chosen.entries()) {
      const prefix = this.store.find(sequence.adapter, sequence.prompt, this.activeRows());
      if (!prefix) continue;
      cache.copyRow(row, prefix.row.cache, prefix.row.slot, prefix.length);
      sequence.tokens.push(...sequence.prompt.subarray(0, prefix.length));
      this.store.use(prefix);
    }
    return { sequences: chosen.map(({ sequence }) => sequence), cache };
  }

  /** Adds slots until `count` are free, and already those of the prompts that wait. */
  private makeRoom(count: number): void {
    const missing = count - (this.slots.length - this.active.length);
    if (missing <= 0) return;
    const slots = Math.min(this.maxSlots, this.slots.length + missing + this.waiting.length);
    this.resize([...this.slots.keys()], slots);
  }

  /** Copies a processed prompt into a free slot. */
  private place(sequence: Sequence, cache: KeyValueCache, row: number): void {
    const slot = this.slots.indexOf(null);
    if (slot < 0) throw new Error("Internal: a processed prompt without a slot");
    this.cache.copyRow(slot, cache, row);
    this.slots[slot] = sequence;
  }

  /** Computes the next token of every active sequence. A sequence that is alone may draft more. */
  private async step(): Promise<void> {
    const { slots, cache } = this;
    const [only] = slots;
    if (slots.length === 1 && only) only.draft();
    const rows = slots.map((sequence) => sequence?.next ?? [0]);
    const logits = await this.pass(slots, rows, cache, false);
    const { vocabulary } = this.model.architecture;
    let from = 0;
    for (const [slot, sequence] of slots.entries()) {
      if (!sequence) {
        cache.lengths[slot] = 0;
        continue;
      }
      const computed = rows[slot] ?? [];
      const own = logits.subarray(from * vocabulary, (from + computed.length) * vocabulary);
      from += computed.length;
      const right = this.choose(sequence, own);
      sequence.tokens.push(...computed.slice(0, 1 + right));
      cache.lengths[slot] = sequence.tokens.length;
    }
  }

  /** An error in choosing, such as a constraint without a continuation, concerns one sequence only. */
  private choose(sequence: Sequence, logits: Float32Array): number {
    try {
      return sequence.accept(logits, this.model.architecture.vocabulary);
    } catch (error) {
      sequence.end(error);
      return 0;
    }
  }

  /** @returns logits after the last token of each row of a prompt, or after all tokens of each sequence */
  private async pass(
    sequences: readonly (Sequence | null)[],
    rows: readonly (readonly number[] | Int32Array)[],
    cache: KeyValueCache,
    isPrompt: boolean,
  ): Promise<Float32Array> {
    const { stack, tuned, placeOf } = this.weights;
    const places = sequences.map((sequence) => (sequence ? placeOf(sequence.adapter) : -1));
    const context: DecodeContext = {
      model: this.model,
      adapter: tuned,
      buffers: this.buffers,
      signal: undefined,
      ...(stack ? { rowAdapters: stack.rows(places) } : {}),
    };
    const asked = rows.map(({ length }, row) =>
      isPrompt ? ([length - 1, length] as const) : ([0, sequences[row] ? length : 0] as const),
    );
    return readNext(context, rows, cache, asked, isPrompt ? "ragged" : null);
  }
}
