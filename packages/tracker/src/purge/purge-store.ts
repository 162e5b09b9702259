/** @file `tunewise store purge`: permanently removes deleted rows and files from a store. */
import { existsSync } from "node:fs";
import type { Database } from "../database/database.ts";
import { isAddress, openDatabase } from "../open-store.ts";
import { problem } from "../problem/index.ts";
import type { StoreHost } from "../store-host.ts";
import { openArtifacts, type TrackingPaths } from "../tracking-context.ts";
import { type Purged, purge } from "./purge.ts";
import { countDeleted } from "./purge-rows.ts";

/** What to remove. */
export interface PurgeOptions {
  readonly places: TrackingPaths;
  /** Minimum time since the deletion, such as `30d`. */
  readonly olderThan: string;
  readonly isDryRun: boolean;
  /** Who requests the purge, for the audit log. */
  readonly by: string;
}

/** What was removed, or would be in a dry run. */
export interface PurgeReport extends Purged {
  readonly isDryRun: boolean;
  /** ISO time. Items deleted later are kept. */
  readonly before: string;
}

/** Clock, randomness, keys of buckets, and cancellation. */
type PurgeHost = Pick<StoreHost, "now" | "random" | "environment" | "signal">;

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Parses an age to milliseconds.
 *
 * @throws {TunewiseError} `PURGE_AGE_INVALID`
 */
function readAgeMs(text: string): number {
  const [, count, unit = ""] = /^(\d{1,5})([hdw])$/.exec(text.trim()) ?? [];
  if (count === undefined) throw problem("PURGE_AGE_INVALID", { found: text.slice(0, 60) });
  return Number(count) * (unitMs[unit] ?? 0);
}

/**
 * Counts deleted items, or permanently removes them.
 *
 * @throws {TunewiseError} `STORE_NOT_FOUND`, `PURGE_AGE_INVALID` and the errors of `purge` and `openArtifacts`
 * @throws the signal's reason; the next purge then continues
 */
export async function purgeStore(options: PurgeOptions, runtime: PurgeHost): Promise<PurgeReport> {
  const { places, olderThan, isDryRun, by } = options;
  const nowMs = runtime.now().getTime();
  const beforeMs = nowMs - readAgeMs(olderThan);
  if (!isAddress(places.store) && !existsSync(places.store))
    throw problem("STORE_NOT_FOUND", { path: places.store });
  const about = { isDryRun, before: new Date(beforeMs).toISOString() };
  const database = await openDatabase(places.store);
  try {
    if (isDryRun) return { ...(await countDeleted(database, beforeMs)), leftovers: 0, ...about };
    return { ...(await remove(database, { beforeMs, nowMs, by }, places, runtime)), ...about };
  } finally {
    await database.close();
  }
}

async function remove(
  database: Database,
  { beforeMs, nowMs, by }: { readonly beforeMs: number; readonly nowMs: number; readonly by: string },
  places: TrackingPaths,
  runtime: PurgeHost,
): Promise<Purged> {
  const newId = (): string => Math.floor(runtime.random() * 2 ** 48).toString(36);
  const artifacts = await openArtifacts(places.artifacts, newId, runtime);
  return purge({ database, artifacts, beforeMs, nowMs, person: by, signal: runtime.signal });
}
