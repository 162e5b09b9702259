/** @file Checkpoints of a training: adapter, optimizer moments and curves so far, as files with a manifest. */

import { join } from "node:path";
import type { Curves, TrainingState } from "@tunewise/core/run";
import type { Trainer } from "@tunewise/engine";
import {
  type CheckpointChoice,
  type CheckpointOwner,
  dropCheckpointsAfter,
  findCheckpoint,
  type RunFolder,
  saveCheckpoint,
  type WholeCheckpoint,
} from "@tunewise/tracker";
import { problem, TunewiseError } from "../../problem/index.ts";
import { curvesName, readCurves, writeCurves } from "./curves-file.ts";

/** Number of latest checkpoints retained besides the selected one. */
const keepLast = 2;
const stateName = "state.safetensors";

/** State of a run without a checkpoint. */
export const atStart: TrainingState = {
  step: 0,
  best: null,
  curves: { train: [], validation: [] },
  forgetting: [],
  tokens: 0,
  trainSeconds: 0,
  sessions: 1,
};

/** A checkpoint with its recorded training state. */
export interface SavedState {
  readonly checkpoint: WholeCheckpoint;
  readonly info: TrainingState;
}

/**
 * Saves a state and returns its folder.
 *
 * @param keepStep the step whose checkpoint is retained besides the latest ones
 */
export async function keepState(
  folder: RunFolder,
  owner: CheckpointOwner,
  trainer: Trainer,
  { curves, ...info }: TrainingState,
  keepStep: number | null,
): Promise<string> {
  const saved = await saveCheckpoint(folder.checkpoints, {
    step: trainer.step,
    write: async (draft) => {
      await trainer.save(join(draft, stateName));
      await writeCurves(join(draft, curvesName), curves);
    },
    owner,
    info,
    keepLast,
    keepStep,
  });
  return saved.path;
}

/** Selects a state. */
export interface StateChoice extends Pick<CheckpointChoice, "owner" | "step"> {
  /** Restores the state; if it throws a `TunewiseError`, the state before it is tried. */
  readonly restore?: (path: string, step: number) => Promise<void>;
}

/**
 * Returns the newest usable state, or that of a given step; `null` if there is none.
 *
 * @throws {TunewiseError} `CHECKPOINT_BROKEN` if checkpoints exist but none is usable
 */
export async function findState(folder: RunFolder, choice: StateChoice = {}): Promise<SavedState | null> {
  const { restore, ...wanted } = choice;
  let info: TrainingState | null = null;
  const checkpoint = await findCheckpoint(folder.checkpoints, {
    ...wanted,
    refuse: async (found) => {
      try {
        info = await infoOf(found);
        if (info === null) return "its information about the run is not valid";
        await restore?.(join(found.path, stateName), found.step);
        return null;
      } catch (error) {
        if (!TunewiseError.is(error)) throw error;
        return error.message;
      }
    },
  });
  return checkpoint && info && { checkpoint, info };
}

/**
 * Returns a function that restores a trainer from a state.
 *
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` from that function if the state is of another training
 */
export function intoTrainer(trainer: Trainer): NonNullable<StateChoice["restore"]> {
  return async (path, step) => {
    await trainer.restore(path);
    if (trainer.step === step) return;
    const about = { name: "step", found: String(trainer.step), expected: String(step) };
    throw problem("MODEL_WEIGHT_MISMATCH", about);
  };
}

/** Deletes checkpoints from step `before` on and returns the newest state left; `null` if there is none. */
export async function returnToState(
  folder: RunFolder,
  before: number,
  choice: StateChoice,
): Promise<SavedState | null> {
  await dropCheckpointsAfter(folder.checkpoints, before - 1);
  return findState(folder, choice);
}

/** The training state in a checkpoint; `null` if it is malformed. Older versions stored the curves in the manifest. */
async function infoOf({
  path,
  step,
  info,
}: Pick<WholeCheckpoint, "path" | "step" | "info">): Promise<TrainingState | null> {
  const given = (info ?? {}) as Partial<TrainingState>;
  const curves = given.curves ?? (await readCurves(join(path, curvesName)));
  const { best = null, forgetting = [], tokens, trainSeconds, sessions } = given;
  const counts = [tokens, trainSeconds, sessions];
  const isOurs =
    given.step === step &&
    isCurves(curves) &&
    counts.every((count) => Number.isFinite(count)) &&
    Array.isArray(forgetting) &&
    (best === null || (Number.isSafeInteger(best.step) && typeof best.loss === "number"));
  return isOurs ? ({ ...given, best, curves, forgetting } as TrainingState) : null;
}

function isCurves(value: unknown): value is Curves {
  const { train, validation } = (value ?? {}) as Partial<Curves>;
  return [train, validation].every(
    (curve) =>
      Array.isArray(curve) && curve.every((point) => Array.isArray(point) && Number.isSafeInteger(point[0])),
  );
}
