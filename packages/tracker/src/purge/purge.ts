/**
 * @file Permanently removes deleted items: first their rows, marking the items in the same transaction, then their
 * files, then the marks. The next purge continues an interrupted one from its marks.
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

/** What to remove, and on whose behalf. */
export interface PurgeRequest {
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  /** Only items deleted up to this time. */
  readonly beforeMs: number;
  readonly nowMs: number;
  /** Recorded in the audit log. */
  readonly person: string;
  readonly signal: AbortSignal;
}

/** Number of removed items. */
export interface Purged extends PurgeCounts {
  /** Files and folders of traces that no longer exist. */
  readonly leftovers: number;
}

/** Items per transaction; few, so that other writers get their turn. */
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
    table: "runs",
    action: "runs-purged",
    next: nextRuns,
    end: endRuns,
    removeRows: (transaction, items) => removeRunRows(transaction, items, purposeTag),
    files: async ({ project, id, number }) => [`${project}/${id}`, `runs/${number}`],
  },
  {
    table: "logged_models",
    action: "models-purged",
    next: nextModels,
    end: endModels,
    removeRows: removeModelRows,
    files: async ({ project, id }) => [`${project}/models/${id}`],
  },
  {
    table: "projects",
    action: "projects-purged",
    next: nextProjects,
    end: endProjects,
    removeRows: removeProjectRows,
    files: async ({ number }, database) => [
      ...[String(number), `wandb/content/${number}`],
      ...(await wandbArtifactsOf(database, number)).map((artifact) => `wandb/manifests/${artifact}`),
    ],
  },
];

/**
 * Removes items deleted up to a time, and completes an interrupted purge.
 *
 * @throws {TunewiseError} the errors of the database and the artifact store
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

/** Removes files of traces whose rows were deleted before the deletion was interrupted. */
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
