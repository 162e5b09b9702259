/**
 * @file Charges other than machine time (tokens of a paid API, storage, labelling), and reservations for requests in
 * flight. Spending account and ledger agree at any moment, even after a kill.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { launchTreeSql } from "./nested-launches.ts";
import { addSpend, chargeKindsSql } from "./spend.ts";

/** Kinds of charges. */
export type ChargeKind = "tokens" | "storage" | "other";

/** A charge to a run. */
export interface Charge {
  /** Number of the run. */
  readonly run: number;
  /** When it was incurred. */
  readonly ms: number;
  readonly kind: ChargeKind;
  readonly microUsd: number;
  /** Number of `unit`s, such as tokens or GB-months; 0 if unknown. */
  readonly quantity: number;
  readonly unit: string;
  /** The bill or price list behind the amount, with its date. */
  readonly source: string;
}

/**
 * Records a charge in the ledger. Clients repeat calls whose response was lost, so a charge with the same time, kind,
 * amount, quantity, unit and source is recorded only once.
 *
 * @returns whether it is new
 */
export async function addCharge(transaction: Transaction, charge: Charge): Promise<boolean> {
  const { run, ms, kind, microUsd, quantity, unit, source } = charge;
  const same = `SELECT 1 FROM spend WHERE run = ? AND ms = ? AND kind = ? AND micro_usd = ? AND quantity = ?
    AND unit = ? AND price_source = ? LIMIT 1`;
  const known = await transaction.all(same, run, ms, kind, microUsd, quantity, unit, source);
  if (known.length > 0) return false;
  const price = { priceMicroUsdPerHour: 0, priceSource: source };
  await addSpend(transaction, { run, ms, kind, microUsd, seconds: 0, quantity, unit, ...price });
  return true;
}

/** Micro-dollars charged to a command and all runs below it, except for machine time. */
export async function chargedToLaunch(reader: Reader, launch: number): Promise<number> {
  const sql = `SELECT sum(micro_usd) AS sum FROM spend WHERE kind IN ${chargeKindsSql}
    AND run IN (${launchTreeSql})`;
  const [row] = await reader.all(sql, launch);
  return Number(row?.["sum"] ?? 0);
}

/** The only kind of ledger entry that is deleted: the actual cost replaces it. */
const kind = "reserved";

/** Money reserved for a run. */
export interface ReservedSpend {
  /** Number of the run. */
  readonly run: number;
  /** Number of the reservation in its account. */
  readonly reservation: number;
  readonly microUsd: number;
  readonly ms: number;
}

/** Records the maximum cost of a request. If it is never settled, the entry stays, as it does in the account. */
export async function addReserved(transaction: Transaction, reserved: ReservedSpend): Promise<void> {
  const { run, reservation, microUsd, ms } = reserved;
  const line = { run, ms, kind, microUsd, seconds: 0, quantity: 0, unit: "" };
  await addSpend(transaction, { ...line, priceMicroUsdPerHour: 0, priceSource: sourceOf(reservation) });
}

/** Removes the entry of a reservation whose actual cost is known. */
export async function dropReserved(
  transaction: Transaction,
  run: number,
  reservation: number,
): Promise<void> {
  // Newest first: a reservation is settled soon after it is made.
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
