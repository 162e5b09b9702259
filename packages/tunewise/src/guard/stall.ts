/** @file The stall guard: stops a run that reports nothing, because it costs as much as one that makes progress. */
import { type Seconds, secondsText } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";

/** Input of the stall guard. */
export interface StallState {
  /** Time since the last report. */
  readonly silent: Seconds;
  /** Max. time without a report. */
  readonly limit: Seconds;
  /** Steps completed, for the message. */
  readonly step: number;
}

/** Checks whether a run that should report regularly has been silent for too long. */
export function checkStall({ silent, limit, step }: StallState): Verdict {
  if (silent < limit) return { act: "go-on" };
  const sentence = `Stopped after step ${step}: nothing was reported for ${secondsText(silent)}; asked to save and stop.`;
  return { act: "stop", by: "guard", guard: "stall", sentence };
}
