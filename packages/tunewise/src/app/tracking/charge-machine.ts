/**
 * @file Charges a run for its rented machine after the run's own meter stopped, because the machine outlives the run.
 */
import { cost, seconds, type Usd } from "@tunewise/core/quantity";
import { chargeTracked, createWriter, withDatabase } from "@tunewise/tracker";
import type { Runtime } from "../../runtime/index.ts";

/** A run whose meter has stopped, and the price of its machine. */
export interface MachineTime {
  readonly run: string;
  /** When the run's own meter stopped. */
  readonly sinceMs: number;
  readonly usdPerHour: Usd;
}

/**
 * Charges for the time until the provider first confirmed that the machine is gone. The charge has that timestamp, so
 * that a repeated charge is recognized as the same. If the store is not writable, prints a note instead of an error,
 * because the machine's file contains the receipt.
 *
 * @param receipt times of the provider's two confirmations
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
