/**
 * @file `record.jsonl` of a run: everything the store is told about the run, in order, so that a store that was lost,
 * moved away or locked can be brought up to date from the folder. Events are counted here and lie in `events.jsonl`.
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type AppendLog, errorReason, openAppendLog } from "@tunewise/core/files";
import { countOf } from "@tunewise/core/quantity";
import type { NewRun } from "@tunewise/core/run";
import { readLines } from "../line-file.ts";
import { problem } from "../problem/index.ts";
import type { RecordBatch } from "../store.ts";

/** The first entry: the run as it began. */
export interface RunEntry {
  readonly kind: "run";
  readonly run: NewRun;
  /** What it is known again by; `null`: nothing. */
  readonly prints: { readonly fingerprint: string; readonly family: string } | null;
  /** Why it runs although the same ran before. */
  readonly forced: string | null;
  /** Second copies of the folder's `plan.json` and `origin.json`. */
  readonly plan: string | null;
  readonly origin: string | null;
}

/** Facts written together. */
export interface BatchEntry {
  readonly kind: "batch";
  readonly batch: Omit<RecordBatch, "events">;
  /** So many of the next lines of `events.jsonl` belong to it. */
  readonly events: number;
}

/** An entry. */
export type JournalEntry = RunEntry | BatchEntry;

/** An entry with its number, from 1. */
export type NumberedEntry = JournalEntry & { readonly seq: number };

/** Longest line that is written and read. */
const maxLineChars = 16_000_000;

/** A journal that is open for adding. */
export interface Journal {
  /** Number of the last entry; 0: there is none. */
  readonly last: number;
  /** Events that its entries count. */
  readonly events: number;
  /** Adds an entry and waits until it is on the disk. Returns its number. */
  add(entry: JournalEntry): Promise<number>;
  /** Leaves out numbers up to this one: the store has them from a copy of the folder that went on. */
  skipTo(seq: number): void;
  close(): Promise<void>;
}

/**
 * Opens a journal, making it when missing; an entry that a kill cut off is dropped.
 *
 * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`, `RUN_FILE_UNREADABLE`
 */
export async function openJournal(path: string): Promise<Journal> {
  const log = await openAppendLog(path).catch((cause: unknown) => {
    throw writeFailed(path, cause);
  });
  let [last, events] = [0, 0];
  try {
    for await (const entry of readJournal(path)) {
      last = Math.max(last, entry.seq);
      if (entry.kind === "batch") events += entry.events;
    }
  } catch (error) {
    await log.close().catch(() => undefined);
    throw error;
  }
  return {
    get last() {
      return last;
    },
    get events() {
      return events;
    },
    add: async (entry) => {
      await append(log, path, { seq: last + 1, ...entry });
      last++;
      if (entry.kind === "batch") events += entry.events;
      return last;
    },
    skipTo: (seq) => {
      last = Math.max(last, seq);
    },
    close: () => log.close(),
  };
}

async function append(log: AppendLog, path: string, entry: NumberedEntry): Promise<void> {
  const line = JSON.stringify(entry, (_, value: unknown) => nameNumber(value));
  try {
    if (line.length > maxLineChars) throw new Error(`an entry of ${countOf(line.length, "character")}`);
    await log.add(`${line}\n`, true);
  } catch (cause) {
    throw writeFailed(path, cause);
  }
}

function writeFailed(path: string, cause: unknown): Error {
  return problem(
    "RUN_FILE_WRITE_FAILED",
    { path, folder: dirname(path), reason: errorReason(cause) },
    { cause },
  );
}

/**
 * The entries of a journal in order; lines that are none are left out. A missing file has none.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function* readJournal(path: string): AsyncGenerator<NumberedEntry> {
  if (!existsSync(path)) return;
  for await (const lines of readLines(path, maxLineChars)) {
    for (const { text, isWhole } of lines) {
      const entry = text === null || !isWhole ? null : readEntry(text);
      if (entry) yield entry;
    }
  }
}

/** The run's beginning as its journal has it; `null`: there is none. */
export async function readBeginning(path: string): Promise<RunEntry | null> {
  for await (const entry of readJournal(path)) return entry.kind === "run" ? entry : null;
  return null;
}

function readEntry(line: string): NumberedEntry | null {
  try {
    const value = JSON.parse(line, (_, item: unknown) => readNumber(item)) as Partial<NumberedEntry>;
    if (!Number.isSafeInteger(value.seq) || Number(value.seq) < 1) return null;
    if (value.kind === "run") {
      const run = readRun(value.run);
      return run === null ? null : { ...(value as NumberedEntry & { kind: "run" }), run };
    }
    const isBatch =
      value.kind === "batch" && typeof value.batch === "object" && Number.isSafeInteger(value.events);
    return isBatch ? (value as NumberedEntry) : null;
  } catch {
    return null;
  }
}

const runTexts = ["id", "name", "status", "createdAt", "recipeText", "configuration", "folder"] as const;

/**
 * Reads the run of an entry; `null`: it is none. Journals written before runs named their project and their
 * hyper-parameters have neither: what such a run cost must not be lost, so it goes to the project of its own name.
 */
function readRun(run: Partial<NewRun> | undefined): NewRun | null {
  if (typeof run !== "object" || run === null) return null;
  if (runTexts.some((key) => typeof run[key] !== "string")) return null;
  const { project = run.name, params = {} } = run;
  if (typeof project !== "string" || typeof params !== "object" || params === null) return null;
  if (Object.values(params).some((value) => typeof value !== "string")) return null;
  return { ...(run as NewRun), project, params };
}

const numberNames = new Set(["NaN", "Infinity", "-Infinity"]);

/** JSON has no word for some numbers; an object of this form is none of ours otherwise. */
function nameNumber(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
}

function readNumber(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { number, ...rest } = value as { number?: unknown };
  const isNamed = typeof number === "string" && numberNames.has(number) && Object.keys(rest).length === 0;
  return isNamed ? Number(number) : value;
}
