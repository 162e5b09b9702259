/**
 * @file Paid answers, by the digest of their request. No answer is paid for twice, and a request is in flight only once
 * across all processes.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";

/** An answer. */
export interface PaidAnswer {
  /** Digest of the request at its endpoint. */
  readonly request: string;
  /** The model that answered. */
  readonly model: string;
  /** JSON. */
  readonly answer: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Cost in micro-dollars, failed attempts included. */
  readonly microUsd: number;
  readonly ms: number;
}

/** Stores an answer, replacing an existing one. */
export async function keepPaidAnswer(transaction: Transaction, paid: PaidAnswer): Promise<void> {
  const { request, model, answer, promptTokens, answerTokens, microUsd, ms } = paid;
  await dropPaidAnswer(transaction, request);
  await transaction.run(
    `INSERT INTO paid_answers (request, model, answer, prompt_tokens, answer_tokens, micro_usd, ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ...[request, model, answer, promptTokens, answerTokens, microUsd, ms],
  );
}

/** The answer to a request, or `null`. */
export async function findPaidAnswer(reader: Reader, request: string): Promise<PaidAnswer | null> {
  const [row] = await reader.all("SELECT * FROM paid_answers WHERE request = ?", request);
  if (!row) return null;
  return {
    request,
    model: String(row["model"]),
    answer: String(row["answer"]),
    promptTokens: Number(row["prompt_tokens"]),
    answerTokens: Number(row["answer_tokens"]),
    microUsd: Number(row["micro_usd"]),
    ms: Number(row["ms"]),
  };
}

/** Deletes an answer. */
export async function dropPaidAnswer(transaction: Transaction, request: string): Promise<void> {
  await transaction.run("DELETE FROM paid_answers WHERE request = ?", request);
}

/** The subset of the requests whose answers are stored. */
export async function keptRequests(
  reader: Reader,
  requests: readonly string[],
): Promise<ReadonlySet<string>> {
  const sql = (among: string): string => `SELECT request FROM paid_answers WHERE request IN (${among})`;
  return new Set((await readAmong(reader, requests, sql)).map(({ request }) => String(request)));
}

/** A lease: the exclusive right to send a request until it expires. */
export interface AnswerLease {
  readonly request: string;
  readonly owner: string;
  readonly nowMs: number;
  /** When the lease expires unless it is renewed. */
  readonly expiresMs: number;
  /** An owner known to be dead, whose lease may be taken over. */
  readonly dead?: string | null;
}

/** Outcome of taking a lease. */
export type LeaseOutcome =
  | { readonly kind: "yours" }
  | { readonly kind: "kept"; readonly paid: PaidAnswer }
  | { readonly kind: "taken"; readonly owner: string; readonly expiresMs: number };

/** Leases a request, unless its answer is stored or another owner holds the lease. */
export async function takeLease(transaction: Transaction, lease: AnswerLease): Promise<LeaseOutcome> {
  const { request, owner, nowMs, expiresMs, dead = null } = lease;
  const taken = await transaction.run(
    `INSERT INTO answer_claims (request, holder, expires_ms) VALUES (?, ?, ?)
     ON CONFLICT (request) DO UPDATE SET holder = excluded.holder, expires_ms = excluded.expires_ms
     WHERE answer_claims.expires_ms <= ? OR answer_claims.holder = excluded.holder OR answer_claims.holder = ?`,
    ...[request, owner, expiresMs, nowMs, dead ?? owner],
  );
  // Read after taking the lease: the previous owner stores the answer and releases the lease in one transaction.
  const paid = await findPaidAnswer(transaction, request);
  if (paid) {
    if (taken > 0) await releaseLease(transaction, request, owner);
    return { kind: "kept", paid };
  }
  if (taken > 0) return { kind: "yours" };
  const [row] = await transaction.all(
    "SELECT holder, expires_ms FROM answer_claims WHERE request = ?",
    request,
  );
  return {
    kind: "taken",
    owner: String(row?.["holder"] ?? ""),
    expiresMs: Number(row?.["expires_ms"] ?? 0),
  };
}

/** Extends a lease. Returns `false` if this owner does not hold it. */
export async function renewLease(
  transaction: Transaction,
  { request, owner, expiresMs }: Pick<AnswerLease, "request" | "owner" | "expiresMs">,
): Promise<boolean> {
  const sql = "UPDATE answer_claims SET expires_ms = ? WHERE request = ? AND holder = ?";
  return (await transaction.run(sql, expiresMs, request, owner)) > 0;
}

/** Releases a lease. A lease held by another owner is not affected. */
export async function releaseLease(transaction: Transaction, request: string, owner: string): Promise<void> {
  await transaction.run("DELETE FROM answer_claims WHERE request = ? AND holder = ?", request, owner);
}
