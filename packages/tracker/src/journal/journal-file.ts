/**
 * @file `record.jsonl` of a run: everything recorded about the run, in order. A store that was lost, moved or locked is
 * brought up to date from it. Entries only count events, which are stored in `events.jsonl`.
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type AppendLog, errorReason, openAppendLog } from "@tunewise/core/files";
import { countOf } from "@tunewise/core/quantity";
import type { NewRun } from "@tunewise/core/run";
import { readLines } from "../line-file.ts";
import { problem } from "../problem/index.ts";
import type { RecordBatch } from "../store.ts";

/** The first entry: the run as created. */
export interface RunEntry {
  readonly kind: "run";
  readonly run: NewRun;
  /** Fingerprints that identify duplicates; `null`: none. */
  readonly prints: { readonly fingerprint: string; readonly family: string } | null;
  /** Reason for running despite an earlier identical run. */
  readonly forced: string | null;
  /** Copies of the folder's `plan.json` and `origin.json`. */
  readonly plan: string | null;
  readonly origin: string | null;
}

/** A batch of records. */
export interface BatchEntry {
  readonly kind: "batch";
  readonly batch: Omit<RecordBatch, "events">;
  /** Number of the next lines of `events.jsonl` that belong to the batch. */
  readonly events: number;
}

/** A journal entry. */
export type JournalEntry = RunEntry | BatchEntry;

/** An entry with its sequence number, starting at 1. */
export type NumberedEntry = JournalEntry & { readonly seq: number };

/** Maximum length of a line, for writing and reading. */
const maxLineChars = 16_000_000;

/** A journal opened for appending. */
export interface Journal {
  /** Number of the last entry; 0: the journal is empty. */
  readonly last: number;
  /** Total number of events counted by the entries. */
  readonly events: number;
  /** Appends an entry and waits until it is on disk. Returns its number. */
  add(entry: JournalEntry): Promise<number>;
  /** Skips sequence numbers up to this one, which the store already has from another copy of the folder. */
  skipTo(seq: number): void;
  close(): Promise<void>;
}

/**
 * Opens a journal, creating it if missing. An entry torn by a kill is discarded.
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
 * The entries of a journal in order; invalid lines are skipped. A missing file has no entries.
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

/** The first entry of a run's journal; `null`: there is none. */
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
 * Validates the run of an entry; `null` if it is invalid. Older journals lack the project and the hyperparameters.
 * Their runs go to a project named after the run, so that their cost is not lost.
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

/** JSON cannot represent some numbers. They are written as an object of a form that is not used otherwise. */
function nameNumber(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
}

function readNumber(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { number, ...rest } = value as { number?: unknown };
  const isNamed = typeof number === "string" && numberNames.has(number) && Object.keys(rest).length === 0;
  return isNamed ? Number(number) : value;
}
