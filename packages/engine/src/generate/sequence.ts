/** @file One answer of a pool: chooses its tokens from logits, and hands them to its reader. */
import { xoshiro128From } from "@tunewise/core/math";
import type { AnswerOptions, AnswerToken } from "../engine.ts";
import { likelihoods } from "./likelihood.ts";
import { PromptLookup } from "./prompt-lookup.ts";
import { draftClock, Speculation } from "./speculation.ts";
import { TokenChooser } from "./token-chooser.ts";

const unscored = { own: null, likeliest: [] } as const;

/** An answer in progress. */
export class Sequence {
  /** Index of its adapter. */
  readonly adapter: number;
  readonly prompt: Int32Array;
  /** Tokens whose keys and values are cached. */
  readonly tokens: number[] = [];
  /** The last chosen token, not computed yet, and the tokens drafted after it. */
  next: readonly number[] = [];
  private readonly options: AnswerOptions;
  private readonly limit: number;
  private readonly chooser: TokenChooser;
  private readonly lookup: PromptLookup | null;
  private readonly speculation: Speculation | null;
  private readonly ready: AnswerToken[] = [];
  private count = 0;
  /** Whether the current pass counts for the decision to draft. */
  private isTimed = false;
  private ended = false;
  private left = false;
  private failure: unknown = null;
  private wake: (() => void) | null = null;

  /** @param limit maximum tokens of the answer */
  constructor(adapter: number, prompt: Int32Array, options: AnswerOptions, limit: number) {
    this.adapter = adapter;
    this.prompt = prompt;
    this.options = options;
    this.limit = limit;
    this.chooser = new TokenChooser(options, xoshiro128From(options.seed, 0));
    const clock = draftClock(options);
    this.lookup = clock && new PromptLookup(prompt);
    this.speculation = clock && new Speculation(clock);
  }

  /** Whether it needs no further pass: it has ended, its reader left, or it was aborted. */
  get isOver(): boolean {
    return this.ended || this.left || this.options.signal?.aborted === true;
  }

  /**
   * Chooses tokens from the logits after `next`, one row per token. Returns how many of the computed tokens were right.
   *
   * @param logits of one row of tokens, `[1 + drafted, V]`
   */
  accept(logits: Float32Array, vocabulary: number): number {
    if (this.isTimed) this.speculation?.end();
    this.isTimed = false;
    const draft = this.next.slice(1);
    for (let right = 0; ; right++) {
      const own = logits.subarray(right * vocabulary, (right + 1) * vocabulary);
      const id = this.chooser.choose(own);
      if (id !== null) this.add(id, own);
      if (id === null || this.chooser.isComplete || this.count >= this.limit) {
        this.end();
        return right;
      }
      if (id === draft[right]) continue;
      this.speculation?.note(draft.length, right + 1);
      this.next = [id];
      return right;
    }
  }

  /** Drafts tokens after the next one, if that pays off. Only for a sequence that is computed alone. */
  draft(): void {
    this.isTimed = this.speculation !== null;
    const most = Math.min(this.speculation?.begin() ?? 0, this.limit - this.count - 1);
    if (most > 0) this.next = [...this.next.slice(0, 1), ...(this.lookup?.draft(most) ?? [])];
  }

  /** Ends the answer, with the error that its reader receives. */
  end(failure: unknown = null): void {
    this.ended = true;
    this.failure = failure;
    this.wake?.();
  }

  /** The tokens as they are chosen. @throws the failure, or the reason of the abort */
  async *read(): AsyncGenerator<AnswerToken, void> {
    const { signal } = this.options;
    const onAbort = (): void => this.wake?.();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      for (;;) {
        signal?.throwIfAborted();
        const token = this.ready.shift();
        if (token) yield token;
        else if (this.failure !== null) throw this.failure;
        else if (this.ended) return;
        else
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.left = true;
    }
  }

  private add(id: number, logits: Float32Array): void {
    const { alternatives } = this.options;
    this.count++;
    this.lookup?.add(id);
    const scored = alternatives === undefined ? unscored : likelihoods(logits, id, alternatives);
    this.ready.push({
      id,
      logProbability: scored.own?.logProbability ?? null,
      alternatives: scored.likeliest,
    });
    this.wake?.();
  }
}
