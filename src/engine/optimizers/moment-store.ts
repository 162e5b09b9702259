/**
 * @file Where the optimizer's moments lie: in memory, or in a file that is read and written tensor by tensor.
 */
import { type FileHandle, open, rm } from "node:fs/promises";
import { writeProblem } from "../files/atomic-file.ts";
import { type Moments, momentLengths, type OptimizerSettings, startMoments } from "./optimizer.ts";

/** Moments of all tensors, by their place in the list of lengths. */
export interface MomentStore {
  /** Moments of a tensor, to be changed in place; valid until those of another are taken. */
  take(index: number): Promise<Moments>;
  /** Keeps what was changed. */
  put(index: number, moments: Moments): Promise<void>;
  close(): Promise<void>;
}

/** Moments in memory, zero at first. */
export function holdMoments(settings: OptimizerSettings, lengths: readonly number[]): MomentStore {
  const all = lengths.map((length) => startMoments(settings, length));
  return {
    take: async (index) => all[index] as Moments,
    put: async () => undefined,
    close: async () => undefined,
  };
}

/**
 * Moments in a file, zero at first. They live as long as the training: a checkpoint holds a copy.
 *
 * @param path of the file; it is removed at the end
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED` where the disk is full
 */
export async function storeMoments(
  settings: OptimizerSettings,
  lengths: readonly number[],
  path: string,
): Promise<MomentStore> {
  const sizes = lengths.map((length) => momentLengths(settings, length));
  const floats = sizes.map(([first, second]) => first + second);
  const offsets = floats.map((_, index) => floats.slice(0, index).reduce((sum, count) => sum + 4 * count, 0));
  const scratch = new Float32Array(floats.reduce((most, count) => Math.max(most, count), 0));
  const handle = await guarded(path, () => open(path, "w+"));
  await guarded(path, () =>
    reserve(
      handle,
      floats.reduce((sum, count) => sum + 4 * count, 0),
    ),
  );
  const viewOf = (index: number): Uint8Array => new Uint8Array(scratch.buffer, 0, 4 * (floats[index] ?? 0));
  return {
    take: async (index) => {
      await transfer(viewOf(index), offsets[index] ?? 0, (view, at, position) =>
        handle.read(view, at, view.length - at, position).then(({ bytesRead }) => bytesRead),
      );
      const [first = 0, second = 0] = sizes[index] ?? [];
      return { first: scratch.subarray(0, first), second: scratch.subarray(first, first + second) };
    },
    put: (index) =>
      guarded(path, () =>
        transfer(viewOf(index), offsets[index] ?? 0, (view, at, position) =>
          handle.write(view, at, view.length - at, position).then(({ bytesWritten }) => bytesWritten),
        ),
      ),
    close: async () => {
      await handle.close();
      await rm(path, { force: true });
    },
  };
}

/** Zeros are written out, so that a disk that is too small shows before the first step. */
async function reserve(handle: FileHandle, bytes: number): Promise<void> {
  const zeros = new Uint8Array(Math.min(bytes, 1 << 24));
  for (let at = 0; at < bytes; at += zeros.length) {
    const part = zeros.subarray(0, Math.min(zeros.length, bytes - at));
    await transfer(part, at, (view, from, position) =>
      handle.write(view, from, view.length - from, position).then(({ bytesWritten }) => bytesWritten),
    );
  }
}

async function transfer(
  view: Uint8Array,
  offset: number,
  move: (view: Uint8Array, at: number, position: number) => Promise<number>,
): Promise<void> {
  for (let done = 0; done < view.length; ) {
    const moved = await move(view, done, offset + done);
    if (moved === 0) throw new Error("Internal: the file of the moments ends early");
    done += moved;
  }
}

async function guarded<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw writeProblem(path, cause);
  }
}
