/** @file The events of a run that tell something about it as a whole: guards, findings, sessions. */
import type { RunEvent } from "../../run/index.ts";
import type { Reader } from "../database/database.ts";
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
  const marks = kinds.map(() => "line LIKE ?").join(" OR ");
  const rows = await reader.all(
    `SELECT line FROM events WHERE run = ? AND (${marks}) ORDER BY sequence LIMIT ?`,
    ...[run.number, ...kinds.map((kind) => `%"kind":"${kind}"%`), limit],
  );
  const events = rows.flatMap(({ line }) => readEventLine(String(line), { run: run.id, seq: 0 }) ?? []);
  return events.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
}

/** The last event of a kind; `null`: there is none. What stopped a run stands near the end of its events. */
export async function readLastToldEvent(
  reader: Reader,
  run: { readonly number: number; readonly id: string },
  kind: ToldKind,
): Promise<RunEvent | null> {
  const [row] = await reader.all(
    "SELECT line FROM events WHERE run = ? AND line LIKE ? ORDER BY sequence DESC LIMIT 1",
    ...[run.number, `%"kind":"${kind}"%`],
  );
  const event = row === undefined ? null : readEventLine(String(row["line"]), { run: run.id, seq: 0 });
  return event?.kind === kind ? event : null;
}
