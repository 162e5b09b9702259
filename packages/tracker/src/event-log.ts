/**
 * @file `events.jsonl`: one event per line, append-only. A line torn by a kill is lost, but no other. Numbers that JSON
 * cannot represent are written by name, as in MLflow.
 */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { errorReason, openAppendLog } from "@tunewise/core/files";
import type { EventHeader, RunEvent } from "@tunewise/core/run";
import { type FileLine, readLines } from "./line-file.ts";
import { problem } from "./problem/index.ts";

/** An open event log. Calls take effect in the order they are made. */
export interface EventLog {
  /** Number of lines when the log was opened, which is the number of the last event. */
  readonly lines: number;
  /**
   * Appends events with one write.
   *
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; the log remains usable
   */
  add(items: readonly RunEvent[]): Promise<void>;
  /** Waits until everything added is on disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** `always` syncs after every write; `checkpoints` only when `sync` is called and on closing. */
export type SyncPolicy = "always" | "checkpoints";

/**
 * Opens the log for appending. A torn last line from an earlier session is truncated.
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

/** Content of a log. */
export interface EventLogContent {
  readonly items: readonly RunEvent[];
  /** Whether the last line is incomplete because the process ended while writing it. */
  readonly torn: boolean;
  /** Complete lines that are not valid events. */
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
 * Passes a log's events to `take` one by one, so that memory does not limit the log's length.
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

/** Maximum length of a line, for writing and reading. */
export const eventLineCharsMax: number = 1_000_000;

/** In an event that exceeds the maximum: characters kept of each text, and items kept of each list. */
const cutTextChars = 2000;
const cutListItems = 100;

/**
 * An event as JSON without a line break; NaN and the infinities become `"NaN"`, `"Infinity"`, `"-Infinity"`. If the
 * event is too long for a line, its texts and lists are truncated so that it can be read back.
 */
export function eventLine(event: RunEvent): string {
  const whole = JSON.stringify(event, (_, value: unknown) => named(value));
  if (whole.length <= eventLineCharsMax) return whole;
  return JSON.stringify(event, (_, value: unknown) => cut(named(value)));
}

function named(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function cut(value: unknown): unknown {
  if (typeof value === "string" && value.length > cutTextChars) return `${value.slice(0, cutTextChars)}...`;
  return Array.isArray(value) ? value.slice(0, cutListItems) : value;
}

/** Keys with numeric values. Under other keys, the text "NaN" stays a text. */
const numberKeys = new Set([
  ...["loss", "penalty", "learningRate", "gradientNorm", "updateRatio", "tokens", "labelledTokens"],
  ...["wallSeconds", "spentMicroUsd", "rateScale", "done", "total"],
  ...["perplexityRise", "low", "high", "taskDrop", "probabilityDrop", "kl"],
]);
const numberNames = new Set(["NaN", "Infinity", "-Infinity"]);

/**
 * Parses a line; `null` if it is not an event: torn, too long, or not an object with `time` and `kind`.
 *
 * @param place position of the line, for lines written before events were numbered
 */
export function readEventLine(line: string, place: Pick<EventHeader, "run" | "seq">): RunEvent | null {
  if (line.length > eventLineCharsMax) return null;
  let value: unknown;
  try {
    value = JSON.parse(line, revive);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { time, kind, v } = value as Partial<Record<string, unknown>>;
  if (typeof time !== "string" || typeof kind !== "string") return null;
  return v === undefined ? ({ v: 0, ...place, ...value } as RunEvent) : (value as RunEvent);
}

function revive(key: string, value: unknown): unknown {
  return numberKeys.has(key) && typeof value === "string" && numberNames.has(value) ? Number(value) : value;
}

/** Number of complete lines in an event log, valid or not. */
export async function countEventLines(path: string): Promise<number> {
  let count = 0;
  if (!existsSync(path)) return 0;
  for await (const lines of readLines(path, eventLineCharsMax))
    count += lines.filter(({ isWhole }) => isWhole).length;
  return count;
}

/** A read position in an event log. */
export class EventCursor {
  private readonly groups: AsyncIterator<readonly FileLine[]> | null;
  private readonly run: string;
  private lines: readonly FileLine[] = [];
  private at = 0;
  private seq = 0;

  constructor(path: string) {
    this.run = basename(dirname(path));
    this.groups = existsSync(path) ? readLines(path, eventLineCharsMax) : null;
  }

  /** The events of the next `count` lines; fewer if the log ends or a line is not an event. */
  async take(count: number): Promise<RunEvent[]> {
    const items: RunEvent[] = [];
    for (let taken = 0; taken < count; taken++) {
      const line = await this.next();
      if (line === null) break;
      const item = line.text === null ? null : readEventLine(line.text, { run: this.run, seq: this.seq });
      if (item) items.push(item);
    }
    return items;
  }

  /** Skips lines without parsing them. */
  async skip(count: number): Promise<void> {
    for (let taken = 0; taken < count; taken++) if ((await this.next()) === null) return;
  }

  async close(): Promise<void> {
    await this.groups?.return?.();
  }

  private async next(): Promise<FileLine | null> {
    if (this.at >= this.lines.length) {
      const group = await this.groups?.next();
      if (!group || group.done) return null;
      [this.lines, this.at] = [group.value, 0];
    }
    const line = this.lines[this.at++];
    this.seq++;
    return line?.isWhole ? line : null;
  }
}
