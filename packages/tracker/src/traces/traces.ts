/** @file Traces as rows: stored, changed, linked to runs, removed. */

import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull, placeholders, readAmong, slicesOf, textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import { dropFact, type FactTable, putFacts, readFacts } from "../tracking/facts.ts";
import type { KeyValue } from "../tracking/types.ts";
import { readAssessments } from "./assessments.ts";
import type { Trace, TraceState } from "./types.ts";

const traceTags: FactTable = { table: "trace_tags", owner: "trace" };
const traceMetadata: FactTable = { table: "trace_metadata", owner: "trace" };

/** A trace as sent by a client. */
export type NewTrace = Omit<Trace, "number" | "assessments">;

/** Converts rows of `traces` to traces with tags, metadata and assessments, in the same order. */
export async function tracesFrom(reader: Reader, rows: readonly SqlRow[]): Promise<Trace[]> {
  const numbers = rows.map((row) => Number(row["number"]));
  const tags = await readFacts(reader, traceTags, numbers);
  const metadata = await readFacts(reader, traceMetadata, numbers);
  const assessments = await readAssessments(reader, numbers);
  return rows.map((row) => {
    const number = Number(row["number"]);
    return {
      number,
      id: String(row["id"]),
      project: Number(row["project"]),
      requestedMs: Number(row["requested_ms"]),
      durationMs: numberOrNull(row, "duration_ms"),
      state: String(row["state"]) as TraceState,
      clientRequestId: textOrNull(row, "client_request_id"),
      requestPreview: textOrNull(row, "request_preview"),
      responsePreview: textOrNull(row, "response_preview"),
      tags: tags.get(number) ?? [],
      metadata: metadata.get(number) ?? [],
      assessments: assessments.get(number) ?? [],
    };
  });
}

/** @throws {TunewiseError} `TRACE_NOT_FOUND` */
export async function findTrace(reader: Reader, id: string): Promise<Trace> {
  const rows = await reader.all("SELECT * FROM traces WHERE id = ?", id);
  const [trace] = await tracesFrom(reader, rows);
  if (!trace) throw problem("TRACE_NOT_FOUND", { id });
  return trace;
}

/** Traces by their ids, in that order; missing ones are omitted. */
export async function findTraces(reader: Reader, ids: readonly string[]): Promise<Trace[]> {
  const rows = await readAmong(reader, ids, (among) => `SELECT * FROM traces WHERE id IN (${among})`);
  const byId = new Map((await tracesFrom(reader, rows)).map((trace) => [trace.id, trace]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/**
 * Stores a trace, or updates an existing one, because clients repeat requests whose response was lost.
 *
 * @throws {TunewiseError} `TRACE_EXISTS` if another project has a trace with this id
 */
export async function putTrace(transaction: Transaction, trace: NewTrace): Promise<Trace> {
  const { id, project, requestedMs, durationMs, state } = trace;
  const [row] = await transaction.all(
    `INSERT INTO traces (id, project, requested_ms, duration_ms, state, client_request_id, request_preview,
       response_preview) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET requested_ms = excluded.requested_ms, duration_ms = excluded.duration_ms,
       state = excluded.state, client_request_id = excluded.client_request_id,
       request_preview = excluded.request_preview, response_preview = excluded.response_preview
     WHERE traces.project = excluded.project RETURNING number`,
    ...[id, project, requestedMs, durationMs, state],
    ...[trace.clientRequestId, trace.requestPreview, trace.responsePreview],
  );
  if (!row) throw problem("TRACE_EXISTS", { id });
  const number = Number(row["number"]);
  await putFacts(transaction, traceTags, number, trace.tags);
  await putFacts(transaction, traceMetadata, number, trace.metadata);
  return findTrace(transaction, id);
}

/** Ends a trace that was started before, as in MLflow 2. @throws {TunewiseError} `TRACE_NOT_FOUND` */
export async function endTrace(
  transaction: Transaction,
  id: string,
  end: {
    readonly endedMs: number;
    readonly state: TraceState;
    readonly tags: readonly KeyValue[];
    readonly metadata: readonly KeyValue[];
  },
): Promise<Trace> {
  const { number, requestedMs } = await findTrace(transaction, id);
  await transaction.run(
    "UPDATE traces SET duration_ms = ?, state = ? WHERE number = ?",
    ...[Math.max(0, end.endedMs - requestedMs), end.state, number],
  );
  await putFacts(transaction, traceTags, number, end.tags);
  await putFacts(transaction, traceMetadata, number, end.metadata);
  return findTrace(transaction, id);
}

/** Sets tags. @throws {TunewiseError} `TRACE_NOT_FOUND` */
export async function putTraceTags(
  transaction: Transaction,
  id: string,
  tags: readonly KeyValue[],
): Promise<void> {
  const { number } = await findTrace(transaction, id);
  await putFacts(transaction, traceTags, number, tags);
}

/** Deletes a tag. Returns whether it existed. @throws {TunewiseError} `TRACE_NOT_FOUND` */
export async function dropTraceTag(transaction: Transaction, id: string, key: string): Promise<boolean> {
  const { number } = await findTrace(transaction, id);
  return dropFact(transaction, traceTags, number, key);
}

/**
 * Links traces to a run, even traces that have not arrived yet. Linking them again has no effect.
 *
 * @param ids of the traces
 */
export async function linkTraces(
  transaction: Transaction,
  run: number,
  ids: readonly string[],
): Promise<void> {
  const columns = { run: "integer", trace: "text" } as const;
  const rows = [...new Set(ids)].map((id) => [run, id]);
  await transaction.insert({ table: "run_traces", columns }, rows, "ON CONFLICT (run, trace) DO NOTHING");
}

/** Which traces of a project to remove: those in a list, or the oldest up to a time. */
export interface TraceChoice {
  readonly ids?: readonly string[];
  readonly beforeMs?: number;
  readonly most: number;
}

/** Permanently removes traces, but not their files. Returns their ids. */
export async function removeTraces(
  transaction: Transaction,
  project: number,
  { ids, beforeMs, most }: TraceChoice,
): Promise<string[]> {
  const rows = ids
    ? await readAmong(
        transaction,
        ids,
        (among) => `SELECT number, id FROM traces WHERE project = ? AND id IN (${among})`,
        [project],
      )
    : await transaction.all(
        `SELECT number, id FROM traces WHERE project = ? AND requested_ms <= ?
         ORDER BY requested_ms, id LIMIT ?`,
        ...[project, beforeMs ?? 0, most],
      );
  for (const some of slicesOf(rows.map((row) => Number(row["number"])))) {
    const among = placeholders(some);
    for (const table of ["trace_tags", "trace_metadata", "assessments"]) {
      await transaction.run(`DELETE FROM ${table} WHERE trace IN (${among})`, ...some);
    }
    await transaction.run(
      `DELETE FROM run_traces WHERE trace IN (SELECT id FROM traces WHERE number IN (${among}))`,
      ...some,
    );
    await transaction.run(`DELETE FROM traces WHERE number IN (${among})`, ...some);
  }
  return rows.map((row) => String(row["id"]));
}
