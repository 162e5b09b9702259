/**
 * @file Checkpoints of a training: adapter, moments and the curves so far, as safetensors with a manifest.
 */
import { join } from "node:path";
import type { Trainer } from "../../engine/index.ts";
import type { ForgettingPoint } from "../../run/index.ts";
import {
  dropCheckpointsAfter,
  findCheckpoint,
  type RunFolder,
  saveCheckpoint,
  type WholeCheckpoint,
} from "../../track/index.ts";

/** Checkpoints that stay besides the one that would be the result. */
const keepLast = 2;
const stateName = "state.safetensors";

/** The start of a run without a checkpoint. */
export const atStart: CheckpointInfo = {
  step: 0,
  best: null,
  curves: { train: [], validation: [] },
  forgetting: [],
  tokens: 0,
  trainSeconds: 0,
  sessions: 1,
};

/** What is kept beside the tensors: enough to go on as if nothing had happened. */
export interface CheckpointInfo {
  readonly step: number;
  /** Step with the lowest validation loss so far, and that loss; `null` before the first evaluation. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  readonly curves: {
    readonly train: readonly (readonly [step: number, loss: number])[];
    readonly validation: readonly (readonly [step: number, loss: number])[];
  };
  /** Looks at what was forgotten. */
  readonly forgetting: readonly ForgettingPoint[];
  /** Tokens trained on so far. */
  readonly tokens: number;
  /** Seconds spent in training steps so far. */
  readonly trainSeconds: number;
  readonly sessions: number;
}

/**
 * Saves a state; gives the folder.
 *
 * @param keepStep the step whose checkpoint stays besides the last ones
 */
export async function keepState(
  folder: RunFolder,
  trainer: Trainer,
  info: CheckpointInfo,
  keepStep: number | null,
): Promise<string> {
  const saved = await saveCheckpoint(folder.checkpoints, {
    step: trainer.step,
    write: (draft) => trainer.save(join(draft, stateName)),
    info,
    keepLast,
    keepStep,
  });
  return saved.path;
}

/** The newest whole state, or that of a step; `null` where there is none. */
export async function findState(
  folder: RunFolder,
  step?: number,
): Promise<{ readonly checkpoint: WholeCheckpoint; readonly info: CheckpointInfo } | null> {
  const checkpoint = await findCheckpoint(folder.checkpoints, step);
  return checkpoint && { checkpoint, info: infoOf(checkpoint.info) };
}

/** The newest whole state of a step before this one, those after it dropped; `null`: there is none left. */
export async function returnToState(folder: RunFolder, before: number): ReturnType<typeof findState> {
  await dropCheckpointsAfter(folder.checkpoints, before - 1);
  return findState(folder);
}

/** Runs of an older version had no looks. */
function infoOf(info: unknown): CheckpointInfo {
  const given = info as Omit<CheckpointInfo, "forgetting"> & Partial<Pick<CheckpointInfo, "forgetting">>;
  return { ...given, forgetting: given.forgetting ?? [] };
}

/** The file of a checkpoint that holds the tensors. */
export function statePath(checkpoint: WholeCheckpoint): string {
  return join(checkpoint.path, stateName);
}
