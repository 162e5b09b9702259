/** @file Assessments of traces as rows. */

import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { listsOf, readAmong, textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import type { Assessment, AssessmentKind } from "./types.ts";

/** Maximum assessments per trace, because a page of traces contains all of them. */
const maxOfTrace = 1_000;

/** An assessment to add. */
export type NewAssessment = Omit<Assessment, "createdMs" | "changedMs" | "isValid">;

/** Assessments by the numbers of their traces, oldest first. */
export async function readAssessments(
  reader: Reader,
  traces: readonly number[],
): Promise<ReadonlyMap<number, readonly Assessment[]>> {
  const rows = await readAmong(
    reader,
    traces,
    (among) => `SELECT * FROM assessments WHERE trace IN (${among}) ORDER BY trace, number`,
  );
  return listsOf(traces, "trace", rows, assessmentFrom);
}

/** @throws {TunewiseError} `ASSESSMENT_NOT_FOUND` */
export async function findAssessment(reader: Reader, trace: number, id: string): Promise<Assessment> {
  const [row] = await reader.all("SELECT * FROM assessments WHERE id = ? AND trace = ?", id, trace);
  if (!row) throw problem("ASSESSMENT_NOT_FOUND", { id });
  return assessmentFrom(row);
}

/**
 * Adds an assessment.
 *
 * @param overridden id of an assessment that it replaces; that one stays, marked as not valid
 * @throws {TunewiseError} `ASSESSMENTS_TOO_MANY`; `ASSESSMENT_NOT_FOUND` if `overridden` does not exist
 */
export async function addAssessment(
  transaction: Transaction,
  trace: number,
  assessment: NewAssessment,
  overridden: string | null,
  nowMs: number,
): Promise<Assessment> {
  const [row] = await transaction.all("SELECT count(*) AS count FROM assessments WHERE trace = ?", trace);
  if (Number(row?.["count"]) >= maxOfTrace) throw problem("ASSESSMENTS_TOO_MANY", { most: maxOfTrace });
  if (overridden !== null) {
    await findAssessment(transaction, trace, overridden);
    await transaction.run("UPDATE assessments SET is_valid = 0 WHERE id = ?", overridden);
  }
  const { id, name, kind, value, document } = assessment;
  await transaction.run(
    `INSERT INTO assessments (id, trace, name, kind, value, value_number, document, created_ms, changed_ms, is_valid)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
    ...[id, trace, name, kind, value, numberIn(value), document, nowMs, nowMs],
  );
  return findAssessment(transaction, trace, id);
}

/** Replaces the assessment with the same id. @throws {TunewiseError} `ASSESSMENT_NOT_FOUND` */
export async function changeAssessment(
  transaction: Transaction,
  trace: number,
  { id, name, kind, value, document }: NewAssessment,
  nowMs: number,
): Promise<Assessment> {
  await transaction.run(
    `UPDATE assessments SET name = ?, kind = ?, value = ?, value_number = ?, document = ?, changed_ms = ?
     WHERE id = ? AND trace = ?`,
    ...[name, kind, value, numberIn(value), document, nowMs, id, trace],
  );
  return findAssessment(transaction, trace, id);
}

/**
 * Removes an assessment.
 *
 * @param overridden id of the assessment that it replaced, which becomes valid again
 * @returns whether it existed
 */
export async function removeAssessment(
  transaction: Transaction,
  trace: number,
  id: string,
  overridden: string | null,
): Promise<boolean> {
  if (overridden !== null) {
    await transaction.run(
      "UPDATE assessments SET is_valid = 1 WHERE id = ? AND trace = ?",
      overridden,
      trace,
    );
  }
  return (await transaction.run("DELETE FROM assessments WHERE id = ? AND trace = ?", id, trace)) > 0;
}

function numberIn(value: string | null): number | null {
  return value !== null && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : null;
}

function assessmentFrom(row: SqlRow): Assessment {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    kind: String(row["kind"]) as AssessmentKind,
    value: textOrNull(row, "value"),
    document: String(row["document"]),
    createdMs: Number(row["created_ms"]),
    changedMs: Number(row["changed_ms"]),
    isValid: Number(row["is_valid"]) === 1,
  };
}
