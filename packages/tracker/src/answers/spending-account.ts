/**
 * @file Spending accounts: what any number of processes may spend on requests together.
 *
 * A client reserves the maximum cost of a request before it is sent, and settles the actual cost afterwards. A
 * reservation counts as spent until then, and for good if it is never settled: the request of a process that died may
 * have been paid for.
 */
import type { Reader, Transaction } from "../database/database.ts";

/** Money to reserve. Amounts are in micro-dollars. */
export interface Reservation {
  readonly account: string;
  /** What the account may spend in all. */
  readonly capMicroUsd: number;
  readonly microUsdMost: number;
  readonly owner: string;
  /** Key of the request. */
  readonly request: string;
  readonly nowMs: number;
  /** When the owner must be dead or stuck; only for display. */
  readonly expiresMs: number;
}

/** What is spent and reserved of an account. */
export interface AccountStanding {
  readonly spentMicroUsd: number;
  /** Reserved for requests in flight. */
  readonly reservedMicroUsd: number;
  /** Reserved by owners that did not settle in time; it remains reserved. */
  readonly lostMicroUsd: number;
}

/** The number of a reservation, or why there is none. */
export type ReservationOutcome =
  | { readonly kind: "reserved"; readonly number: number }
  | { readonly kind: "refused"; readonly standing: AccountStanding };

/** Reserves money, unless that would exceed the cap together with all that is spent and reserved. */
export async function reserve(transaction: Transaction, asked: Reservation): Promise<ReservationOutcome> {
  const { account, capMicroUsd, microUsdMost, owner, request, nowMs, expiresMs } = asked;
  checkAmount(microUsdMost);
  // Locks the row of the account for this transaction, so that of two at once one sees the other.
  await transaction.run(
    `INSERT INTO purses (name, spent_micro_usd) VALUES (?, 0)
     ON CONFLICT (name) DO UPDATE SET spent_micro_usd = purses.spent_micro_usd`,
    account,
  );
  const standing = await readAccount(transaction, account, nowMs);
  const gone = standing.spentMicroUsd + standing.reservedMicroUsd + standing.lostMicroUsd;
  if (gone + microUsdMost > capMicroUsd) return { kind: "refused", standing };
  const [row] = await transaction.all(
    `INSERT INTO purse_reservations (purse, holder, request, micro_usd_most, ms, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?) RETURNING number`,
    ...[account, owner, request, microUsdMost, nowMs, expiresMs],
  );
  return { kind: "reserved", number: Number(row?.["number"]) };
}

/**
 * Replaces a reservation by the actual cost.
 *
 * @returns `false` for a reservation that is settled already: nothing changes
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

/** What is spent and reserved of an account; nothing of one that does not exist. */
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
