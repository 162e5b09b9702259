/**
 * @file The file of recorded rows: written in batches, synced once a second, and never longer than its limit. A failing
 * disk costs rows, never a call.
 */
import { stat } from "node:fs/promises";
import { type AppendLog, openAppendLog } from "@tunewise/core/files";

/** Rows wait at most this long before they are written, which is what a kill may lose. */
export const flushMs = 200;
/** Written rows are on disk after at most this time, which is what a power failure may lose. */
export const syncMs = 1_000;

/** A file of rows. */
export interface RowLog {
  /** Takes a row, a JSON text without line breaks. */
  add(line: string): void;
  /** Writes waiting rows. Never rejects. */
  flush(): Promise<void>;
  /** Writes and syncs all rows. Never rejects. */
  close(): Promise<void>;
}

/** What became of rows. */
export interface RowOutcomes {
  readonly written: (rows: number, bytes: number) => void;
  /** `full`: the file has reached its size; `disk`: the system refused to write, for the given reason. */
  readonly dropped: (rows: number, why: "full" | "disk", error: unknown) => void;
}

/** Options of a file. */
export interface RowLogOptions {
  readonly path: string;
  /** Max. size of the file. */
  readonly maxBytes: number;
}

/**
 * Opens a file and creates it if missing. A torn last line is removed.
 *
 * @throws the system's error
 */
export async function openRowLog({ path, maxBytes }: RowLogOptions, outcomes: RowOutcomes): Promise<RowLog> {
  const log = await openAppendLog(path);
  let bytes = (await stat(path)).size;
  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let syncTimer: NodeJS.Timeout | null = null;
  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) writing = writing.then(() => write(lines));
    return writing;
  };
  const write = async (lines: readonly string[]): Promise<void> => {
    const fitting = fittingLines(lines, maxBytes - bytes);
    if (fitting.length < lines.length) outcomes.dropped(lines.length - fitting.length, "full", null);
    if (fitting.length === 0) return;
    const text = fitting.join("");
    const length = Buffer.byteLength(text);
    try {
      await log.add(text);
      bytes += length;
      outcomes.written(fitting.length, length);
      syncTimer ??= setTimeout(() => {
        syncTimer = null;
        void syncQuietly(log);
      }, syncMs);
    } catch (error) {
      outcomes.dropped(fitting.length, "disk", error);
    }
  };
  return {
    add: (line) => {
      waiting.push(`${line}\n`);
      timer ??= setTimeout(() => void flush(), flushMs);
    },
    flush,
    close: async () => {
      await flush();
      if (syncTimer !== null) clearTimeout(syncTimer);
      await log.close().catch(() => undefined); // what could not be written was counted
    },
  };
}

/** The first lines that fit into the rest of the file. */
function fittingLines(lines: readonly string[], room: number): readonly string[] {
  let left = room;
  const end = lines.findIndex((line) => {
    left -= Buffer.byteLength(line);
    return left < 0;
  });
  return end < 0 ? lines : lines.slice(0, end);
}

/** A failed sync is tried again with the next one. */
async function syncQuietly(log: AppendLog): Promise<void> {
  await log.sync().catch(() => undefined);
}
