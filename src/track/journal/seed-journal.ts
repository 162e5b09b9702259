/** @file The journal of a run that began before there were journals, made from what the store holds of it. */
import type { Run } from "../../run/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import type { Database } from "../database/database.ts";
import { countEventLines } from "../event-log.ts";
import { recordStore } from "../record/record-store.ts";
import { runFrom } from "../record/rows.ts";
import type { RunFolder } from "../run-folder.ts";
import type { Claim } from "../store.ts";
import type { Journal, RunEntry } from "./journal-file.ts";
import { setPosition } from "./position.ts";

/** Lines of the ledger in an entry. */
const linesAtOnce = 500;

/**
 * Writes what the store holds of a run into its journal, which is empty; nothing where the store has no such run.
 *
 * @param fresh events at the end of the log that the store does not know yet
 */
export async function seedJournal(
  journal: Journal,
  database: Database,
  runId: string,
  folder: RunFolder,
  fresh: number,
): Promise<void> {
  const sql = `SELECT * FROM runs JOIN recipe_runs ON recipe_runs.run = runs.number WHERE id = ?`;
  const [row] = await database.all(sql, runId);
  if (!row) return;
  const store = recordStore(database);
  const { fingerprint, family } = row;
  const claim = fingerprint && family ? { fingerprint: String(fingerprint), family: String(family) } : null;
  const forced = (await store.tags(runId))["tunewise.forced"] ?? null;
  await journal.add(await beginning(runFrom(row), claim && { ...claim, forced }, folder));
  const [scores, artifacts] = [await store.scores(runId), await store.artifacts(runId)];
  const events = (await countEventLines(folder.events)) - fresh;
  await journal.add({ kind: "batch", batch: { scores, artifacts }, events });
  const spend = await store.spend(runId);
  for (let from = 0; from < spend.length; from += linesAtOnce)
    await journal.add({
      kind: "batch",
      batch: { spend: spend.slice(from, from + linesAtOnce) },
      events: 0,
    });
  await database.transaction((transaction) => setPosition(transaction, runId, journal.last));
}

/** A run's first entry, with the copies of its folder's files. */
export async function beginning(
  run: Run,
  claim: Omit<Claim, "dead"> | null,
  folder: RunFolder,
): Promise<RunEntry> {
  const text = (path: string): Promise<string | null> => readTextFile(path).catch(() => null);
  const prints = claim && { fingerprint: claim.fingerprint, family: claim.family };
  const [plan, origin] = [await text(folder.plan), await text(folder.origin)];
  return { kind: "run", run, prints, forced: claim?.forced ?? null, plan, origin };
}
