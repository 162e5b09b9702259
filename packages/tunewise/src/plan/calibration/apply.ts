/** @file Applies calibrations to a plan, and records them. */
import { type Range, type Seconds, seconds } from "@tunewise/core/quantity";
import type { PlanInput } from "../input.ts";
import type { ChosenMemory } from "../local/choose-memory.ts";
import type { PlanCalibration, TimeEstimate } from "../plan.ts";
import { type Calibration, calibrate, calibratedRange } from "./calibrate.ts";

/**
 * Computes the calibrations of a plan: of time from runs with the same kind of estimate (probed or not), of memory from
 * all runs.
 */
export function calibrationsOf({
  finished = [],
  machine,
}: Pick<PlanInput, "finished" | "machine">): Pick<PlanCalibration, "seconds" | "bytes"> {
  const alike = finished.filter(({ isProbed }) => isProbed === (machine.probe !== null));
  return {
    seconds: calibrate(alike.map((run) => [run.plannedSeconds, run.takenSeconds])),
    bytes: calibrate(finished.map((run) => [run.plannedBytes ?? 0, run.takenBytes ?? 0])),
  };
}

/** Applies a calibration to a time estimate, scaling all parts proportionally. */
export function calibratedTime(time: TimeEstimate, calibration: Calibration | null): TimeEstimate {
  if (calibration === null || time.seconds.low <= 0) return time;
  const whole = calibratedRange(time.seconds, calibration, seconds);
  const moved = (part: Range<Seconds>): Range<Seconds> => ({
    low: seconds((part.low * whole.low) / time.seconds.low),
    expected: seconds((part.expected * whole.expected) / time.seconds.expected),
    high: seconds((part.high * whole.high) / time.seconds.high),
  });
  const { low, expected, high } = time.trainTokensPerSecond;
  return {
    ...time,
    parts: time.parts.map((part) => ({ ...part, seconds: moved(part.seconds) })),
    seconds: whole,
    trainTokensPerSecond: {
      low: (low * time.seconds.high) / whole.high,
      expected: (expected * time.seconds.expected) / whole.expected,
      high: (high * time.seconds.low) / whole.low,
    },
  };
}

/** Records the calibrations so that they can be reproduced; `null` if there are none. */
export function recordOf(
  { seconds: bySeconds, bytes: byBytes }: Pick<PlanCalibration, "seconds" | "bytes">,
  { seconds: uncalibratedSeconds }: TimeEstimate,
  { uncalibratedPeak: uncalibratedBytes }: Pick<ChosenMemory, "uncalibratedPeak">,
): PlanCalibration | null {
  if (bySeconds === null && byBytes === null) return null;
  return { seconds: bySeconds, bytes: byBytes, uncalibratedSeconds, uncalibratedBytes };
}
