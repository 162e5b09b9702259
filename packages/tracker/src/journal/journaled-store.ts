/**
 * @file A store for runs with folders. Each record is written to the journal in the run's folder first and then applied
 * to the store exactly once. A store that was locked or lost can therefore catch up from the folder.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NewRun, Run } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import type { Database, Reader, Transaction } from "../database/database.ts";
import { countEventLines, EventCursor } from "../event-log.ts";
import { addRun, findOwnDuplicate, recordStore } from "../record/record-store.ts";
import { runFrom } from "../record/rows.ts";
import { writeBatch } from "../record/write-batch.ts";
import { createRun } from "../record/write-run.ts";
import { type RunFolder, runFolderAt } from "../run-folder.ts";
import type { Claim, RecordBatch, Store } from "../store.ts";
import { type Journal, openJournal, type RunEntry, readJournal } from "./journal-file.ts";

/** A store with journals. `record` is `note` followed by `catchUp`. */
export interface JournaledStore extends Store {
  /**
   * Writes a batch to the journal of its run only.
   *
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`
   */
  note(batch: RecordBatch): Promise<void>;
  /**
   * Applies a run's journal to the store, creating the run if the store lacks it.
   *
   * @returns number of entries that were new to the store; 0 for a run without a journal
   */
  catchUp(runId: string): Promise<number>;
  /**
   * Resumes a run and marks it as running, unless an identical run is completed or running.
   *
   * @returns the conflicting run; `null`: resumed
   */
  takeUp(runId: string, claim: Claim): Promise<Run | null>;
}

/**
 * Wraps an open database in a store, which closes the database when it is closed.
 *
 * @param runs the folder that contains the run folders
 */
export function journaledStore(database: Database, runs: string): JournaledStore {
  const store = recordStore(database);
  const journals = new Journals(database, runs);
  const catchUp = (runId: string): Promise<number> => bringUp(database, journals.folderOf(runId), runId);
  return {
    ...store,
    createRun: async (run, claim, outer) => {
      const duplicate = await database.transaction(async (transaction) => {
        const found = await addRun(transaction, run, { claim, outer }, database.path);
        if (found === null && journals.hasFolder(run.id)) await setPosition(transaction, run.id, 1);
        return found;
      });
      if (duplicate === null) await journals.begin(run, claim);
      return duplicate;
    },
    note: async (batch) => {
      await journals.note(batch);
    },
    record: async (batch) => {
      const runId = runOf(batch);
      const seq = await journals.note(batch);
      if (runId === null || seq === null) return store.record(batch);
      if (!(await writeNext(database, runId, seq, batch))) await catchUp(runId);
    },
    catchUp,
    takeUp: async (runId, claim) => {
      const duplicate = await database.transaction(async (transaction) => {
        const found = await findOwnDuplicate(transaction, claim, runId);
        if (found && claim.forced === null) return found;
        const known =
          "UPDATE runs SET status = 'running', ended_ms = NULL, fingerprint = ?, family = ? WHERE id = ?";
        await transaction.run(known, claim.fingerprint, claim.family, runId);
        return null;
      });
      if (duplicate !== null) return duplicate;
      await journals.note({ run: { id: runId, change: { status: "running", endedAt: null } } });
      await catchUp(runId);
      return null;
    },
    close: async () => {
      try {
        await journals.close();
      } finally {
        await store.close();
      }
    },
  };
}

/** The only run that a batch refers to; `null` if it refers to several or none. */
function runOf({
  run,
  metrics = [],
  events,
  artifacts = [],
  scores = [],
  spend = [],
  tags = [],
}: RecordBatch): string | null {
  const ids = new Set([...metrics, ...artifacts, ...scores, ...spend, ...tags].map(({ runId }) => runId));
  if (run) ids.add(run.id);
  if (events) ids.add(events.runId);
  const [id] = ids;
  return ids.size === 1 && id !== undefined ? id : null;
}

/** The open journals. */
class Journals {
  private readonly open = new Map<string, Promise<Journal>>();
  private readonly database: Database;
  private readonly runs: string;

  constructor(database: Database, runs: string) {
    this.database = database;
    this.runs = runs;
  }

  folderOf(runId: string): RunFolder {
    return runFolderAt(join(this.runs, runId));
  }

  hasFolder(runId: string): boolean {
    return existsSync(this.folderOf(runId).path);
  }

  /** Starts the journal of a new run. */
  async begin(run: NewRun, claim: Claim | undefined): Promise<void> {
    if (!this.hasFolder(run.id)) return;
    const folder = this.folderOf(run.id);
    const journal = await openJournal(folder.record);
    this.open.set(run.id, Promise.resolve(journal));
    await journal.add(await beginning(run, claim ?? null, folder));
  }

  /** Returns the entry's number; `null` unless the batch refers to exactly one run that has a folder. */
  async note(batch: RecordBatch): Promise<number | null> {
    const runId = runOf(batch);
    if (runId === null || !this.hasFolder(runId)) return null;
    const { events: own, ...rest } = batch;
    const events = own?.items.length ?? 0;
    return (await this.of(runId, events)).add({ kind: "batch", batch: rest, events });
  }

  async close(): Promise<void> {
    const open = [...this.open.values()];
    this.open.clear();
    const ends = await Promise.allSettled(open.map(async (journal) => (await journal).close()));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  private of(runId: string, events: number): Promise<Journal> {
    const known = this.open.get(runId) ?? this.openOf(runId, events);
    this.open.set(runId, known);
    // Forgets a failed attempt, because the next one may succeed.
    known.catch(() => this.open.delete(runId));
    return known;
  }

  /**
   * Opens a journal. Events that are missing from it because of a kill get an entry of their own.
   *
   * @param events number of events at the end of the log that the next entry will count
   */
  private async openOf(runId: string, events: number): Promise<Journal> {
    const folder = this.folderOf(runId);
    const journal = await openJournal(folder.record);
    try {
      if (journal.last === 0) await seedJournal(journal, this.database, runId, folder, events);
      journal.skipTo(await positionOf(this.database, runId));
      const left = (await countEventLines(folder.events)) - journal.events - events;
      if (left > 0) await journal.add({ kind: "batch", batch: {}, events: left });
      return journal;
    } catch (error) {
      await journal.close().catch(() => undefined);
      throw error;
    }
  }
}

/**
 * Writes a batch if it is the next one the store needs. Returns `false` if earlier entries are missing from the store.
 */
function writeNext(database: Database, runId: string, seq: number, batch: RecordBatch): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const position = await positionOf(transaction, runId);
    if (position >= seq) return true;
    if (position < seq - 1) return false;
    await writeBatch(transaction, batch, database.path);
    await setPosition(transaction, runId, seq);
    return true;
  });
}

/** Applies the missing entries of a journal in one transaction. */
async function bringUp(database: Database, folder: RunFolder, runId: string): Promise<number> {
  if (!existsSync(folder.record)) return 0;
  return database.transaction(async (transaction) => {
    const position = await positionOf(transaction, runId);
    const cursor = new EventCursor(folder.events);
    let [taken, last] = [0, position];
    try {
      for await (const entry of readJournal(folder.record)) {
        if (entry.seq <= position) {
          if (entry.kind === "batch") await cursor.skip(entry.events);
          continue;
        }
        if (entry.kind === "run") await keepBeginning(transaction, entry, runId, database.path);
        else {
          const items = await cursor.take(entry.events);
          await writeBatch(transaction, { ...entry.batch, events: { runId, items } }, database.path);
        }
        taken++;
        last = entry.seq;
      }
    } finally {
      await cursor.close();
    }
    if (taken > 0) await setPosition(transaction, runId, last);
    return taken;
  });
}

/** Creates the run unless the store already has it. */
async function keepBeginning(
  transaction: Transaction,
  { run, prints, forced }: RunEntry,
  runId: string,
  path: string,
): Promise<void> {
  const [known] = await transaction.all("SELECT 1 FROM runs WHERE id = ?", runId);
  if (known) return;
  const claim = prints && { ...prints, forced, dead: [] };
  await createRun(transaction, { ...run, id: runId }, claim, path);
}

/** Ledger entries per journal entry. */
const linesAtOnce = 500;

/**
 * Fills an empty journal with what the store holds of a run; does nothing if the store lacks the run.
 *
 * @param fresh number of events at the end of the log that the store does not have yet
 */
async function seedJournal(
  journal: Journal,
  database: Database,
  runId: string,
  folder: RunFolder,
  fresh: number,
): Promise<void> {
  const sql = `SELECT *, (SELECT name FROM projects WHERE projects.number = runs.project) AS project_name
               FROM runs JOIN recipe_runs ON recipe_runs.run = runs.number WHERE id = ?`;
  const [row] = await database.all(sql, runId);
  if (!row) return;
  const named = await database.all("SELECT key, value FROM params WHERE run = ?", Number(row["number"]));
  const params = Object.fromEntries(named.map(({ key, value }) => [String(key), String(value)]));
  const run: NewRun = { ...runFrom(row), project: String(row["project_name"]), params };
  const store = recordStore(database);
  const { fingerprint, family } = row;
  const claim = fingerprint && family ? { fingerprint: String(fingerprint), family: String(family) } : null;
  const forced = (await store.tags(runId))["tunewise.forced"] ?? null;
  await journal.add(await beginning(run, claim && { ...claim, forced }, folder));
  const [scores, artifacts] = [await store.scores(runId), await store.artifacts(runId)];
  const events = (await countEventLines(folder.events)) - fresh;
  await journal.add({ kind: "batch", batch: { scores, artifacts }, events });
  const spend = await store.spend(runId);
  for (let from = 0; from < spend.length; from += linesAtOnce)
    await journal.add({
      kind: "batch",
      batch: { spend: spend.slice(from, from + linesAtOnce) },
      events: 0,
    });
  await database.transaction((transaction) => setPosition(transaction, runId, journal.last));
}

/** A run's first entry, with copies of the files in its folder. */
async function beginning(
  run: NewRun,
  claim: Omit<Claim, "dead"> | null,
  folder: RunFolder,
): Promise<RunEntry> {
  const text = (path: string): Promise<string | null> => readTextFile(path).catch(() => null);
  const prints = claim && { fingerprint: claim.fingerprint, family: claim.family };
  const [plan, origin] = [await text(folder.plan), await text(folder.origin)];
  return { kind: "run", run, prints, forced: claim?.forced ?? null, plan, origin };
}

/** Number of the last journal entry applied to the store; 0: none, or no such run. */
async function positionOf(reader: Pick<Reader, "all">, runId: string): Promise<number> {
  const sql = "SELECT position FROM journals WHERE run = (SELECT number FROM runs WHERE id = ?)";
  return Number((await reader.all(sql, runId))[0]?.["position"] ?? 0);
}

/** Records that number, in the transaction that applies the entries. */
async function setPosition(transaction: Transaction, runId: string, position: number): Promise<void> {
  await transaction.run(
    `INSERT INTO journals (run, position) SELECT number, ? FROM runs WHERE id = ?
     ON CONFLICT (run) DO UPDATE SET position = excluded.position`,
    position,
    runId,
  );
}
