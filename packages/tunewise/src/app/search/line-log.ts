/**
 * @file Append-only JSON Lines log. Lines are synced to disk before anything depends on them. A line truncated by a
 * kill is ignored.
 */
import { type AppendLog, openAppendLog } from "@tunewise/core/files";
import { countOf } from "@tunewise/core/quantity";
import { readLines } from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";

/** An open log. */
export interface LineLog {
  /** Complete lines from before, in order. */
  readonly known: readonly unknown[];
  /** Appends lines and syncs them. */
  add(values: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a log, or creates it if it is missing.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE` if a line other than the last is not JSON
 */
export async function openLineLog(path: string): Promise<LineLog> {
  const log = await openAppendLog(path);
  try {
    return { known: await read(path), ...writer(log) };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Maximum length of a line, which holds the settings and results of one trial. */
const lineCharsMax = 16_000_000;

async function read(path: string): Promise<unknown[]> {
  const known: unknown[] = [];
  for await (const lines of readLines(path, lineCharsMax)) {
    for (const { text } of lines) known.push(parsed(text, path, known.length + 1));
  }
  return known;
}

function parsed(text: string | null, path: string, line: number): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    throw problem("RUN_FILE_UNREADABLE", { path, reason: `line ${line} is not valid JSON` }, { cause });
  }
}

function writer(log: AppendLog): Pick<LineLog, "add" | "close"> {
  return {
    add: async (values) => {
      if (values.length === 0) return;
      const lines = values.map((value) => JSON.stringify(value));
      const longest = lines.find((line) => line.length > lineCharsMax);
      if (longest !== undefined)
        throw new Error(`Internal: a line of ${countOf(longest.length, "character")}`);
      await log.add(`${lines.join("\n")}\n`, true);
    },
    close: () => log.close(),
  };
}
