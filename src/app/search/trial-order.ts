/**
 * @file What a trial's own process is told and tells, and what it does: train one stretch, and write down what came of
 * it. The record is what counts; events are for whoever watches.
 */
import { join } from "node:path";
import type { Plan } from "../../plan/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import { runFolderAt } from "../../track/index.ts";
import type { BegunRun } from "../train/index.ts";
import { prepareApart } from "./prepare-apart.ts";
import { type StretchRequest, trainStretch } from "./train-stretch.ts";

/** A stretch to train, as values that one process can send to another. */
export interface TrialOrder {
  readonly loaded: LoadedRecipe;
  readonly plan: Plan;
  readonly run: Omit<BegunRun, "folder">;
  /** Of the rows that the run was begun with. */
  readonly dataFingerprint: string;
  readonly request: StretchRequest;
}

/** What a trial's process is told: its work, and to save and end. */
export type TrialWord = { readonly kind: "order"; readonly order: TrialOrder } | { readonly kind: "end" };

/** What it tells: events, and an error of the catalog or another one that ended it. */
export type TrialNews =
  | { readonly kind: "event"; readonly event: EventBody }
  | {
      readonly kind: "problem";
      readonly code: string;
      readonly about: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: "fault"; readonly message: string };

/**
 * Trains the stretch. All that the process does is metered, its start and its reading of the rows included.
 *
 * @throws {TunewiseError} `RUN_DATA_CHANGED`, `RUN_LOCKED`, and those of `prepare`
 */
export async function trainOrder(
  { loaded, plan, run, dataFingerprint, request }: TrialOrder,
  host: Host,
  watch: (event: EventBody) => void,
): Promise<void> {
  const prepared = await prepareApart(loaded, host);
  if (prepared.dataFingerprint !== dataFingerprint) {
    await prepared.model.weights.close();
    const [before, now] = [dataFingerprint, prepared.dataFingerprint].map((one) => one.slice(0, 12));
    throw problem("RUN_DATA_CHANGED", { run: run.runId, before: before ?? "", now: now ?? "" });
  }
  const place = { ...run, folder: runFolderAt(join(run.output, "runs", run.runId)) };
  const processStart = 0; // the host's clock counts from there
  await trainStretch(place, { prepared, plan }, { ...request, meteredSince: processStart }, host, watch);
}
