/** @file For tests: a store with runs of clients, and what its ledger says of them. */
import { onTestFinished } from "vitest";
import type { Database, Transaction } from "../../packages/tracker/src/database/database.ts";
import { readSpend } from "../../packages/tracker/src/ledger/spend.ts";
import { openDatabase } from "../../packages/tracker/src/open-store.ts";
import { addProject } from "../../packages/tracker/src/tracking/projects.ts";
import { addTrackedRun } from "../../packages/tracker/src/tracking/runs.ts";
import type { NewRun } from "../../packages/tracker/src/tracking/types.ts";

/** A store while a test lasts. */
export interface TrackedStore {
  readonly database: Database;
  readonly write: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;
  /** Adds a run that is at work, and gives its number. */
  readonly add: (id: string, more?: Partial<NewRun>) => Promise<number>;
  readonly project: (name: string) => Promise<number>;
  /** The ledger of a run, line by line: micro-dollars and seconds. */
  readonly lines: (run: number) => Promise<[microUsd: number, seconds: number][]>;
}

const about = {
  ...{ project: 0, person: "ada", startedMs: 0, fingerprint: null, family: null, tags: [] },
  ...({ status: "running", client: "mlflow", purpose: "experiment" } as const),
};

/** Opens a store at a place of `storePlaces`. */
export async function trackedStore(place: string): Promise<TrackedStore> {
  const database = await openDatabase(place);
  onTestFinished(() => database.close());
  const write: TrackedStore["write"] = (work) => database.transaction(work);
  return {
    ...{ database, write },
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
