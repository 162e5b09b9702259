/**
 * @file A purse: what may be spent on asking, by however many processes at once.
 *
 * Whoever asks sets aside the most that it can cost first, and says afterwards what it did cost. What is set aside
 * counts as spent all the while, and stays so where nobody says: a process that died may have been paid for.
 */
import type { Reader, Transaction } from "../database/database.ts";

/** Money to be set aside. Amounts are in micro-dollars. */
export interface Reservation {
  readonly purse: string;
  /** What the purse may spend in all. */
  readonly capMicroUsd: number;
  readonly microUsdMost: number;
  /** Who asks. */
  readonly holder: string;
  /** What is asked. */
  readonly request: string;
  readonly nowMs: number;
  /** When the holder must be dead or stuck; only for telling people. */
  readonly expiresMs: number;
}

/** What is gone from a purse. */
export interface PurseStanding {
  readonly spentMicroUsd: number;
  /** Set aside for requests in flight. */
  readonly reservedMicroUsd: number;
  /** Set aside by holders that did not come back in time; it stays set aside. */
  readonly lostMicroUsd: number;
}

/** The number of a reservation, or why there is none. */
export type ReservationOutcome =
  | { readonly kind: "reserved"; readonly number: number }
  | { readonly kind: "refused"; readonly standing: PurseStanding };

/** Sets money aside, unless that would go beyond the cap together with all that is spent and set aside. */
export async function reserve(transaction: Transaction, asked: Reservation): Promise<ReservationOutcome> {
  const { purse, capMicroUsd, microUsdMost, holder, request, nowMs, expiresMs } = asked;
  checkAmount(microUsdMost);
  // The row of the purse is taken for this transaction, so that of two that come at once one sees the other.
  await transaction.run(
    `INSERT INTO purses (name, spent_micro_usd) VALUES (?, 0)
     ON CONFLICT (name) DO UPDATE SET spent_micro_usd = purses.spent_micro_usd`,
    purse,
  );
  const standing = await readPurse(transaction, purse, nowMs);
  const gone = standing.spentMicroUsd + standing.reservedMicroUsd + standing.lostMicroUsd;
  if (gone + microUsdMost > capMicroUsd) return { kind: "refused", standing };
  const [row] = await transaction.all(
    `INSERT INTO purse_reservations (purse, holder, request, micro_usd_most, ms, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?) RETURNING number`,
    ...[purse, holder, request, microUsdMost, nowMs, expiresMs],
  );
  return { kind: "reserved", number: Number(row?.["number"]) };
}

/**
 * Puts what was spent in the place of what was set aside.
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

/** What is gone from a purse; nothing from one that is not there. */
export async function readPurse(reader: Reader, purse: string, nowMs: number): Promise<PurseStanding> {
  const [spent] = await reader.all("SELECT spent_micro_usd FROM purses WHERE name = ?", purse);
  const [open] = await reader.all(
    `SELECT sum(micro_usd_most) AS all_of_it, sum(CASE WHEN expires_ms <= ? THEN micro_usd_most ELSE 0 END) AS lost
     FROM purse_reservations WHERE purse = ?`,
    nowMs,
    purse,
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
