/** @file Storage of the optimizer's moments: in memory, or in a file that is read and written in chunks. */
import { type FileHandle, open, rm } from "node:fs/promises";
import { writeProblem } from "../weights/index.ts";
import { type Moments, momentLengths, type OptimizerSettings, startMoments } from "./optimizer.ts";

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/** Moments of all tensors, by index into the list of lengths. */
export interface MomentStore {
  /** Visits a tensor's moments in chunks, in order, and stores the changes that `work` makes. */
  change(index: number, work: (piece: Moments, from: number) => void): Promise<void>;
  /** Reads a tensor's moments; each chunk is valid until the next one. */
  pieces(index: number): AsyncIterable<Moments>;
  close(): Promise<void>;
}

/** Values per chunk: large enough for full disk speed, small compared with any model. */
const usualPiece = 1 << 20;

/** Moments in memory, initially zero. */
export function momentsInMemory(settings: OptimizerSettings, lengths: readonly number[]): MomentStore {
  const all = lengths.map((length) => startMoments(settings, length));
  return {
    change: async (index, work) => work(all[index] as Moments, 0),
    pieces: async function* (index) {
      yield all[index] as Moments;
    },
    close: async () => undefined,
  };
}

/**
 * Moments in a file, initially zero. The file exists only during training: a checkpoint has its own copy.
 *
 * @param path of the file, which is removed at the end
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED` if the disk is full
 */
export async function momentsInFile(
  settings: OptimizerSettings,
  lengths: readonly number[],
  path: string,
  pieceValues: number = usualPiece,
): Promise<MomentStore> {
  const perValue = momentLengths(settings, 1);
  const kinds = perValue[1] > 0 ? 2 : 1;
  const offsets = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, count) => sum + count, 0));
  const total = lengths.reduce((sum, count) => sum + count, 0);
  const most = lengths.reduce((longest, count) => Math.max(longest, count), 0);
  const scratch = startMoments(settings, Math.min(pieceValues, most));
  const handle = await guarded(path, () => open(path, "w+"));
  const close = async (): Promise<void> => {
    await handle.close();
    await rm(path, { force: true });
  };
  try {
    await guarded(path, () => reserve(handle, floatBytes * kinds * total));
  } catch (error) {
    await close();
    throw error;
  }

  /** All first moments, then all second ones, tensor after tensor. */
  const parts = (index: number, from: number, count: number): (readonly [Uint8Array, number])[] => {
    const at = (offsets[index] ?? 0) + from;
    return [scratch.first, scratch.second]
      .slice(0, kinds)
      .map((array, kind) => [
        new Uint8Array(array.buffer, array.byteOffset, floatBytes * count),
        floatBytes * (kind * total + at),
      ]);
  };
  const read = async (index: number, from: number): Promise<Moments> => {
    const count = Math.min(pieceValues, (lengths[index] ?? 0) - from);
    for (const [view, place] of parts(index, from, count)) {
      await transfer(view, place, (bytes, at, position) =>
        handle.read(bytes, at, bytes.length - at, position).then(({ bytesRead }) => bytesRead),
      );
    }
    return {
      first: scratch.first.subarray(0, count),
      second: scratch.second.subarray(0, count * perValue[1]),
    };
  };
  const write = async (index: number, from: number, count: number): Promise<void> => {
    for (const [view, place] of parts(index, from, count)) {
      await guarded(path, () =>
        transfer(view, place, (bytes, at, position) =>
          handle.write(bytes, at, bytes.length - at, position).then(({ bytesWritten }) => bytesWritten),
        ),
      );
    }
  };
  return {
    change: async (index, work) => {
      for (let from = 0; from < (lengths[index] ?? 0); from += pieceValues) {
        const piece = await read(index, from);
        work(piece, from);
        await write(index, from, piece.first.length);
      }
    },
    pieces: async function* (index) {
      for (let from = 0; from < (lengths[index] ?? 0); from += pieceValues) yield await read(index, from);
    },
    close,
  };
}

/** Writes zeros, so that a full disk is detected before the first step. */
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
