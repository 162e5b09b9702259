/**
 * @file What was forgotten at a step, as plain numbers.
 */

/** One look at a small sample, against the base model on the same sample; `null`: not measured, or no number. */
export interface ForgettingPoint {
  readonly step: number;
  /** Share by which the perplexity of general text rose, and its 95 % interval. */
  readonly perplexityRise: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Share of right answers lost. */
  readonly taskDrop: number | null;
  /** Mean probability of the right choice that was lost: moves before answers do. */
  readonly probabilityDrop: number | null;
  /** Nats per place between the next words of both models. */
  readonly kl: number | null;
}
