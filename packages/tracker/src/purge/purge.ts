/**
 * @file Removes for good what was deleted: first rows, which are marked in the same transaction, then files, then the
 * mark. A purge that is cut off leaves marks, and the next one goes on from there.
 */
import type { AuditAction } from "../access/audit.ts";
import { recordAudit } from "../access/audit.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Database, Transaction } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";
import { purposeTag } from "../ledger/spend.ts";
import {
  countDeleted,
  endModels,
  endProjects,
  endRuns,
  halfGone,
  nextModels,
  nextProjects,
  nextRuns,
  type PurgeCounts,
  type PurgeItem,
  removeModelRows,
  removeProjectRows,
  removeRunRows,
  wandbArtifactsOf,
} from "./purge-rows.ts";

/** What to remove, and who asks. */
export interface PurgeRequest {
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  /** Only what was deleted up to this moment. */
  readonly beforeMs: number;
  readonly nowMs: number;
  /** For the audit. */
  readonly person: string;
  readonly signal: AbortSignal;
}

/** What was removed. */
export interface Purged extends PurgeCounts {
  /** Files and folders that belonged to no trace any more. */
  readonly leftovers: number;
}

/** Things of one transaction: few, so that others write in between. */
const atOnce = 20;

interface Kind {
  readonly table: "runs" | "logged_models" | "projects";
  readonly action: AuditAction;
  readonly next: (reader: Database, beforeMs: number, most: number) => Promise<PurgeItem[]>;
  readonly removeRows: (transaction: Transaction, items: readonly PurgeItem[]) => Promise<void>;
  readonly files: (item: PurgeItem, database: Database) => Promise<string[]>;
  readonly end: (transaction: Transaction, items: readonly PurgeItem[]) => Promise<void>;
}

const kinds: readonly Kind[] = [
  {
    ...{ table: "runs", action: "runs-purged", next: nextRuns, end: endRuns },
    removeRows: (transaction, items) => removeRunRows(transaction, items, purposeTag),
    files: async ({ project, id, number }) => [`${project}/${id}`, `runs/${number}`],
  },
  {
    ...{ table: "logged_models", action: "models-purged", next: nextModels, end: endModels },
    removeRows: removeModelRows,
    files: async ({ project, id }) => [`${project}/models/${id}`],
  },
  {
    ...{ table: "projects", action: "projects-purged", next: nextProjects, end: endProjects },
    removeRows: removeProjectRows,
    files: async ({ number }, database) => [
      ...[String(number), `wandb/content/${number}`],
      ...(await wandbArtifactsOf(database, number)).map((artifact) => `wandb/manifests/${artifact}`),
    ],
  },
];

/**
 * Removes what was deleted up to a moment, and ends an earlier purge that was cut off.
 *
 * @throws {TunewiseError} the errors of the database and of the store of files
 * @throws the signal's reason, between two transactions
 */
export async function purge(request: PurgeRequest): Promise<Purged> {
  const { database, beforeMs } = request;
  const { kept } = await countDeleted(database, beforeMs);
  const counts: number[] = [];
  for (const kind of kinds) {
    for (let half = await halfGone(database, kind.table, atOnce); half.length > 0; ) {
      await removeFiles(request, kind, half);
      half = await halfGone(database, kind.table, atOnce);
    }
    let count = 0;
    for (;;) {
      request.signal.throwIfAborted();
      const items = await kind.next(database, beforeMs, atOnce);
      if (items.length === 0) break;
      await database.transaction(async (transaction) => {
        await kind.removeRows(transaction, items);
        await note(transaction, request, kind.action, items);
      });
      await removeFiles(request, kind, items);
      count += items.length;
    }
    counts.push(count);
  }
  const [runs = 0, models = 0, projects = 0] = counts;
  return { runs, models, projects, kept, leftovers: await removeLeftovers(request) };
}

async function removeFiles(
  { database, artifacts, signal }: PurgeRequest,
  kind: Kind,
  items: readonly PurgeItem[],
): Promise<void> {
  for (const item of items) {
    signal.throwIfAborted();
    for (const key of await kind.files(item, database)) await artifacts.remove(key);
  }
  await database.transaction((transaction) => kind.end(transaction, items));
}

function note(
  transaction: Transaction,
  { nowMs, person, beforeMs }: PurgeRequest,
  action: AuditAction,
  items: readonly PurgeItem[],
): Promise<void> {
  const ids = items.map(({ id }) => id).join(", ");
  const detail = `deleted up to ${new Date(beforeMs).toISOString()}: ${ids}`.slice(0, 2000);
  return recordAudit(transaction, { ms: nowMs, person, action, subject: `${items.length}`, detail });
}

/** Files of traces whose rows went and whose deletion was cut off before the files. */
async function removeLeftovers({ database, artifacts, signal }: PurgeRequest): Promise<number> {
  let count = 0;
  const projects = await database.all(
    "SELECT number FROM projects WHERE stage IN ('active', 'deleted') ORDER BY number",
  );
  for (const { number } of projects) {
    signal.throwIfAborted();
    const names = (await artifacts.list(`${number}/traces`)).map(({ name }) => name);
    const rows = await readAmong(database, names, (among) => `SELECT id FROM traces WHERE id IN (${among})`);
    const known = new Set(rows.map(({ id }) => String(id)));
    for (const name of names.filter((one) => !known.has(one))) {
      await artifacts.remove(`${number}/traces/${name}`);
      count++;
    }
  }
  return count;
}
