/**
 * @file A payment in the purse and in the ledger of the run that it is for, in one transaction: both say the same
 *   sum at any moment, whoever is killed when.
 */
import type { Usd } from "../../quantity/index.ts";
import { addReserved, dropReserved, findTrackedRun, settle, type Transaction } from "../../track/index.ts";
import { chargeTracked } from "../tracking/index.ts";

/** A try of a request that came to its end. */
export interface Payment {
  /** Number of what was set aside for it; `null`: nothing was, since all is free. */
  readonly reservation: number | null;
  readonly cost: Usd;
  /** Tokens, of prompt and answer together. */
  readonly used: number;
  /** Whom it was paid to, by which price. */
  readonly source: string;
  readonly ms: number;
}

/** Notes down in a run's ledger what was set aside in the purse; `null`: no run is charged. */
export async function chargeReserved(
  transaction: Transaction,
  runId: string | null,
  reserved: { readonly reservation: number; readonly microUsd: number; readonly ms: number },
): Promise<void> {
  if (runId === null) return;
  const { number: run } = await findTrackedRun(transaction, runId);
  await addReserved(transaction, { run, ...reserved });
}

/** Puts what a try cost in the place of what was set aside for it, in purse and ledger. */
export async function pay(transaction: Transaction, runId: string | null, payment: Payment): Promise<void> {
  const { reservation, cost, used, source, ms } = payment;
  // settled before, by a write whose answer was lost
  if (reservation !== null && !(await settle(transaction, reservation, cost))) return;
  if (runId === null) return;
  const { number } = await findTrackedRun(transaction, runId);
  if (reservation !== null) await dropReserved(transaction, number, reservation);
  if (cost === 0) return;
  // the reservation tells two charges of one moment and one amount apart
  const about = { kind: "tokens", unit: "tokens", source: `${source}/${reservation}` } as const;
  await chargeTracked(transaction, runId, { ...about, microUsd: cost, quantity: used, ms }, ms);
}
