/**
 * @file Lines of JSON that are on the disk before anything rests on them; what a kill cut off is left out.
 */
import { type FileHandle, open } from "node:fs/promises";
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
  const handle = await open(path, "a+");
  try {
    const text = await handle.readFile("utf8");
    const end = text.lastIndexOf("\n") + 1;
    if (end < text.length) await handle.truncate(Buffer.byteLength(text.slice(0, end)));
    return { known: read(text.slice(0, end), path), ...writer(handle) };
  } catch (error) {
    await handle.close();
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

function writer(handle: FileHandle): Pick<LineLog, "add" | "close"> {
  return {
    add: async (values) => {
      if (values.length === 0) return;
      await handle.appendFile(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}
