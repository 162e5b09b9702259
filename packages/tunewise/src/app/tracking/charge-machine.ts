/** @file Charges a run for its rented machine after the run's own meter has ended: a machine outlives its run. */
import { cost, seconds, type Usd } from "@tunewise/core/quantity";
import { createWriter } from "@tunewise/tracker";
import type { Runtime } from "../../runtime/index.ts";
import { chargeTracked } from "./charge-run.ts";
import { withDatabase } from "./with-database.ts";

/** A run whose meter has ended, and what its machine costs from then on. */
export interface MachineTime {
  readonly run: string;
  /** When the run's own meter ended. */
  readonly sinceMs: number;
  readonly usdPerHour: Usd;
}

/**
 * Books the time until the machine's provider first said that it is gone. The charge is of that time, so that one that
 * is made again is the one that is there. A store that cannot be written is said, and no error: the receipt is in the
 * machine's file.
 *
 * @param receipt when the provider said so, twice
 */
export async function chargeMachine(
  { run, sinceMs, usdPerHour }: MachineTime,
  { absentMs }: { readonly absentMs: readonly [number, number] },
  store: string,
  runtime: Runtime,
): Promise<void> {
  const [ms] = absentMs;
  const times = absentMs.map((at) => new Date(at).toISOString());
  const charge = {
    ...({ ms, kind: "other", quantity: 0, unit: "" } as const),
    microUsd: cost(usdPerHour, seconds(Math.max(0, ms - sinceMs) / 1000)),
    source: `rented machine, said to be gone at ${times.join(" and ")}`,
  };
  try {
    await withDatabase(store, runtime, (database) =>
      createWriter(database)((transaction) =>
        chargeTracked(transaction, run, charge, runtime.now().getTime()),
      ),
    );
  } catch (error) {
    runtime.note?.(`the ledger lacks the end of the machine: ${String(error)}`);
  }
}
