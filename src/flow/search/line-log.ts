/**
 * @file Lines of JSON that are on the disk before anything rests on them; what a kill cut off is left out.
 */
import { readFile } from "node:fs/promises";
import { type AppendLog, openAppendLog } from "../../files/index.ts";
import { problem } from "../../problem/index.ts";

/** An open log. */
export interface LineLog {
  /** Whole lines of before, in order. */
  readonly known: readonly unknown[];
  /** Adds lines; they are synced when it returns. */
  add(values: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a log, making it when missing.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE` for a line in the middle that is no JSON
 */
export async function openLineLog(path: string): Promise<LineLog> {
  const log = await openAppendLog(path);
  try {
    const known = read(await readFile(path, "utf8"), path);
    return { known, ...writer(log) };
  } catch (error) {
    await log.close();
    throw error;
  }
}

function read(text: string, path: string): unknown[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, at) => {
    try {
      return JSON.parse(line) as unknown;
    } catch (cause) {
      throw problem("RUN_FILE_UNREADABLE", { path, reason: `line ${at + 1} is no JSON` }, { cause });
    }
  });
}

function writer(log: AppendLog): Pick<LineLog, "add" | "close"> {
  return {
    add: async (values) => {
      if (values.length === 0) return;
      await log.add(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
      await log.sync();
    },
    close: () => log.close(),
  };
}
