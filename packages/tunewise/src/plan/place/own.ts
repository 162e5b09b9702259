/** @file The user's own machine with GPUs, local or behind SSH: the run as the worker would compute it there. */
import { type Bytes, bytes, cost, type Range, range, seconds } from "@tunewise/core/quantity";
import { calibrate, calibratedRange, type FinishedRun } from "../calibration/calibrate.ts";
import type { Ground } from "../evidence.ts";
import { rangeOf } from "../range-arithmetic.ts";
import { overheads } from "../stack/estimate.ts";
import { estimatePlace, type Spending } from "./estimate.ts";
import type { Job } from "./job.ts";
import { fitsOf, type OwnMachine, type PlaceEstimate } from "./place.ts";

/** The job as the worker computes it: each batch of the recipe is divided among the cards. */
export function ownJob(job: Job, { sharding }: OwnMachine): Job {
  return { ...job, hasFixedRows: true, sharding };
}

/** Estimates a run on the user's own cards, calibrated by finished runs on such cards. */
export function estimateOwn(job: Job, own: OwnMachine, spending: Spending): PlaceEstimate {
  const place = estimatePlace(ownJob(job, own), own.placement, spending, new Map());
  const time = calibrate(own.finished.map((run) => [run.plannedSeconds, run.takenSeconds]));
  const reserved = calibrate(own.finished.map((run) => [run.plannedBytes ?? 0, run.takenBytes ?? 0]));
  const length = place.seconds && calibratedRange(place.seconds, time, seconds);
  const size = place.memory && calibratedRange(place.memory.bytes, reserved, bytes);
  const ground = (runs: number | undefined, other: Ground): Ground =>
    runs === undefined ? other : { by: "runs", compared: "this-card" };
  return {
    ...place,
    memory: place.memory && size && { ...place.memory, bytes: size },
    fits: place.memory && size ? fitsOf(size, place.memory.usableBytes) : place.fits,
    seconds: length,
    runUsd: length ? rangeOf(length, (one) => cost(place.usdPerHour, seconds(one))) : place.runUsd,
    restsOn: place.restsOn && {
      memory: ground(reserved?.runs, place.restsOn.memory),
      time: ground(time?.runs, place.restsOn.time),
    },
    uncalibrated: place.seconds && place.memory && { seconds: place.seconds, bytes: place.memory.bytes },
  };
}

/** Planned memory that PyTorch reserves on one card of a placement, excluding the driver's context. */
export function reservedBytes({ memory }: PlaceEstimate): Range<Bytes> | null {
  return memory && withoutContext(memory.bytes);
}

function withoutContext({ low, expected, high }: Range<Bytes>): Range<Bytes> {
  const { minContextBytes, contextBytes, maxContextBytes } = overheads;
  const less = (size: Bytes, context: number): Bytes => bytes(Math.max(0, size - context));
  return range(less(low, minContextBytes), less(expected, contextBytes), less(high, maxContextBytes));
}

/** Creates a finished run on cards of one name from its planned and actual values. */
export function finishedOn(
  { uncalibrated }: PlaceEstimate,
  taken: { readonly seconds: number; readonly reservedBytes: number | null },
): FinishedRun | null {
  if (!uncalibrated) return null;
  return {
    plannedSeconds: uncalibrated.seconds.expected,
    takenSeconds: taken.seconds,
    plannedBytes: taken.reservedBytes === null ? null : withoutContext(uncalibrated.bytes).expected,
    takenBytes: taken.reservedBytes,
    isProbed: false,
  };
}
