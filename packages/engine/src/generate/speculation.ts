/**
 * @file Decides from measured times whether drafts pay: a pass over several tokens of a row costs more than a pass
 *   over one, and gives as many tokens as were drafted right, and one more.
 */
import type { AnswerOptions } from "../engine.ts";

/** Most tokens of a draft. */
const draftMost = 7;
/** Passes of each kind that are measured before they are compared; the first of a kind is not, as it may build programs. */
const measuredFirst = 3;
/** After so many passes of the better kind the other one is tried again. */
const retryAfter = 24;
/** Weight of the newest pass in the mean rate of its kind. */
const newest = 0.25;

/** A kind of pass: with drafts or without. */
interface Kind {
  passes: number;
  tokensPerSecond: number;
}

/** The decision for one row after another. */
export class Speculation {
  private readonly seconds: () => number;
  private readonly kinds = { drafted: fresh(), plain: fresh() };
  private sinceRetry = 0;
  private started = 0;
  /** Of the pass that has ended and is not noted; `null` if there is none. */
  private passSeconds: number | null = null;

  /** @param seconds a clock */
  constructor(seconds: () => number) {
    this.seconds = seconds;
  }

  /** Begins a pass; returns the most tokens that may be drafted for it. */
  begin(): number {
    this.started = this.seconds();
    const { drafted, plain } = this.kinds;
    if (drafted.passes <= measuredFirst) return draftMost;
    if (plain.passes <= measuredFirst) return 0;
    const isBetter = drafted.tokensPerSecond > plain.tokensPerSecond;
    return isBetter === this.sinceRetry < retryAfter ? draftMost : 0;
  }

  /** The pass is over; what is done with its result does not count. */
  end(): void {
    this.passSeconds = this.seconds() - this.started;
  }

  /**
   * Notes what the last pass gave: tokens that were drafted, and tokens that were said. A pass that was not begun, such
   * as the prompt's, counts for neither kind.
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

/** The clock that drafts are timed by; `null` if nothing is drafted, as what is drawn at random cannot be. */
export function draftClock(
  options: Pick<AnswerOptions, "temperature" | "lookUpClock">,
): (() => number) | null {
  return options.temperature <= 0 ? (options.lookUpClock ?? null) : null;
}

function fresh(): Kind {
  return { passes: 0, tokensPerSecond: 0 };
}
