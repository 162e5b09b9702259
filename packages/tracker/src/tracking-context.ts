/** @file Resources of the tracking routes: the store with its writer, the artifact store, a clock, and random ids. */

import type { ArtifactStore } from "./artifacts/artifact-store.ts";
import { openBucketArtifacts } from "./artifacts/bucket/bucket-artifacts.ts";
import { bucketPlaceFrom, isBucketAddress } from "./artifacts/bucket/bucket-place.ts";
import { folderArtifacts } from "./artifacts/folder-artifacts.ts";
import type { Database, Transaction } from "./database/database.ts";
import type { MachinePrice } from "./ledger/meter-run.ts";
import { openDatabase } from "./open-store.ts";
import type { StoreHost } from "./store-host.ts";
import { createWriter, type Write } from "./tracking/writer.ts";
import type { SentAlert } from "./wandb/alert-webhook.ts";

/** Everything that a tracking protocol needs to record a client's data. */
export interface TrackingContext {
  readonly database: Database;
  readonly write: Write;
  readonly artifacts: ArtifactStore;
  /** Default hourly price of a run's machine. */
  readonly price: MachinePrice;
  /** Names of the program's own metrics, for results of runs; see `headlineOf`. */
  readonly resultMetrics: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 32 hexadecimal digits, like MLflow's ids. */
  readonly newId: () => string;
  /** Receives alerts that runs raise, after they are stored. */
  readonly onAlert: (alert: SentAlert) => void;
  close(): Promise<void>;
}

/** Locations of the store and its artifacts. */
export interface TrackingPaths {
  /** A SQLite file or `postgres://...`. */
  readonly store: string;
  /** A folder, or `s3://BUCKET/PREFIX`. */
  readonly artifacts: string;
}

/** Without a rate, time is metered but costs nothing. */
const unknownPrice: MachinePrice = { microUsdPerHour: 0, source: "no rate was given" };

/** Options of a tracking context. */
interface TrackingOptions {
  /** Default hourly price of a run's machine. */
  readonly price?: MachinePrice | undefined;
  /** Names of the program's own metrics; none by default. */
  readonly resultMetrics?: readonly string[];
  /** Called after each committed transaction. */
  readonly onCommit?: (committed: Committed) => void;
  /** Receives alerts; by default they are only stored. */
  readonly onAlert?: (alert: SentAlert) => void;
}

/** Clocks, randomness, and the environment for a bucket. */
type TrackingHost = ArtifactHost & Partial<Pick<StoreHost, "elapsedSeconds">>;

/**
 * Opens the store and the artifact store.
 *
 * @throws {TunewiseError} the errors of `openArtifacts` and `openDatabase`
 */
export async function openTrackingContext(
  places: TrackingPaths,
  host: TrackingHost,
  { price = unknownPrice, resultMetrics = [], onCommit, onAlert = () => undefined }: TrackingOptions = {},
): Promise<TrackingContext> {
  const newId = (): string =>
    Array.from({ length: 32 }, () => Math.floor(host.random() * 16).toString(16)).join("");
  const artifacts = await openArtifacts(places.artifacts, newId, host);
  const database = await openDatabase(places.store);
  return {
    database,
    write: onCommit
      ? measuredWriter(database, host.elapsedSeconds ?? (() => host.now().getTime() / 1000), onCommit)
      : createWriter(database),
    artifacts,
    price,
    resultMetrics,
    now: () => host.now().getTime(),
    newId,
    onAlert,
    close: () => database.close(),
  };
}

/** A committed transaction. */
export interface Committed {
  readonly seconds: number;
  /** Number of requests it served. */
  readonly works: number;
  /** Number of metric points, including duplicates. */
  readonly points: number;
}

/**
 * Creates a writer that reports the duration, requests and points of each committed transaction.
 *
 * @param elapsedSeconds monotonic clock
 */
export function measuredWriter(
  database: Database,
  elapsedSeconds: () => number,
  onCommit: (committed: Committed) => void,
): Write {
  // a process runs transactions sequentially, so one set of counters is enough
  let [works, points] = [0, 0];
  const counting = (transaction: Transaction): Transaction => ({
    dialect: transaction.dialect,
    all: (sql, ...values) => transaction.all(sql, ...values),
    run: (sql, ...values) => transaction.run(sql, ...values),
    insert: (into, rows, conflict) => {
      if (into.table === "points") points += rows.length;
      return transaction.insert(into, rows, conflict);
    },
  });
  const write = createWriter({
    transaction: async (work) => {
      const start = elapsedSeconds();
      const result = await database.transaction((transaction) => {
        [works, points] = [0, 0];
        return work(counting(transaction));
      });
      onCommit({ seconds: elapsedSeconds() - start, works, points });
      return result;
    },
  });
  return (work) =>
    write((transaction) => {
      works++;
      return work(transaction);
    });
}

/** Dependencies of an artifact store. A bucket takes its keys from the environment. */
type ArtifactHost = Pick<StoreHost, "now" | "random"> & Partial<Pick<StoreHost, "environment">>;

/**
 * Opens an artifact store. Checks a bucket first. A folder is created with its first file.
 *
 * @param place a folder, or `s3://BUCKET/PREFIX`
 * @param newId creates ids for files that are being written
 * @throws {TunewiseError} `BUCKET_ADDRESS_INVALID`, `BUCKET_KEYS_MISSING` and the errors of `openBucketArtifacts`
 */
export async function openArtifacts(
  place: string,
  newId: () => string,
  { now, random, environment = {} }: ArtifactHost,
): Promise<ArtifactStore> {
  if (!isBucketAddress(place)) return folderArtifacts(place, newId);
  return openBucketArtifacts(bucketPlaceFrom(place, environment), {
    fetch,
    now: () => now().getTime(),
    random,
  });
}
