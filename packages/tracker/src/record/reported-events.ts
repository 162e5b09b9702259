/** @file Events that concern a run as a whole: guards, findings, sessions. */
import type { RunEvent } from "@tunewise/core/run";
import type { Reader } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { readEventLine } from "../event-log.ts";

/** Kinds of events that are rare within a run. */
export type ReportedKind =
  | "run-start"
  | "guard-tripped"
  | "guard-overruled"
  | "rolled-back"
  | "finding"
  | "forgetting-judged";

/** The first events of some kinds, in the order written. */
export async function readReportedEvents(
  reader: Reader,
  run: { readonly number: number; readonly id: string },
  kinds: readonly ReportedKind[],
  limit: number,
): Promise<RunEvent[]> {
  const rows = await reader.all(
    `SELECT line FROM events WHERE run = ? AND kind IN (${placeholders(kinds)}) ORDER BY sequence LIMIT ?`,
    ...[run.number, ...kinds, limit],
  );
  return rows.flatMap(({ line }) => readEventLine(String(line), { run: run.id, seq: 0 }) ?? []);
}

/** The last event of a kind; `null`: there is none. What stopped a run is near the end of its events. */
export async function readLastReportedEvent(
  reader: Reader,
  run: { readonly number: number; readonly id: string },
  kind: ReportedKind,
): Promise<RunEvent | null> {
  const [row] = await reader.all(
    "SELECT line FROM events WHERE run = ? AND kind = ? ORDER BY sequence DESC LIMIT 1",
    ...[run.number, kind],
  );
  return row === undefined ? null : readEventLine(String(row["line"]), { run: run.id, seq: 0 });
}
