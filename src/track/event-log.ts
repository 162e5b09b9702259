/**
 * @file `events.jsonl`: one event a line, only ever added to; a line torn by a kill costs that line alone.
 */
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { errorReason, openAppendLog } from "../files/index.ts";
import { problem } from "../problem/index.ts";
import type { RunEvent } from "../run/index.ts";
import { eventLine, eventLineCharsMax, readEventLine } from "./event-line.ts";
import { countEventLines } from "./journal/event-lines.ts";
import { readLines } from "./line-file.ts";

/** An open event log. Calls are done in the order they are made. */
export interface EventLog {
  /** Lines that it held when it was opened: the number of the last event. */
  readonly lines: number;
  /**
   * Adds events with one write.
   *
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; the log may be used again
   */
  add(items: readonly RunEvent[]): Promise<void>;
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
    problem("RUN_FILE_WRITE_FAILED", { path, folder: dirname(path), reason: errorReason(cause) }, { cause });
  const worded = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((cause: unknown) => {
      throw failed(cause);
    });
  const log = await worded(openAppendLog(path));
  return {
    lines: (await worded(stat(path))).isFile() ? await worded(countEventLines(path)) : 0,
    add: async (items) => {
      const lines = items.map((item) => `${eventLine(item)}\n`).join("");
      await worded(log.add(lines, policy === "always"));
    },
    sync: () => worded(log.sync()),
    close: () => worded(log.close()),
  };
}

/** What a log holds. */
export interface EventLogContent {
  readonly items: readonly RunEvent[];
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
  const items: RunEvent[] = [];
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
  take: (item: RunEvent) => void,
): Promise<Omit<EventLogContent, "items">> {
  const run = basename(dirname(path));
  let [unreadableLines, seq] = [0, 0];
  let torn = false;
  for await (const lines of readLines(path, eventLineCharsMax)) {
    for (const { text, isWhole } of lines) {
      seq++;
      const item = text === null || !isWhole ? null : readEventLine(text, { run, seq });
      if (!isWhole) torn = true;
      else if (item) take(item);
      else unreadableLines++;
    }
  }
  return { torn, unreadableLines };
}
