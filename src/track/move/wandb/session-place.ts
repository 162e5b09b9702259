/**
 * @file Where a session's lines belong among those of its run that are here: a run that was gone on with has a session
 * for each time, and a session may have come before, live or from its file.
 */
import type { Reader } from "../../database/database.ts";
import { readRow } from "../../wandb/row.ts";
import type { WandbRun } from "../../wandb/wandb-run.ts";

/** Numbers of a session's first lines among those of its run. */
export interface SessionPlace {
  readonly history: number;
  readonly events: number;
  readonly console: number;
}

/**
 * Finds the place of a session.
 *
 * @param firstRow the session's first row of history, `null` where it has none
 * @param startedMs when the session began, `null` where nobody knows
 * @returns `null` where other rows are here in that place: two sessions began with the same step
 */
export async function findSessionPlace(
  reader: Reader,
  { run, historyLines, consoleLines }: WandbRun,
  firstRow: string | null,
  startedMs: number | null,
): Promise<SessionPlace | null> {
  const row = firstRow === null ? null : readRow(firstRow, 0);
  if (row === null || historyLines === 0) return { history: 0, events: 0, console: 0 };
  const [counted] = await reader.all(
    `SELECT count(*) AS steps FROM (
       SELECT p.step FROM points p JOIN series s ON s.number = p.series
       WHERE s.run = ? AND s.key NOT LIKE 'system/%' AND p.step < ?
       UNION SELECT step FROM wandb_rows WHERE run = ? AND kind = 'history' AND step < ?) before_it`,
    ...[run.number, row.step, run.number, row.step],
  );
  const history = Number(counted?.["steps"] ?? 0);
  const [number] = row.numbers;
  if (number && row.ms !== null && history < historyLines) {
    const sql = `SELECT p.ms FROM points p JOIN series s ON s.number = p.series
      WHERE s.run = ? AND s.key = ? AND p.step = ?`;
    const known = (await reader.all(sql, run.number, number[0], row.step)).map(({ ms }) => Number(ms));
    if (known.length > 0 && !known.includes(row.ms)) return null;
  }
  if (history === 0 || startedMs === null) return { history, events: 0, console: 0 };
  const [events] = await reader.all(
    `SELECT count(DISTINCT p.step) AS lines FROM points p JOIN series s ON s.number = p.series
     WHERE s.run = ? AND s.key LIKE 'system/%' AND p.ms < ?`,
    ...[run.number, startedMs],
  );
  return {
    history,
    events: Number(events?.["lines"] ?? 0),
    console: await linesBefore(reader, run.number, startedMs, consoleLines),
  };
}

/** Lines of a console that were written before an instant: each begins with its time. */
async function linesBefore(reader: Reader, run: number, ms: number, count: number): Promise<number> {
  const sql =
    "SELECT line, substr(content, 1, 40) AS head FROM console_lines WHERE run = ? ORDER BY line DESC";
  for (const { line, head } of await reader.all(sql, run)) {
    const time = /^(?:ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})/.exec(String(head))?.[1];
    if (time !== undefined && Date.parse(`${time}Z`) < ms) return Number(line) + 1;
  }
  return count === 0 ? 0 : count;
}
