/**
 * @file Spending account for clients of paid APIs. Reserves the maximum cost of an attempt before it is sent, then
 * replaces it with the actual cost. Account and run ledger change in one transaction, so that they agree after a kill.
 */

import { type Usd, usdText } from "@tunewise/core/quantity";
import {
  type AccountStanding,
  addReserved,
  chargeTracked,
  createWriter,
  type Database,
  dropReserved,
  findTrackedRun,
  isAlive,
  type ProcessTable,
  readAccount,
  reserve,
  settle,
  type Transaction,
  type Write,
} from "@tunewise/tracker";
import { type AskWorld, type Endpoint, placeOf, wholeTimes } from "../../ask/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { TokenPrice } from "./token-price.ts";

/** Owner of leases in the store: a process, identified so that other processes can check whether it is alive. */
export interface LeaseOwner {
  readonly text: string;
}

/**
 * Returns the lease owner for this process.
 *
 * @param token random text, since a process may open a store twice
 */
export async function leaseOwnerOf(processes: ProcessTable, token: string): Promise<LeaseOwner> {
  const { pid, host } = processes;
  const start = (await processes.startOf(pid)) ?? "unknown";
  return { text: JSON.stringify({ host, pid, start, token }) };
}

/**
 * Whether an owner is known to be dead. This is never known of processes on other machines, whose leases expire
 * instead.
 */
export async function isDead(text: string, processes: ProcessTable): Promise<boolean> {
  try {
    const { host, pid, start } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof start !== "string") return false;
    return !(await isAlive({ host, pid, start }, processes));
  } catch {
    return false;
  }
}

/** Endpoint, price, and the account that pays. */
export interface AccountOptions {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  /** Name of the account. All clients of a store that use this name share its cap. */
  readonly account: string;
  /** `null` for a free endpoint without a cap. */
  readonly cap: Usd | null;
  /** Id of the run that is charged; see `SpendingAccount.chargeTo`. */
  readonly runId?: string | null;
}

/** A finished attempt of a request. */
export interface Payment {
  /** Key of the request. */
  readonly request: string;
  /** Number of its reservation; `null` for a free endpoint. */
  readonly reservation: number | null;
  readonly cost: Usd;
  /** Tokens of prompt and answer together. */
  readonly used: number;
}

/** Safety margin of a lease or reservation beyond the longest attempt, for a busy store or slow disk. */
const leaseMarginMs = 60_000;

/** A client's access to its account. */
export class SpendingAccount {
  readonly write: Write;
  /** Duration of a lease or reservation: one attempt and the pause before it. */
  readonly leaseMs: number;
  private readonly options: AccountOptions;
  private readonly database: Database;
  private readonly owner: LeaseOwner;
  private readonly world: AskWorld;
  private runId: string | null;
  private paid = 0;

  /**
   * Opens an account.
   *
   * @param isFree whether the client's requests cost nothing; otherwise a cap is required
   */
  constructor(
    options: AccountOptions,
    isFree: boolean,
    database: Database,
    owner: LeaseOwner,
    world: AskWorld,
  ) {
    if (options.cap === null && !isFree) {
      throw new Error("Internal: an endpoint that costs money is asked without a cap");
    }
    [this.options, this.database, this.owner, this.world] = [options, database, owner, world];
    this.runId = options.runId ?? null;
    this.write = createWriter(database);
    this.leaseMs = options.endpoint.timeoutSeconds * 1000 * wholeTimes + leaseMarginMs;
  }

  /** Charges all later requests to a run. */
  chargeTo(runId: string): void {
    this.runId = runId;
  }

  /** Returns the amount paid since the last call, including failed attempts. */
  takePaid(): Usd {
    const taken = this.paid as Usd;
    this.paid = 0;
    return taken;
  }

  standing(): Promise<AccountStanding> {
    return readAccount(this.database, this.options.account, this.world.now());
  }

  /**
   * Reserves the maximum cost of an attempt.
   *
   * @param renew renews a lease in the same transaction; returns `false` if it is lost
   * @returns the number of the reservation, `null` for a free endpoint, or `"lost"`
   * @throws {TunewiseError} `ASK_BUDGET_SPENT`
   */
  async reserve(
    request: string,
    most: Usd,
    renew?: (transaction: Transaction, expiresMs: number) => Promise<boolean>,
  ): Promise<number | null | "lost"> {
    const { account, cap } = this.options;
    const nowMs = this.world.now();
    const expiresMs = nowMs + this.leaseMs;
    if (cap === null && renew === undefined) return null;
    const outcome = await this.write(async (transaction) => {
      if (renew !== undefined && !(await renew(transaction, expiresMs))) return "lost";
      if (cap === null) return null;
      const asked = { account, capMicroUsd: cap, maxMicroUsd: most, owner: this.owner.text };
      const reserved = await reserve(transaction, { ...asked, request, nowMs, expiresMs });
      if (reserved.kind === "reserved" && this.runId !== null) {
        const { number: run } = await findTrackedRun(transaction, this.runId);
        const line = { run, reservation: reserved.number, microUsd: most, ms: nowMs };
        await addReserved(transaction, line);
      }
      return reserved;
    });
    if (outcome === null || outcome === "lost") return outcome;
    if (outcome.kind === "reserved") return outcome.number;
    const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = outcome.standing;
    const gone = spentMicroUsd + reservedMicroUsd + lostMicroUsd;
    throw problem("ASK_BUDGET_SPENT", {
      purse: account,
      cap: usdText(cap ?? (0 as Usd)),
      spent: usdText(spentMicroUsd as Usd),
      reserved: usdText((reservedMicroUsd + lostMicroUsd) as Usd),
      needed: usdText(most),
      enough: usdText((gone + most) as Usd),
    });
  }

  /**
   * Replaces a reservation with the actual cost, in account and ledger.
   *
   * @param more further writes in the same transaction
   */
  async pay(payment: Payment, more?: (transaction: Transaction) => Promise<void>): Promise<void> {
    await writeWithRetry(this.write, this.world, async (transaction) => {
      await this.record(transaction, payment);
      await more?.(transaction);
    });
    this.paid += payment.cost;
  }

  private async record(
    transaction: Transaction,
    { request, reservation, cost, used }: Payment,
  ): Promise<void> {
    // already settled by a write whose response was lost
    if (reservation !== null && !(await settle(transaction, reservation, cost))) return;
    if (this.runId === null) return;
    const { number } = await findTrackedRun(transaction, this.runId);
    if (reservation !== null) await dropReserved(transaction, number, reservation);
    if (cost === 0) return;
    const { endpoint, price } = this.options;
    const to = `${endpoint.model} at ${placeOf(endpoint.url)}`;
    // the reservation number distinguishes charges with the same time and amount
    const source = `${to}, ${price.source}, ${request.slice(0, 16)}/${reservation}`;
    const ms = this.world.now();
    const charge = { kind: "tokens", unit: "tokens", source, microUsd: cost, quantity: used, ms } as const;
    await chargeTracked(transaction, this.runId, charge, ms);
  }
}

/** Maximum number of attempts to write. */
const maxAttempts = 5;
/** Pause after the first failure; it grows linearly with each attempt. */
const pauseMs = 250;

/** Transient errors. The transaction was rolled back, or its outcome is unknown. */
const transientCodes: readonly string[] = ["STORE_BUSY", "STORE_FULL", "STORE_WRITE_FAILED"];

/** Retries idempotent writes. Without a record, a payment would be repeated and its reservation would remain. */
async function writeWithRetry(
  write: Write,
  { sleep }: Pick<AskWorld, "sleep">,
  work: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  for (let at = 1; ; at++) {
    try {
      return await write(work);
    } catch (error) {
      if (at >= maxAttempts || !TunewiseError.is(error) || !transientCodes.includes(error.code)) throw error;
      // The caller's signal does not interrupt this wait, because payments must be recorded.
      await sleep(pauseMs * at, new AbortController().signal);
    }
  }
}
