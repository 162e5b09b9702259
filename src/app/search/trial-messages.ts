/**
 * @file Messages between a search and a trial's child process, and the work of that process: train one segment and
 * record the result. The record is authoritative; events only drive the progress display.
 */
import { join } from "node:path";
import type { Plan } from "../../plan/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { runFolderAt } from "../../track/index.ts";
import type { BegunRun } from "../train/index.ts";
import { prepareForTraining } from "./prepare-trial.ts";
import { type SegmentRequest, trainSegment } from "./train-segment.ts";

/** A segment to train, serializable between processes. */
export interface TrialOrder {
  readonly loaded: LoadedRecipe;
  readonly plan: Plan;
  readonly run: Omit<BegunRun, "folder">;
  /** Fingerprint of the rows that the run was begun with. */
  readonly dataFingerprint: string;
  readonly request: SegmentRequest;
}

/** Messages to a trial's process: its order, and the request to save and exit. */
export type TrialCommand = { readonly kind: "order"; readonly order: TrialOrder } | { readonly kind: "end" };

/** Messages from a trial's process: events, and the problem or other error that ended it. */
export type TrialMessage =
  | { readonly kind: "event"; readonly event: EventBody }
  | {
      readonly kind: "problem";
      readonly code: string;
      readonly about: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: "fault"; readonly message: string };

/**
 * Trains the segment. The whole process is metered, including startup and reading of the rows.
 *
 * @throws {TunewiseError} `RUN_DATA_CHANGED`, `RUN_LOCKED`, and those of `prepare`
 */
export async function trainOrder(
  { loaded, plan, run, dataFingerprint, request }: TrialOrder,
  runtime: Runtime,
  watch: (event: EventBody) => void,
): Promise<void> {
  const prepared = await prepareForTraining(loaded, runtime);
  if (prepared.dataFingerprint !== dataFingerprint) {
    const [before, now] = [dataFingerprint, prepared.dataFingerprint].map((one) => one.slice(0, 12));
    throw problem("RUN_DATA_CHANGED", { run: run.runId, before: before ?? "", now: now ?? "" });
  }
  const place = { ...run, folder: runFolderAt(join(run.output, "runs", run.runId)) };
  const processStart = 0; // the host's clock counts from there
  await trainSegment(place, { prepared, plan }, { ...request, meteredSince: processStart }, runtime, watch);
}
