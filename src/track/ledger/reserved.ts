/**
 * @file What is set aside for a request in flight, as a line of the ledger: a purse and the ledger say one sum at any
 *   moment, whoever is killed when.
 */
import type { Transaction } from "../database/database.ts";
import { addSpend } from "./spend.ts";

/** The only kind whose lines do not stay: what it did cost comes in their place. */
const kind = "reserved";

/** Money set aside for a run. */
export interface ReservedSpend {
  /** Number of the run. */
  readonly run: number;
  /** Number of the reservation in its purse. */
  readonly reservation: number;
  readonly microUsd: number;
  readonly ms: number;
}

/** Notes down the most that a request can cost; where nobody settles it, it stays, as in the purse. */
export async function addReserved(transaction: Transaction, reserved: ReservedSpend): Promise<void> {
  const { run, reservation, microUsd, ms } = reserved;
  const line = { run, ms, kind, microUsd, seconds: 0, quantity: 0, unit: "" };
  await addSpend(transaction, { ...line, priceMicroUsdPerHour: 0, priceSource: sourceOf(reservation) });
}

/** Takes the line of a reservation out again: what it did cost is known. */
export async function dropReserved(
  transaction: Transaction,
  run: number,
  reservation: number,
): Promise<void> {
  // the newest first: a reservation is settled soon after it is made
  const find = `SELECT sequence, micro_usd FROM spend WHERE run = ? AND kind = ? AND price_source = ?
    ORDER BY sequence DESC LIMIT 1`;
  const [line] = await transaction.all(find, run, kind, sourceOf(reservation));
  if (!line) return;
  await transaction.run("DELETE FROM spend WHERE sequence = ?", Number(line["sequence"]));
  const less = "UPDATE runs SET spent_micro_usd = spent_micro_usd - ? WHERE number = ?";
  await transaction.run(less, Number(line["micro_usd"]), run);
}

function sourceOf(reservation: number): string {
  return `set aside for request ${reservation}: the most that it can cost`;
}
