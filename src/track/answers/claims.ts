/**
 * @file Who is asking what: a question is in flight once, in however many processes it is wanted.
 */
import type { Transaction } from "../database/database.ts";
import { findPaidAnswer, type PaidAnswer } from "./paid-answers.ts";

/** A wish to ask. */
export interface AnswerClaim {
  readonly request: string;
  readonly holder: string;
  readonly nowMs: number;
  /** Until when it stands, unless it is renewed. */
  readonly expiresMs: number;
  /** A holder that is known to be dead. */
  readonly dead?: string | null;
}

/** What became of it. */
export type ClaimOutcome =
  | { readonly kind: "yours" }
  | { readonly kind: "kept"; readonly paid: PaidAnswer }
  | { readonly kind: "taken"; readonly holder: string; readonly expiresMs: number };

/** Claims a request, unless its answer is there or somebody else is asking. */
export async function claimRequest(transaction: Transaction, claim: AnswerClaim): Promise<ClaimOutcome> {
  const { request, holder, nowMs, expiresMs, dead = null } = claim;
  const taken = await transaction.run(
    `INSERT INTO answer_claims (request, holder, expires_ms) VALUES (?, ?, ?)
     ON CONFLICT (request) DO UPDATE SET holder = excluded.holder, expires_ms = excluded.expires_ms
     WHERE answer_claims.expires_ms <= ? OR answer_claims.holder = excluded.holder OR answer_claims.holder = ?`,
    ...[request, holder, expiresMs, nowMs, dead ?? holder],
  );
  // Looked for behind the claim: whoever held it before keeps the answer and lets go at once.
  const paid = await findPaidAnswer(transaction, request);
  if (paid) {
    if (taken > 0) await releaseClaim(transaction, request, holder);
    return { kind: "kept", paid };
  }
  if (taken > 0) return { kind: "yours" };
  const [row] = await transaction.all(
    "SELECT holder, expires_ms FROM answer_claims WHERE request = ?",
    request,
  );
  return {
    kind: "taken",
    holder: String(row?.["holder"] ?? ""),
    expiresMs: Number(row?.["expires_ms"] ?? 0),
  };
}

/** Lets a claim stand longer; `false`: it is not the holder's any more. */
export async function renewClaim(
  transaction: Transaction,
  { request, holder, expiresMs }: Pick<AnswerClaim, "request" | "holder" | "expiresMs">,
): Promise<boolean> {
  const sql = "UPDATE answer_claims SET expires_ms = ? WHERE request = ? AND holder = ?";
  return (await transaction.run(sql, expiresMs, request, holder)) > 0;
}

/** Lets go of a claim; another holder's stays. */
export async function releaseClaim(transaction: Transaction, request: string, holder: string): Promise<void> {
  await transaction.run("DELETE FROM answer_claims WHERE request = ? AND holder = ?", request, holder);
}
