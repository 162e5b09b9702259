/** @file An append-only file of lines: a kill or a full disk loses only the addition in progress. */
import { type FileHandle, open } from "node:fs/promises";

/** An open log. Calls are executed in the order in which they are made. */
export interface AppendLog {
  /**
   * Appends complete lines: all of them or none.
   *
   * @param isSynced whether the lines must be on disk when the promise resolves
   * @throws the system's error; the log remains usable
   */
  add(lines: string, isSynced?: boolean): Promise<void>;
  /** Waits until all appended lines are on disk. */
  sync(): Promise<void>;
  /** Syncs pending lines and closes the log. */
  close(): Promise<void>;
}

/**
 * Opens a log and creates it if missing. Text after the last line break is truncated first.
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
  /** The length to truncate to if an addition failed and its partial data could not be removed yet. */
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
 * Appends lines to a log that is not kept open. They are on disk when the promise resolves.
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
    // the error of the addition is more informative than an error on closing
    await log.close().catch((error: unknown) => {
      if (isAdded) throw error;
    });
  }
}

/** Truncates text after the last line break, which is a torn line: each line is written together with its break. */
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
