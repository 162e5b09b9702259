/**
 * @file Trains a segment of a trial in a separate process, so that several trials run in parallel. If the process ends
 * without a result, the trial has failed.
 */

import type { EventBody } from "@tunewise/core/run";
import { openRuns } from "@tunewise/tracker";
import { processExecutor } from "../../executors/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { BegunRun } from "../train/index.ts";
import type { PreparedTrial } from "./prepare-trial.ts";
import { pauseChange, type SegmentRequest, type SegmentResult, trainSegment } from "./train-segment.ts";

/**
 * Trains a segment. If an earlier execution finished it, returns the recorded result.
 *
 * @param signal on abort, the process saves and ends, and the segment counts as interrupted
 * @throws {TunewiseError} those of `trainSegment`
 */
export async function trainInProcess(
  place: BegunRun,
  trial: PreparedTrial,
  request: SegmentRequest,
  runtime: Runtime,
  signal: AbortSignal,
  watch: (event: EventBody) => void,
): Promise<SegmentResult> {
  const stoppable = { ...runtime, signal: AbortSignal.any([runtime.signal, signal]) };
  // the worker already is a separate process
  const executor = trial.placement.kind === "torch" ? undefined : processExecutor(runtime);
  try {
    return await trainSegment(place, trial, request, stoppable, watch, executor);
  } catch (error) {
    const sentence = failureOf(error);
    if (sentence === null) throw error;
    const lost = { to: request.to, at: 0, value: null, curve: [] };
    if (stoppable.signal.aborted) return { ...lost, status: "interrupted", sentence: "" };
    return recordFailure(place, request, { ...lost, status: "failed", sentence }, runtime);
  }
}

/** Why an error concerns only this trial; `null` if it does not. */
function failureOf(error: unknown): string | null {
  if (!TunewiseError.is(error)) return null;
  if (error.code === "WORKER_OUT_OF_MEMORY" || error.code === "RUN_STALLED") return error.message;
  return error.code === "EXECUTION_LOST" ? `its process ${error.params["how"]}` : null;
}

/** Records a failed run whose process ended without a result. */
async function recordFailure(
  { output, runId }: BegunRun,
  request: SegmentRequest,
  failure: SegmentResult,
  runtime: Runtime,
): Promise<SegmentResult> {
  const store = await openRuns(output);
  try {
    await store.record({ run: { id: runId, change: pauseChange(failure, request, runtime) } });
  } finally {
    await store.close();
  }
  return failure;
}
