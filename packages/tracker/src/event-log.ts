/**
 * @file `events.jsonl`: one event a line, only ever added to; a line torn by a kill costs that line alone. Numbers that
 * JSON lacks travel by name, as in MLflow.
 */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { errorReason, openAppendLog } from "@tunewise/core/files";
import type { EventHeader, RunEvent } from "@tunewise/core/run";
import { type FileLine, readLines } from "./line-file.ts";
import { problem } from "./problem/index.ts";

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

/** Longest line that is written and read. */
export const eventLineCharsMax: number = 1_000_000;

/** Characters of a text and items of a list that are left of an event too long for a line. */
const cutTextChars = 2000;
const cutListItems = 100;

/**
 * The event as JSON without a line break; NaN and the infinities as `"NaN"`, `"Infinity"`, `"-Infinity"`. Of an event
 * longer than a line may be, texts and lists are cut, so that what is written can be read.
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

/** Keys that hold numbers; a sentence that reads "NaN" stays a sentence. */
const numberKeys = new Set([
  ...["loss", "penalty", "learningRate", "gradientNorm", "updateRatio", "tokens", "labelledTokens"],
  ...["wallSeconds", "spentMicroUsd", "rateScale", "done", "total"],
  ...["perplexityRise", "low", "high", "taskDrop", "probabilityDrop", "kl"],
]);
const numberNames = new Set(["NaN", "Infinity", "-Infinity"]);

/**
 * The event of a line, or `null` when it is none: torn, too long, or no object with `time` and `kind`.
 *
 * @param place where the line stands, for lines that were written before events were numbered
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

/** Whole lines of an event log, events or not. */
export async function countEventLines(path: string): Promise<number> {
  let count = 0;
  if (!existsSync(path)) return 0;
  for await (const lines of readLines(path, eventLineCharsMax))
    count += lines.filter(({ isWhole }) => isWhole).length;
  return count;
}

/** A place in an event log. */
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

  /** The events of the next lines; fewer where the log ends before, or a line is no event. */
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

  /** Goes on without reading. */
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
