/** @file The stall guard: a run that reports nothing costs as much as one that computes. */
import { type Seconds, secondsText } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";

/** Input of the stall guard. */
export interface StallState {
  /** How long nothing was reported. */
  readonly silent: Seconds;
  /** How long nothing may be reported. */
  readonly limit: Seconds;
  /** Steps completed, for the sentence. */
  readonly step: number;
}

/** Checks whether a run that is to report something soon is silent for too long. */
export function checkStall({ silent, limit, step }: StallState): Verdict {
  if (silent < limit) return { act: "go-on" };
  const sentence = `Stopped after step ${step}: nothing was reported for ${secondsText(silent)}; asked to save and stop.`;
  return { act: "stop", by: "guard", guard: "stall", sentence };
}
