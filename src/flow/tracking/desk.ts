/**
 * @file What the server's routes work with: the store, the place of artifacts, clock and chance.
 */
import {
  type ArtifactStore,
  createWriter,
  type Database,
  folderArtifacts,
  openDatabase,
  type Write,
} from "../../track/index.ts";
import type { Host } from "../host.ts";
import { type Committed, measuredWriter } from "./measured-writes.ts";

/** Everything a protocol needs to record what clients log. */
export interface Desk {
  readonly database: Database;
  readonly write: Write;
  readonly artifacts: ArtifactStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 32 hex letters, as MLflow's ids have. */
  readonly newId: () => string;
  close(): Promise<void>;
}

/** Where a desk keeps what it is given. */
export interface DeskPlaces {
  /** A SQLite file or `postgres://...`. */
  readonly store: string;
  /** A folder. */
  readonly artifacts: string;
}

/**
 * Opens a desk.
 *
 * @param onCommit is told of each transaction that was written
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function openDesk(
  places: DeskPlaces,
  host: Pick<Host, "now" | "random">,
  onCommit?: (committed: Committed) => void,
): Promise<Desk> {
  const database = await openDatabase(places.store);
  const newId = (): string =>
    Array.from({ length: 32 }, () => Math.floor(host.random() * 16).toString(16)).join("");
  return {
    database,
    write: onCommit
      ? measuredWriter(database, () => performance.now() / 1000, onCommit)
      : createWriter(database),
    artifacts: folderArtifacts(places.artifacts, newId),
    now: () => host.now().getTime(),
    newId,
    close: () => database.close(),
  };
}
