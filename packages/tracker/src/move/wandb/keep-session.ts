/**
 * @file Imports the content of a session's file through the same code path as live clients. Existing lines stay
 * unchanged, so that a file can be imported again, even after it has grown.
 */
import type { Reader, Transaction } from "../../database/database.ts";
import { leaveUnmetered } from "../../ledger/meter-run.ts";
import { putTags, readTags } from "../../tracking/facts.ts";
import { changeTrackedRun } from "../../tracking/runs.ts";
import { addAlert, maxAlerts, type RunAlert, readAlerts } from "../../wandb/alerts.ts";
import { type Lines, readRow, writeStream } from "../../wandb/stream.ts";
import { keepSummary } from "../../wandb/summary.ts";
import {
  addWandbRun,
  findWandbRun,
  keepConfig,
  openWandbProject,
  type WandbPath,
  type WandbRun,
  wandbTags,
} from "../../wandb/wandb-run.ts";
import type { Session, SessionLines } from "./session.ts";

/** The run of a session, created if missing. */
export async function openSessionRun(
  transaction: Transaction,
  path: WandbPath,
  session: Session,
  about: { readonly person: string; readonly spareId: string; readonly nowMs: number },
): Promise<{ readonly run: WandbRun; readonly isNew: boolean }> {
  const found = await findWandbRun(transaction, path);
  if (found) return { run: found, isNew: false };
  const project = await openWandbProject(transaction, path, about.nowMs);
  const run = await addWandbRun(transaction, path, {
    project: project.number,
    displayName: session.run?.displayName || path.name,
    person: about.person,
    spareId: about.spareId,
    tags: wandbTags(session.words()),
    nowMs: session.run?.startedMs ?? session.ms,
    fingerprint: null,
    family: null,
    launchedBy: null,
  });
  await leaveUnmetered(transaction, run.run.number);
  return { run, isNew: true };
}

/** Writes the lines that are missing from the store. Returns the advanced position. */
export async function keepLines(
  transaction: Transaction,
  number: number,
  lines: SessionLines,
  place: SessionPlace,
  nowMs: number,
): Promise<SessionPlace> {
  const run = await findWandbRun(transaction, { number });
  if (!run) throw new Error("Internal: a run is gone that was just there");
  const fresh = (from: number, known: number, content: readonly string[]): Lines | null => {
    const skipped = Math.min(Math.max(0, known - from), content.length);
    return skipped === content.length ? null : { offset: from + skipped, content: content.slice(skipped) };
  };
  await writeStream(
    transaction,
    number,
    {
      history: fresh(place.history, run.historyLines, lines.history),
      events: fresh(place.events, run.eventLines, lines.events),
      console: fresh(place.console, run.consoleLines, lines.console),
      summary: null,
      exitCode: null,
    },
    nowMs,
  );
  return {
    history: place.history + lines.history.length,
    events: place.events + lines.events.length,
    console: place.console + lines.console.length,
  };
}

/**
 * Imports what is known at the end of a session: configuration, summary, tags, and how the run ended.
 *
 * @param isOver whether a session without an exit record is known to be over
 */
export async function endSession(
  transaction: Transaction,
  number: number,
  session: Session,
  isOver: boolean,
): Promise<void> {
  await keepConfig(transaction, number, session.configText());
  await keepSummary(transaction, number, session.summaryText(), session.ms);
  const known = await readTags(transaction, number);
  const fresh = wandbTags(session.words()).filter(({ key }) => !known.has(key));
  await putTags(transaction, number, fresh);
  await keepAlerts(transaction, number, session.alerts);
  const part = { history: null, events: null, console: null, summary: null };
  const exitCode = session.exit?.exitCode ?? null;
  await writeStream(transaction, number, { ...part, exitCode }, session.ms);
  if (exitCode === null && isOver) {
    await changeTrackedRun(transaction, number, { status: "crashed", endedMs: session.ms });
  }
}

/** Adds missing alerts, up to the run's limit. Earlier imports or a live client may have added the others. */
async function keepAlerts(
  transaction: Transaction,
  number: number,
  alerts: readonly RunAlert[],
): Promise<void> {
  const words = ({ title, text, severity }: RunAlert): string => JSON.stringify([title, text, severity]);
  const known = await readAlerts(transaction, number);
  const seen = new Set(known.map(words));
  const fresh = alerts.filter((alert) => !seen.has(words(alert)));
  for (const alert of fresh.slice(0, maxAlerts - known.length)) await addAlert(transaction, number, alert);
}

/** Numbers of a session's first lines within those of its run. */
export interface SessionPlace {
  readonly history: number;
  readonly events: number;
  readonly console: number;
}

/**
 * Finds the position of a session's lines.
 *
 * @param firstRow the session's first history row, `null` if it has none
 * @param startedMs start of the session, `null` if unknown
 * @returns `null` if other rows exist at that position, because two sessions began with the same step
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
       WHERE s.run = ? AND s.key NOT LIKE 'system/%' AND p.step >= 0 AND p.step < ?
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

/** Number of console lines written before an instant; each line starts with its time. */
async function linesBefore(reader: Reader, run: number, ms: number, count: number): Promise<number> {
  const sql =
    "SELECT line, substr(content, 1, 40) AS head FROM console_lines WHERE run = ? ORDER BY line DESC";
  for (const { line, head } of await reader.all(sql, run)) {
    const time = /^(?:ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})/.exec(String(head))?.[1];
    if (time !== undefined && Date.parse(`${time}Z`) < ms) return Number(line) + 1;
  }
  return count === 0 ? 0 : count;
}
