/**
 * @file What a run paid for otherwise than by a machine's time: tokens of a paid API, storage, labelling.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { addSpend } from "./spend.ts";

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

/** Micro-dollars that a command and the runs it logged were charged beside the time of the machine. */
export async function chargedToLaunch(reader: Reader, launch: number): Promise<number> {
  const sql = `SELECT sum(micro_usd) AS sum FROM spend WHERE kind <> 'machine'
    AND run IN (SELECT number FROM runs WHERE number = ? OR launched_by = ?)`;
  const [row] = await reader.all(sql, launch, launch);
  return Number(row?.["sum"] ?? 0);
}
