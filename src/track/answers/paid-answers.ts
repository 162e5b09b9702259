/**
 * @file Answers that were paid for, by the digest of what was asked: nothing is paid for twice.
 */
import { anyOf } from "../database/comparison.ts";
import type { Reader, Transaction } from "../database/database.ts";

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

/** Values of one statement. */
const requestsAtOnce = 500;

/** Those of the requests whose answers are kept. */
export async function keptRequests(
  reader: Reader,
  requests: readonly string[],
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for (let from = 0; from < requests.length; from += requestsAtOnce) {
    const { sql, values } = anyOf("request", requests.slice(from, from + requestsAtOnce));
    const rows = await reader.all(`SELECT request FROM paid_answers WHERE ${sql}`, ...values);
    for (const row of rows) kept.add(String(row["request"]));
  }
  return kept;
}
