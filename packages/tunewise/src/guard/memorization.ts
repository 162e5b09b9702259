/**
 * @file The memorization guard: checks after training whether the model improved more on its training rows than on
 *   held-out rows.
 */
import type { Verdict } from "@tunewise/core/run";

/** Input of the memorization guard. */
export interface MemorizationState {
  /** Gain on training rows minus gain on held-out rows, in nats per token, with its 95 % confidence interval. */
  readonly gap: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Gain on held-out rows, in nats per token. */
  readonly heldOutGain: number;
  /** Prefixes of training answers that were completed verbatim. */
  readonly memorized: { readonly rows: number; readonly base: number; readonly tuned: number } | null;
  /** Step of the result, and step of the lowest validation loss; `null` if none was measured. */
  readonly keptStep: number;
  readonly best: { readonly step: number; readonly loss: number; readonly keptLoss: number | null } | null;
}

/** Reported from this share of prefixes on that the tuned model, but not the base model, completes verbatim. */
const memorizedShare = 0.1;

/**
 * Reports that held-out rows got worse while training rows got better, that answers were memorized verbatim, or
 * that another checkpoint was better.
 */
export function checkMemorization(state: MemorizationState): Verdict {
  const told = [...gapSentences(state), ...verbatimSentences(state), ...checkpointSentences(state)];
  if (told.length === 0) return { act: "go-on" };
  return { act: "warn", guard: "overfitting", sentence: told.join(" ") };
}

function gapSentences({ gap, interval, heldOutGain }: MemorizationState): string[] {
  if (interval === null || interval.low <= 0 || heldOutGain >= 0) return [];
  // a model that also got worse on the training rows has not memorized them
  if (heldOutGain + gap <= 0) return [];
  const bounds = `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`;
  return [
    `Training rows gained ${gap.toFixed(2)} nats a token more than held-out rows (${bounds}), which got worse by ` +
      `${(-heldOutGain).toFixed(2)}: the model memorized its rows.`,
  ];
}

function verbatimSentences({ memorized }: MemorizationState): string[] {
  if (memorized === null) return [];
  const { rows, base, tuned } = memorized;
  if (tuned - base < memorizedShare * rows || tuned - base < 2) return [];
  return [
    `${tuned} of ${rows} training answers are completed word for word from their first half ` +
      `(${base} by the base model).`,
  ];
}

function checkpointSentences({ keptStep, best }: MemorizationState): string[] {
  if (best === null || best.keptLoss === null || best.keptLoss <= best.loss) return [];
  return [
    `Step ${best.step} had the lowest validation loss, ${best.loss.toPrecision(4)} against ` +
      `${best.keptLoss.toPrecision(4)} at step ${keptStep}, which was kept: tunewise run --checkpoint best.`,
  ];
}
