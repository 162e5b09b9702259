/** @file Version 6 of the schema: what runs are selected by has a column, so that no query reads a sentence or a JSON text. */
import { summaryOf } from "@tunewise/core/run";
import type { Transaction } from "../database/database.ts";
import { readEventLine } from "../event-log.ts";
import { classOf } from "../record/run-class.ts";

/** A statement, or a function where rows have to be written. */
type Part = string | ((transaction: Transaction) => Promise<void>);

/**
 * `kind` is what a run is (`RunKind`), `verdict` the decision of a try, `stopped_by` the cause for which a run ended
 * before its last step, or is to (`StopCause`). `identity` is the digest of a client's parameters, data and code, and
 * `repeats` the earlier run with the same one (see `tracking/repetition.ts`).
 */
export const selectionColumns: readonly Part[] = [
  "ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'run'",
  "ALTER TABLE runs ADD COLUMN verdict TEXT",
  "ALTER TABLE runs ADD COLUMN stopped_by TEXT",
  "ALTER TABLE runs ADD COLUMN identity TEXT",
  "ALTER TABLE runs ADD COLUMN repeats {integer}",
  "CREATE INDEX runs_by_identity ON runs (identity)",
  "CREATE INDEX audit_by_subject ON audit (subject)",
  "ALTER TABLE events ADD COLUMN kind TEXT NOT NULL DEFAULT ''",
  "UPDATE runs SET kind = 'exec' WHERE client = 'exec'",
  "UPDATE runs SET person = '' WHERE person = 'unknown'",
  classifyOwnRuns,
  nameEvents,
];

async function classifyOwnRuns(transaction: Transaction): Promise<void> {
  for (const { run, summary } of await transaction.all("SELECT run, summary FROM recipe_runs")) {
    const { kind, verdict, stoppedBy } = classOf(summaryOf({ summary: String(summary) }));
    await transaction.run(
      "UPDATE runs SET kind = ?, verdict = ?, stopped_by = ? WHERE number = ?",
      ...[kind, verdict, stoppedBy, Number(run)],
    );
  }
}

/** Rows read at a time. */
const page = 5_000;

async function nameEvents(transaction: Transaction): Promise<void> {
  for (let last = 0; ; ) {
    const sql = "SELECT sequence, line FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?";
    const rows = await transaction.all(sql, last, page);
    const end = rows.at(-1);
    if (!end) return;
    last = Number(end["sequence"]);
    for (const { sequence, line } of rows) {
      const kind = readEventLine(String(line), { run: "", seq: 0 })?.kind;
      if (kind !== undefined)
        await transaction.run("UPDATE events SET kind = ? WHERE sequence = ?", kind, Number(sequence));
    }
  }
}
