/**
 * @file Checkpoints of a training: adapter, moments and the curves so far, as safetensors with a manifest.
 */
import { join } from "node:path";
import {
  type AdapterTensor,
  openSafetensors,
  type TrainerState,
  writeSafetensors,
} from "../../engine/index.ts";
import type { ForgettingPoint } from "../../run/index.ts";
import { findCheckpoint, type RunFolder, saveCheckpoint, type WholeCheckpoint } from "../../track/index.ts";

/** Checkpoints that stay besides the one that would be the result. */
const keepLast = 2;
const stateName = "state.safetensors";

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
  state: TrainerState,
  info: CheckpointInfo,
  keepStep: number | null,
): Promise<string> {
  const saved = await saveCheckpoint(folder.checkpoints, {
    step: state.step,
    write: (draft) => writeSafetensors(join(draft, stateName), state.tensors, { step: String(state.step) }),
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

/** Runs of an older version had no looks. */
function infoOf(info: unknown): CheckpointInfo {
  const given = info as Omit<CheckpointInfo, "forgetting"> & Partial<Pick<CheckpointInfo, "forgetting">>;
  return { ...given, forgetting: given.forgetting ?? [] };
}

/** The tensors of a checkpoint. */
export async function readState(checkpoint: WholeCheckpoint): Promise<TrainerState> {
  const files = await openSafetensors(join(checkpoint.path, stateName));
  try {
    const tensors: AdapterTensor[] = [];
    for (const [name, { shape }] of files.weights)
      tensors.push({ name, shape, data: await files.read(name) });
    return { step: checkpoint.step, tensors };
  } finally {
    await files.close();
  }
}

/** The adapter's part of a state, under its PEFT names. */
export function adapterTensors(state: TrainerState): AdapterTensor[] {
  const prefix = "adapter/";
  return state.tensors
    .filter(({ name }) => name.startsWith(prefix))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }));
}
