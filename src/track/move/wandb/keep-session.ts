/**
 * @file Keeping what a session's file says, by the same ways as what live clients send. Lines that are here stay as
 * they are, so that a file may come again, grown or not.
 */
import type { Transaction } from "../../database/database.ts";
import { leaveUnmetered } from "../../ledger/meter-run.ts";
import { putTags, readTags } from "../../tracking/facts.ts";
import { changeTrackedRun } from "../../tracking/runs.ts";
import { keepConfig, keepSummary } from "../../wandb/config.ts";
import { wandbTags } from "../../wandb/run-words.ts";
import { type Lines, writeStream } from "../../wandb/stream.ts";
import {
  addWandbRun,
  findWandbRun,
  openWandbProject,
  type WandbPath,
  type WandbRun,
} from "../../wandb/wandb-run.ts";
import type { Session, SessionLines } from "./session.ts";
import type { SessionPlace } from "./session-place.ts";

/** The run of a session, made where there is none. */
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
    ...{ fingerprint: null, family: null, launchedBy: null },
  });
  await leaveUnmetered(transaction, run.run.number);
  return { run, isNew: true };
}

/** Keeps lines that are not here yet; moves the place on. */
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
 * Keeps what is known at a session's end: configuration, summary, words, and how the run ended.
 *
 * @param isOver whether a session without an end of its own will get none any more
 */
export async function endSession(
  transaction: Transaction,
  number: number,
  session: Session,
  isOver: boolean,
): Promise<void> {
  await keepConfig(transaction, number, session.configText());
  await keepSummary(transaction, number, session.summaryText());
  const known = await readTags(transaction, number);
  const fresh = wandbTags(session.words()).filter(({ key }) => !known.has(key));
  await putTags(transaction, number, fresh);
  const part = { history: null, events: null, console: null, summary: null };
  const exitCode = session.exit?.exitCode ?? null;
  await writeStream(transaction, number, { ...part, exitCode }, session.ms);
  if (exitCode === null && isOver) {
    await changeTrackedRun(transaction, number, { status: "crashed", endedMs: session.ms });
  }
}
