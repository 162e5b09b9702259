/**
 * @file What a run pays for otherwise than by a machine's time (tokens of a paid API, storage, labelling), and what is
 * set aside for a request in flight: a spending account and the ledger agree at any moment, whatever process is killed.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { launchTreeSql } from "./nested-launches.ts";
import { addSpend, chargeKindsSql } from "./spend.ts";

/** What was paid for. */
export type ChargeKind = "tokens" | "storage" | "other";

/** An amount that somebody asks for a run. */
export interface Charge {
  /** Number of the run. */
  readonly run: number;
  /** When it was incurred. */
  readonly ms: number;
  readonly kind: ChargeKind;
  readonly microUsd: number;
  /** Counts `unit`s, such as tokens or GB-months; 0 where nobody counted. */
  readonly quantity: number;
  readonly unit: string;
  /** Which bill or price list says so, with its date. */
  readonly source: string;
}

/**
 * Brings a charge into the ledger. Clients repeat a call whose answer was lost: a charge of the same time, kind,
 * amount, quantity and source is the one that is there.
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

/** Micro-dollars that a command and all runs below it were charged, except for the time of the machine. */
export async function chargedToLaunch(reader: Reader, launch: number): Promise<number> {
  const sql = `SELECT sum(micro_usd) AS sum FROM spend WHERE kind IN ${chargeKindsSql}
    AND run IN (${launchTreeSql})`;
  const [row] = await reader.all(sql, launch);
  return Number(row?.["sum"] ?? 0);
}

/** The only kind whose lines do not stay: what it did cost comes in their place. */
const kind = "reserved";

/** Money set aside for a run. */
export interface ReservedSpend {
  /** Number of the run. */
  readonly run: number;
  /** Number of the reservation in its account. */
  readonly reservation: number;
  readonly microUsd: number;
  readonly ms: number;
}

/** Records the most that a request can cost; where nobody settles it, it stays, as in the account. */
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
