/** @file Interfaces that renting needs from outside: a provider, records, time, and access to the machine. */
import type { Provider, Way } from "../../provision/index.ts";
import type { RentalRecords } from "./records.ts";

/** Access to a machine. */
export interface Reach {
  /** Why the machine does not track its lease; `null` if it does. */
  readonly leaseFault: () => Promise<string | null>;
  /** Renews the lease. */
  readonly renew: () => Promise<void>;
}

/** Everything outside renting. Tests simulate all of it, with a kill as a promise that never settles. */
export interface RentalWorld {
  readonly provider: Provider;
  readonly records: RentalRecords;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly reach: (name: string, way: Way) => Reach;
  /** Aborted when the user interrupts. A machine that has not been reached yet is then abandoned and ended. */
  readonly signal: AbortSignal;
  /** Reports progress. */
  readonly say: (text: string) => void;
}

/** Reason for ending a machine whose work has finished. */
export const workIsDone = "the work is done";

/** An error message on one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]?.slice(0, 300) ?? "";
}
