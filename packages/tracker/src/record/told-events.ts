/** @file The events of a run that tell something about it as a whole: guards, findings, sessions. */
import type { RunEvent } from "@tunewise/core/run";
import type { Reader } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { readEventLine } from "../event-log.ts";

/** Kinds of which a run has few. */
export type ToldKind =
  | "run-start"
  | "guard-tripped"
  | "guard-overruled"
  | "rolled-back"
  | "finding"
  | "forgetting-judged";

/** Events of some kinds in the order they were written, the first ones of many. */
export async function readToldEvents(
  reader: Reader,
  run: { readonly number: number; readonly id: string },
  kinds: readonly ToldKind[],
  limit: number,
): Promise<RunEvent[]> {
  const rows = await reader.all(
    `SELECT line FROM events WHERE run = ? AND kind IN (${placeholders(kinds)}) ORDER BY sequence LIMIT ?`,
    ...[run.number, ...kinds, limit],
  );
  return rows.flatMap(({ line }) => readEventLine(String(line), { run: run.id, seq: 0 }) ?? []);
}

/** The last event of a kind; `null`: there is none. What stopped a run stands near the end of its events. */
export async function readLastToldEvent(
  reader: Reader,
  run: { readonly number: number; readonly id: string },
  kind: ToldKind,
): Promise<RunEvent | null> {
  const [row] = await reader.all(
    "SELECT line FROM events WHERE run = ? AND kind = ? ORDER BY sequence DESC LIMIT 1",
    ...[run.number, kind],
  );
  return row === undefined ? null : readEventLine(String(row["line"]), { run: run.id, seq: 0 });
}
