/** @file What renting takes from outside: a provider, records, time, and a way to the machine. */
import type { Provider, Way } from "../../provision/index.ts";
import type { RentalRecords } from "./records.ts";

/** A machine that can be reached. */
export interface Reach {
  /** Why the machine does not count its lease; `null`: it does. */
  readonly leaseFault: () => Promise<string | null>;
  /** Starts the lease again. */
  readonly renew: () => Promise<void>;
}

/** Everything outside. In tests all of it is simulated, and a kill is a promise that never settles. */
export interface RentalWorld {
  readonly provider: Provider;
  readonly records: RentalRecords;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly reach: (name: string, way: Way) => Reach;
  /** Aborted when the user interrupts: a machine that is not reached yet is then given up. */
  readonly signal: AbortSignal;
  /** Says what happens. */
  readonly say: (text: string) => void;
}

/** Why a machine was ended whose work came to its end. */
export const workIsDone = "the work is done";

/** An error in one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]?.slice(0, 300) ?? "";
}
