/**
 * @file Records payments in the account and in the run's ledger in one transaction, so that both always agree, also
 * after a kill.
 */
import type { Usd } from "../../quantity/index.ts";
import { addReserved, dropReserved, findTrackedRun, settle, type Transaction } from "../../track/index.ts";
import { chargeTracked } from "../tracking/index.ts";

/** A finished attempt of a request. */
export interface Payment {
  /** Number of its reservation; `null` for a free endpoint. */
  readonly reservation: number | null;
  readonly cost: Usd;
  /** Tokens of prompt and answer together. */
  readonly used: number;
  /** Recipient and price. */
  readonly source: string;
  readonly ms: number;
}

/** Records a reservation of the account in a run's ledger, if a run is charged. */
export async function recordReservation(
  transaction: Transaction,
  runId: string | null,
  reserved: { readonly reservation: number; readonly microUsd: number; readonly ms: number },
): Promise<void> {
  if (runId === null) return;
  const { number: run } = await findTrackedRun(transaction, runId);
  await addReserved(transaction, { run, ...reserved });
}

/** Replaces a reservation by the actual cost, in account and ledger. */
export async function recordPayment(
  transaction: Transaction,
  runId: string | null,
  payment: Payment,
): Promise<void> {
  const { reservation, cost, used, source, ms } = payment;
  // settled before, by a write whose response was lost
  if (reservation !== null && !(await settle(transaction, reservation, cost))) return;
  if (runId === null) return;
  const { number } = await findTrackedRun(transaction, runId);
  if (reservation !== null) await dropReserved(transaction, number, reservation);
  if (cost === 0) return;
  // the reservation distinguishes charges of the same time and amount
  const about = { kind: "tokens", unit: "tokens", source: `${source}/${reservation}` } as const;
  await chargeTracked(transaction, runId, { ...about, microUsd: cost, quantity: used, ms }, ms);
}
