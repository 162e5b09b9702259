/** @file A file of lines that is only ever added to: what a kill or a full disk cuts off costs that addition alone. */
import { type FileHandle, open } from "node:fs/promises";

/** An open log. Calls are done in the order they are made. */
export interface AppendLog {
  /**
   * Adds whole lines: all of them, or none.
   *
   * @param isSynced whether they are to be on the disk when it returns
   * @throws the system's error; the log may be used again
   */
  add(lines: string, isSynced?: boolean): Promise<void>;
  /** Waits until all that was added is on the disk. */
  sync(): Promise<void>;
  /** Syncs what is not yet, and closes. */
  close(): Promise<void>;
}

/**
 * Opens a log, making it when missing; what stands behind the last line break is cut off first.
 *
 * @throws the system's error
 */
export async function openAppendLog(path: string): Promise<AppendLog> {
  const handle = await open(path, "a+");
  try {
    await cutTornLine(handle);
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
  let last: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  let isSure = true;
  const sync = async (): Promise<void> => {
    if (!isSure) await handle.datasync();
    isSure = true;
  };
  /** The length to go back to, where an addition failed and what it left could not be taken back yet. */
  let wholeBytes: number | null = null;
  const takeBack = async (): Promise<void> => {
    if (wholeBytes !== null && (await handle.stat()).size > wholeBytes) await handle.truncate(wholeBytes);
    wholeBytes = null;
  };
  return {
    add: (lines, isSynced = false) =>
      inOrder(async () => {
        await takeBack();
        const { size } = await handle.stat();
        try {
          isSure = false;
          await handle.appendFile(lines);
          if (isSynced) await sync();
        } catch (error) {
          wholeBytes = size;
          await takeBack().catch(() => undefined);
          throw error;
        }
      }),
    sync: () => inOrder(sync),
    close: () =>
      inOrder(async () => {
        try {
          await takeBack();
          await sync();
        } finally {
          await handle.close();
        }
      }),
  };
}

/**
 * Adds lines to a log that is not kept open; they are on the disk when it returns.
 *
 * @throws the system's error
 */
export async function appendLines(path: string, lines: string): Promise<void> {
  const log = await openAppendLog(path);
  let isAdded = false;
  try {
    await log.add(lines);
    isAdded = true;
  } finally {
    // an error of the addition says more than one of closing
    await log.close().catch((error: unknown) => {
      if (isAdded) throw error;
    });
  }
}

/** Cuts what stands behind the last line break; a line is written together with its break. */
async function cutTornLine(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  const chunk = Buffer.alloc(Math.min(size, 64 * 1024));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (at >= 0) {
      if (start + at + 1 < size) await handle.truncate(start + at + 1);
      return;
    }
    end = start;
  }
  if (size > 0) await handle.truncate(0);
}
