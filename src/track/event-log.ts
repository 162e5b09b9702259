/**
 * @file `events.jsonl`: one event a line, only ever added to; a line torn by a kill costs that line alone.
 */
import { type FileHandle, open } from "node:fs/promises";
import { problem } from "../problem/index.ts";
import { eventLine, eventLineCharsMax, readEventLine } from "./event-line.ts";
import { errorReason } from "./file-operations.ts";
import { readLines } from "./line-file.ts";
import type { TimedEvent } from "./store.ts";

/** An open event log. Calls are done in the order they are made. */
export interface EventLog {
  /**
   * Adds events with one write.
   *
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; the log may be used again
   */
  add(items: readonly TimedEvent[]): Promise<void>;
  /** Waits until all that was added is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** `always` syncs after every write; `checkpoints` only when asked by `sync` and at the end. */
export type SyncPolicy = "always" | "checkpoints";

/**
 * Opens the log for adding; a torn last line from an earlier session is cut off first.
 *
 * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`
 */
export async function openEventLog(path: string, policy: SyncPolicy = "checkpoints"): Promise<EventLog> {
  const failed = (cause: unknown): Error =>
    problem("RUN_FILE_WRITE_FAILED", { path, folder: path, reason: errorReason(cause) }, { cause });
  const handle = await open(path, "a+").catch((cause: unknown) => {
    throw failed(cause);
  });
  await cutTornLine(handle);
  let last: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work).catch((cause: unknown) => {
      throw failed(cause);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    add: (items) =>
      inOrder(async () => {
        await append(handle, items.map((item) => `${eventLine(item)}\n`).join(""));
        if (policy === "always") await handle.datasync();
      }),
    sync: () => inOrder(() => handle.datasync()),
    close: () => inOrder(() => handle.datasync().finally(() => handle.close())),
  };
}

/** Adds the text as a whole; what a full disk let through of it is taken back. */
async function append(handle: FileHandle, text: string): Promise<void> {
  const { size } = await handle.stat();
  try {
    await handle.appendFile(text);
  } catch (error) {
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
}

/** Cuts what stands behind the last line break; a line is written together with its break. */
export async function cutTornLine(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  const chunk = Buffer.alloc(64 * 1024);
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

/** What a log holds. */
export interface EventLogContent {
  readonly items: readonly TimedEvent[];
  /** Whether the last line was cut short: the process ended in the middle of writing it. */
  readonly torn: boolean;
  /** Whole lines that are no event. */
  readonly unreadableLines: number;
}

/**
 * Reads a log from start to end.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readEventLog(path: string): Promise<EventLogContent> {
  const items: TimedEvent[] = [];
  const rest = await eachEvent(path, (item) => void items.push(item));
  return { items, ...rest };
}

/**
 * Hands over a log's events one by one, so that a log of any length can be read.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function eachEvent(
  path: string,
  take: (item: TimedEvent) => void,
): Promise<Omit<EventLogContent, "items">> {
  let unreadableLines = 0;
  let torn = false;
  for await (const lines of readLines(path, eventLineCharsMax)) {
    for (const { text, isWhole } of lines) {
      const item = text === null || !isWhole ? null : readEventLine(text);
      if (!isWhole) torn = true;
      else if (item) take(item);
      else unreadableLines++;
    }
  }
  return { torn, unreadableLines };
}
