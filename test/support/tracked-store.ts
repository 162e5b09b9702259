/** @file For tests: a store with client runs, and access to their ledgers. */
import { onTestFinished } from "vitest";
import type { Database, Transaction } from "../../packages/tracker/src/database/database.ts";
import { readSpend } from "../../packages/tracker/src/ledger/spend.ts";
import { openDatabase } from "../../packages/tracker/src/open-store.ts";
import { addProject } from "../../packages/tracker/src/tracking/projects.ts";
import { addTrackedRun } from "../../packages/tracker/src/tracking/runs.ts";
import type { NewRun } from "../../packages/tracker/src/tracking/types.ts";

/** A store for the duration of a test. */
export interface TrackedStore {
  readonly database: Database;
  readonly write: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;
  /** Adds a running run and returns its number. */
  readonly add: (id: string, more?: Partial<NewRun>) => Promise<number>;
  readonly project: (name: string) => Promise<number>;
  /** The ledger entries of a run, in micro-dollars and seconds. */
  readonly lines: (run: number) => Promise<[microUsd: number, seconds: number][]>;
}

const about = {
  project: 0,
  person: "ada",
  startedMs: 0,
  fingerprint: null,
  family: null,
  tags: [],
  ...({ status: "running", client: "mlflow", purpose: "experiment" } as const),
};

/** Opens a store at a place from `storePlaces`. */
export async function trackedStore(place: string): Promise<TrackedStore> {
  const database = await openDatabase(place);
  onTestFinished(() => database.close());
  const write: TrackedStore["write"] = (work) => database.transaction(work);
  return {
    database,
    write,
    add: async (id, more = {}) =>
      (await write((transaction) => addTrackedRun(transaction, { ...about, id, name: id, ...more }))).number,
    project: async (name) => {
      const project = { name, artifactRoot: null, tags: [], nowMs: 1 };
      return (await write((transaction) => addProject(transaction, project))).number;
    },
    lines: async (run) =>
      (await readSpend(database, run)).map(({ microUsd, seconds }) => [microUsd, seconds]),
  };
}
