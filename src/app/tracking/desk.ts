/**
 * @file What the server's routes work with: the store, the place of artifacts, clock and chance.
 */

import type { Host } from "../../runtime/index.ts";
import {
  type ArtifactStore,
  createWriter,
  type Database,
  type MachinePrice,
  openDatabase,
  type Write,
} from "../../track/index.ts";
import { type Committed, measuredWriter } from "./measured-writes.ts";
import { type ArtifactHost, openArtifacts } from "./open-artifacts.ts";

/** Everything a protocol needs to record what clients log. */
export interface Desk {
  readonly database: Database;
  readonly write: Write;
  readonly artifacts: ArtifactStore;
  /** What an hour of a run's machine costs, where nobody says it of the run. */
  readonly price: MachinePrice;
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
  /** A folder, or `s3://BUCKET/PREFIX`. */
  readonly artifacts: string;
}

/** Time is metered, and costs nothing. */
const unknownPrice: MachinePrice = { microUsdPerHour: 0, source: "no rate was given" };

/** What a desk may be told beside its places. */
interface DeskManner {
  /** Of a machine's hour, where nobody says it of the run. */
  readonly price?: MachinePrice | undefined;
  /** Is told of each transaction that was written. */
  readonly onCommit?: (committed: Committed) => void;
}

/** Clock and chance, and for a bucket the environment. */
type DeskHost = ArtifactHost & Pick<Host, "now">;

/**
 * Opens a desk.
 *
 * @throws {TunewiseError} the errors of `openArtifacts` and `openDatabase`
 */
export async function openDesk(
  places: DeskPlaces,
  host: DeskHost,
  { price = unknownPrice, onCommit }: DeskManner = {},
): Promise<Desk> {
  const newId = (): string =>
    Array.from({ length: 32 }, () => Math.floor(host.random() * 16).toString(16)).join("");
  const artifacts = await openArtifacts(places.artifacts, newId, host);
  const database = await openDatabase(places.store);
  return {
    database,
    write: onCommit
      ? measuredWriter(database, () => performance.now() / 1000, onCommit)
      : createWriter(database),
    artifacts,
    price,
    now: () => host.now().getTime(),
    newId,
    close: () => database.close(),
  };
}
