/**
 * @file Decides from measured pass times whether drafting pays off.
 *
 * A pass over several tokens of a row takes longer than a pass over one. It yields one token more than the drafted
 * tokens that were accepted.
 */
import type { AnswerOptions } from "../engine.ts";

/** Maximum tokens per draft. */
const maxDraft = 7;
/** Passes of each kind measured before comparing; the first pass is excluded because it may have to build programs. */
const measuredFirst = 3;
/** Number of passes after which the slower kind is tried again. */
const retryAfter = 24;
/** Weight of the newest pass in the moving average rate of its kind. */
const newest = 0.25;

/** A kind of pass: with drafts or without. */
interface Kind {
  passes: number;
  tokensPerSecond: number;
}

/** Decides for each pass of a row whether to draft tokens. */
export class Speculation {
  private readonly seconds: () => number;
  private readonly kinds = { drafted: fresh(), plain: fresh() };
  private sinceRetry = 0;
  private started = 0;
  /** Duration of the pass that has ended and is not recorded yet; `null` if there is none. */
  private passSeconds: number | null = null;

  /** @param seconds a clock */
  constructor(seconds: () => number) {
    this.seconds = seconds;
  }

  /** Starts timing a pass; returns the maximum number of tokens to draft for it. */
  begin(): number {
    this.started = this.seconds();
    const { drafted, plain } = this.kinds;
    if (drafted.passes <= measuredFirst) return maxDraft;
    if (plain.passes <= measuredFirst) return 0;
    const isBetter = drafted.tokensPerSecond > plain.tokensPerSecond;
    return isBetter === this.sinceRetry < retryAfter ? maxDraft : 0;
  }

  /** Stops timing the pass; processing its result does not count. */
  end(): void {
    this.passSeconds = this.seconds() - this.started;
  }

  /**
   * Records the number of drafted tokens and of generated tokens of the last pass. A pass without `begin`, such as the
   * prompt's, counts for neither kind.
   */
  note(draftedTokens: number, tokens: number): void {
    if (this.passSeconds === null) return;
    const kind = draftedTokens > 0 ? this.kinds.drafted : this.kinds.plain;
    const rate = tokens / Math.max(this.passSeconds, 1e-9);
    this.passSeconds = null;
    if (kind.passes === 1) kind.tokensPerSecond = rate;
    if (kind.passes > 1) kind.tokensPerSecond += newest * (rate - kind.tokensPerSecond);
    kind.passes++;
    this.sinceRetry = this.sinceRetry >= retryAfter ? 0 : this.sinceRetry + 1;
  }
}

/** The clock for timing drafts; `null` if drafting is off. Sampled tokens cannot be drafted. */
export function draftClock(
  options: Pick<AnswerOptions, "temperature" | "lookUpClock">,
): (() => number) | null {
  return options.temperature <= 0 ? (options.lookUpClock ?? null) : null;
}

function fresh(): Kind {
  return { passes: 0, tokensPerSecond: 0 };
}
