/**
 * @file Answers prompts one after the other and keeps the KV cache, so that a prompt that extends the last one only
 *   computes its new tokens.
 *
 *     cached   [ system, question 1, answer 1 ]
 *     prompt   [ system, question 1, answer 1, question 2 ]      only question 2 is computed
 *     prompt   [ system, question 3 ]                            everything after the system text is evicted first
 */

import { xoshiro128From } from "@tunewise/core/math";
import type { AnswerOptions, AnswerToken, Conversation } from "../engine.ts";
import { Buffers } from "../pass/buffers.ts";
import type { LoadedModel, Tuned } from "../pass/loaded-model.ts";
import { problem } from "../problem/index.ts";
import { KeyValueCache } from "./cache.ts";
import { likelihoods } from "./likelihood.ts";
import { PromptLookup } from "./prompt-lookup.ts";
import { readNext } from "./read-next.ts";
import { draftClock, Speculation } from "./speculation.ts";
import { TokenChooser } from "./token-chooser.ts";

/** Prompt tokens per pass: enough to keep the cores busy, with small attention scores. */
const tokensAtOnce = 256;

/** A conversation: a KV cache of one row, and the tokens it holds. */
export class CachedConversation implements Conversation {
  private readonly model: LoadedModel;
  private readonly adapter: Tuned | null;
  private readonly buffers = new Buffers();
  private readonly cache: KeyValueCache;
  /** Tokens whose keys and values the cache holds. */
  private readonly tokens: number[] = [];
  private busy = false;

  constructor(model: LoadedModel, adapter: Tuned | null) {
    this.model = model;
    this.adapter = adapter;
    this.cache = KeyValueCache.of(model, 1, 1);
  }

  cachedTokens(prompt: Int32Array): number {
    // the last token is always computed, because its logits are not cached
    const most = Math.min(this.tokens.length, prompt.length - 1);
    let shared = 0;
    while (shared < most && this.tokens[shared] === prompt[shared]) shared++;
    return shared;
  }

  /** @throws {TunewiseError} `ENGINE_ROW_TOO_LONG`, `CONSTRAINT_DEAD_END` */
  async *answer(prompt: Int32Array, options: AnswerOptions): AsyncGenerator<AnswerToken, void> {
    const limit = this.model.architecture.contextLength;
    if (prompt.length >= limit) throw problem("ENGINE_ROW_TOO_LONG", { found: prompt.length + 1, limit });
    if (this.busy) throw new Error("Internal: a conversation answers one prompt at a time");
    this.busy = true;
    try {
      const most = Math.min(options.maxNewTokens, limit - prompt.length);
      yield* this.tokensAfter(prompt, this.keep(prompt), { ...options, maxNewTokens: most });
    } finally {
      this.busy = false;
    }
  }

  private async *tokensAfter(
    prompt: Int32Array,
    kept: number,
    options: AnswerOptions,
  ): AsyncGenerator<AnswerToken, void> {
    const { maxNewTokens, alternatives = null, signal } = options;
    const { vocabulary } = this.model.architecture;
    const chooser = new TokenChooser(options, xoshiro128From(options.seed, 0));
    const clock = draftClock(options);
    const lookup = clock && new PromptLookup(prompt);
    const speculation = clock && new Speculation(clock);
    let logits = await this.read(prompt.subarray(kept), signal);
    let draft: number[] = [];
    /** Number of accepted drafted tokens. */
    let right = 0;
    for (let count = 1; count <= maxNewTokens; count++) {
      signal?.throwIfAborted();
      const own = logits.subarray(right * vocabulary, (right + 1) * vocabulary);
      const id = chooser.choose(own);
      const isRight = id !== null && id === draft[right];
      const isLast = id === null || chooser.isComplete || count === maxNewTokens;
      if (isLast || !isRight) this.forget(draft.length - right);
      if (id === null) return;
      lookup?.add(id);
      const scored = alternatives === null ? unscored : likelihoods(own, id, alternatives);
      yield { id, logProbability: scored.own?.logProbability ?? null, alternatives: scored.likeliest };
      if (isLast) return;
      right++;
      if (isRight) continue;
      speculation?.note(draft.length, right);
      const most = Math.min(speculation?.begin() ?? 0, maxNewTokens - count - 1);
      draft = lookup?.draft(most) ?? [];
      right = 0;
      logits = await this.read(Int32Array.of(id, ...draft), signal, 1 + draft.length);
      speculation?.end();
    }
  }

  /** Removes the last tokens from the cache. */
  private forget(count: number): void {
    this.tokens.length -= count;
    this.cache.lengths[0] = this.tokens.length;
  }

  /** Keeps the longest cached prefix of the prompt and evicts the rest. Returns its length. */
  private keep(prompt: Int32Array): number {
    const kept = this.cachedTokens(prompt);
    this.tokens.length = kept;
    this.cache.lengths[0] = kept;
    return kept;
  }

  /**
   * Processes tokens into the cache and returns the logits after the last ones, `[asked, V]`. After an abort the cache
   * keeps the tokens processed so far.
   */
  private async read(ids: Int32Array, signal: AbortSignal | undefined, asked = 1): Promise<Float32Array> {
    const { model, adapter, buffers, cache, tokens } = this;
    let logits: Float32Array = new Float32Array(0);
    for (let from = 0; from < ids.length; from += tokensAtOnce) {
      signal?.throwIfAborted();
      const portion = ids.subarray(from, from + tokensAtOnce);
      const range = [portion.length - asked, portion.length] as const;
      logits = await readNext({ model, adapter, buffers, signal }, [portion], cache, [range]);
      tokens.push(...portion);
    }
    return logits;
  }
}

const unscored = { own: null, likeliest: [] } as const;
