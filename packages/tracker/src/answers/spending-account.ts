/**
 * @file Spending accounts: what any number of processes may spend on requests together.
 *
 * A client reserves the maximum cost of a request before it is sent, and records the actual cost afterwards. A
 * reservation counts as spent until then, and permanently if it is never settled, because the request of a process that
 * died may have been charged.
 */
import type { Reader, Transaction } from "../database/database.ts";

/** Money to reserve. Amounts are in micro-dollars. */
export interface Reservation {
  readonly account: string;
  /** The account's spending limit. */
  readonly capMicroUsd: number;
  readonly maxMicroUsd: number;
  readonly owner: string;
  /** Key of the request. */
  readonly request: string;
  readonly nowMs: number;
  /** After this time the owner is presumed dead or stuck; only for display. */
  readonly expiresMs: number;
}

/** Amounts spent and reserved in an account. */
export interface AccountStanding {
  readonly spentMicroUsd: number;
  /** Reserved for requests in flight. */
  readonly reservedMicroUsd: number;
  /** Reserved by owners that did not settle before the reservation expired; it remains reserved. */
  readonly lostMicroUsd: number;
}

/** The number of a reservation, or the standing that led to its refusal. */
export type ReservationOutcome =
  | { readonly kind: "reserved"; readonly number: number }
  | { readonly kind: "refused"; readonly standing: AccountStanding };

/** Reserves money, unless the total of spent and reserved amounts would exceed the cap. */
export async function reserve(transaction: Transaction, asked: Reservation): Promise<ReservationOutcome> {
  const { account, capMicroUsd, maxMicroUsd, owner, request, nowMs, expiresMs } = asked;
  checkAmount(maxMicroUsd);
  // Locks the account's row for this transaction, so that concurrent reservations see each other.
  await transaction.run(
    `INSERT INTO purses (name, spent_micro_usd) VALUES (?, 0)
     ON CONFLICT (name) DO UPDATE SET spent_micro_usd = purses.spent_micro_usd`,
    account,
  );
  const standing = await readAccount(transaction, account, nowMs);
  const gone = standing.spentMicroUsd + standing.reservedMicroUsd + standing.lostMicroUsd;
  if (gone + maxMicroUsd > capMicroUsd) return { kind: "refused", standing };
  const [row] = await transaction.all(
    `INSERT INTO purse_reservations (purse, holder, request, micro_usd_most, ms, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?) RETURNING number`,
    ...[account, owner, request, maxMicroUsd, nowMs, expiresMs],
  );
  return { kind: "reserved", number: Number(row?.["number"]) };
}

/**
 * Replaces a reservation by the actual cost.
 *
 * @returns `false` if the reservation is already settled; nothing changes then
 */
export async function settle(
  transaction: Transaction,
  reservation: number,
  microUsd: number,
): Promise<boolean> {
  checkAmount(microUsd);
  const sql = "DELETE FROM purse_reservations WHERE number = ? RETURNING purse";
  const [row] = await transaction.all(sql, reservation);
  if (!row) return false;
  const add = "UPDATE purses SET spent_micro_usd = spent_micro_usd + ? WHERE name = ?";
  await transaction.run(add, microUsd, String(row["purse"]));
  return true;
}

/** Amounts spent and reserved in an account; zero for an account that does not exist. */
export async function readAccount(reader: Reader, account: string, nowMs: number): Promise<AccountStanding> {
  const [spent] = await reader.all("SELECT spent_micro_usd FROM purses WHERE name = ?", account);
  const [open] = await reader.all(
    `SELECT sum(micro_usd_most) AS all_of_it, sum(CASE WHEN expires_ms <= ? THEN micro_usd_most ELSE 0 END) AS lost
     FROM purse_reservations WHERE purse = ?`,
    nowMs,
    account,
  );
  const lost = Number(open?.["lost"] ?? 0);
  return {
    spentMicroUsd: Number(spent?.["spent_micro_usd"] ?? 0),
    reservedMicroUsd: Number(open?.["all_of_it"] ?? 0) - lost,
    lostMicroUsd: lost,
  };
}

function checkAmount(microUsd: number): void {
  if (!Number.isSafeInteger(microUsd) || microUsd < 0) {
    throw new RangeError(`Internal: ${microUsd} is no amount of micro-dollars`);
  }
}
