/**
 * @file Overfitting after the fact: whether the result knows its training rows better than rows of the same kind.
 */
import type { Verdict } from "../run/index.ts";

/** All that the guard looks at. */
export interface MemorizationState {
  /** Gain on training rows less gain on held-out rows, in nats per token, with its 95 % interval. */
  readonly gap: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Gain on held-out rows, in nats per token. */
  readonly heldOutGain: number;
  /** Beginnings of training answers that were gone on with word for word. */
  readonly memorised: { readonly rows: number; readonly base: number; readonly tuned: number } | null;
  /** Step of the result, and that of the lowest validation loss; `null`: none was measured. */
  readonly keptStep: number;
  readonly best: { readonly step: number; readonly loss: number; readonly keptLoss: number | null } | null;
}

/** Share of beginnings gone on with word for word from which on it is said, where the base did not. */
const memorisedShare = 0.1;

/**
 * Speaks where held-out rows got worse while training rows got better, where answers were learned word for word, or
 * where another checkpoint was better.
 */
export function checkMemorization(state: MemorizationState): Verdict {
  const told = [...gapSaid(state), ...memorySaid(state), ...checkpointSaid(state)];
  if (told.length === 0) return { act: "go-on" };
  return { act: "warn", guard: "overfitting", sentence: told.join(" ") };
}

function gapSaid({ gap, interval, heldOutGain }: MemorizationState): string[] {
  if (interval === null || interval.low <= 0 || heldOutGain >= 0) return [];
  // who lost on the training rows as well has learned nothing of them
  if (heldOutGain + gap <= 0) return [];
  const bounds = `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`;
  return [
    `Training rows gained ${gap.toFixed(2)} nats a token more than held-out rows (${bounds}), which got worse by ` +
      `${(-heldOutGain).toFixed(2)}: the model learned its rows by heart.`,
  ];
}

function memorySaid({ memorised }: MemorizationState): string[] {
  if (memorised === null) return [];
  const { rows, base, tuned } = memorised;
  if (tuned - base < memorisedShare * rows || tuned - base < 2) return [];
  return [
    `${tuned} of ${rows} training answers are gone on with word for word from their first half ` +
      `(${base} by the base model).`,
  ];
}

function checkpointSaid({ keptStep, best }: MemorizationState): string[] {
  if (best === null || best.keptLoss === null || best.keptLoss <= best.loss) return [];
  return [
    `Step ${best.step} had the lowest validation loss, ${best.loss.toPrecision(4)} against ` +
      `${best.keptLoss.toPrecision(4)} at step ${keptStep}, which was kept: tunewise run --pick best.`,
  ];
}
