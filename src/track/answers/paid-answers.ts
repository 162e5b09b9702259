/**
 * @file Answers that were paid for, by the digest of what was asked: nothing is paid for twice, and a question is in
 * flight once, in however many processes it is wanted.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";

/** An answer. */
export interface PaidAnswer {
  /** Digest of the question at its endpoint. */
  readonly request: string;
  /** The model that was asked. */
  readonly model: string;
  /** JSON. */
  readonly answer: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** What it cost in micro-dollars, tries that failed included. */
  readonly microUsd: number;
  readonly ms: number;
}

/** Keeps an answer, in place of one that is there. */
export async function keepPaidAnswer(transaction: Transaction, paid: PaidAnswer): Promise<void> {
  const { request, model, answer, promptTokens, answerTokens, microUsd, ms } = paid;
  await dropPaidAnswer(transaction, request);
  await transaction.run(
    `INSERT INTO paid_answers (request, model, answer, prompt_tokens, answer_tokens, micro_usd, ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ...[request, model, answer, promptTokens, answerTokens, microUsd, ms],
  );
}

/** An answer by its request, or `null`. */
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

/** Forgets an answer. */
export async function dropPaidAnswer(transaction: Transaction, request: string): Promise<void> {
  await transaction.run("DELETE FROM paid_answers WHERE request = ?", request);
}

/** Those of the requests whose answers are kept. */
export async function keptRequests(
  reader: Reader,
  requests: readonly string[],
): Promise<ReadonlySet<string>> {
  const sql = (among: string): string => `SELECT request FROM paid_answers WHERE request IN (${among})`;
  return new Set((await readAmong(reader, requests, sql)).map(({ request }) => String(request)));
}

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
