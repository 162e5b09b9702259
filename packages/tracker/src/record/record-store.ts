/** @file The store of runs over an open database. */

import type { Metric, NewRun, Run, RunEvent } from "@tunewise/core/run";
import type { Database, SqlRow, Transaction } from "../database/database.ts";
import { readEventLine } from "../event-log.ts";
import { budgetsOf } from "../ledger/budgets.ts";
import { findOuterLaunch, type OuterLaunch } from "../ledger/nested-launches.ts";
import { noteRefusal } from "../ledger/refusals.ts";
import { chargeKindsSql } from "../ledger/spend.ts";
import { problem } from "../problem/index.ts";
import type { Claim, RunQuery, Standing, Store } from "../store.ts";
import { findProject } from "../tracking/projects.ts";
import { findTrackedRunOrNull } from "../tracking/runs.ts";
import { auditForced, findDuplicate } from "../tracking/similar-runs.ts";
import { readStopRequest } from "../tracking/stop.ts";
import { artifactFrom, metricFrom, readScores, runFrom, spendFrom, totalFrom } from "./rows.ts";
import { writeBatch } from "./write-batch.ts";
import { changeRun, createRun } from "./write-run.ts";

/** Wraps an open database in a store, which closes the database when it is closed. */
export function recordStore(database: Database): Store {
  const of = (runId: string, table: string, order: string): Promise<SqlRow[]> =>
    database.all(
      `SELECT * FROM ${table} WHERE run = (SELECT number FROM runs WHERE id = ?) ORDER BY ${order}`,
      runId,
    );
  return {
    createRun: (run, claim, outer) =>
      database.transaction((transaction) => addRun(transaction, run, { claim, outer }, database.path)),
    noteRefusal: async (refusal) => {
      await database.transaction((transaction) => noteRefusal(transaction, refusal));
    },
    standing: (project, runId, nowMs) => standing(database, project, runId, nowMs),
    record: (batch) => database.transaction((transaction) => writeBatch(transaction, batch, database.path)),
    settle: (runId, change) =>
      database.transaction(async (transaction) => {
        const sql = "SELECT number FROM runs WHERE id = ? AND status = 'running'";
        for (const { number } of await transaction.all(sql, runId)) {
          await changeRun(transaction, Number(number), change);
          await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", number ?? null);
        }
      }),
    listRuns: (query = {}) => listRuns(database, query),
    findRun: (idOrBeginning) => findRun(database, idOrBeginning),
    metricKeys: async (runId) => (await of(runId, "series", "key")).map((row) => String(row["key"])),
    pointCount: async (runId) => {
      const sql = `SELECT count(*) AS points FROM points WHERE series IN
                   (SELECT number FROM series WHERE run = (SELECT number FROM runs WHERE id = ?))`;
      return Number((await database.all(sql, runId))[0]?.["points"] ?? 0);
    },
    metricHistory: (runId, key) => metricHistory(database, runId, key),
    tags: async (runId) =>
      Object.fromEntries(
        (await of(runId, "tags", "key")).map((row) => [String(row["key"]), String(row["value"])]),
      ),
    events: async (runId) => eventsOf(runId, await of(runId, "events", "sequence")),
    artifacts: async (runId) => (await of(runId, "artifacts", "path")).map((row) => artifactFrom(row, runId)),
    scores: (runId) => readScores(database, runId),
    spend: async (runId) => (await of(runId, "spend", "sequence")).map((row) => spendFrom(row, runId)),
    totalSpend: async (runId) => {
      const sums = `SELECT sum(micro_usd) AS micro_usd, sum(seconds) AS seconds,
                      sum(CASE WHEN kind IN ${chargeKindsSql} THEN micro_usd ELSE 0 END)
                        AS charged FROM spend
                    WHERE run = (SELECT number FROM runs WHERE id = ?)`;
      return totalFrom((await database.all(sums, runId))[0]);
    },
    flush: () => database.flush(),
    close: () => database.close(),
  };
}

/**
 * Adds a run, unless an identical one is running or completed and no reason is given.
 *
 * @returns the conflicting run; `null`: added
 * @throws {TunewiseError} `RUN_EXISTS` if its id is taken
 */
export async function addRun(
  transaction: Transaction,
  run: NewRun,
  {
    claim,
    outer = null,
  }: { readonly claim?: Claim | undefined; readonly outer?: OuterLaunch | null | undefined },
  path: string,
): Promise<Run | null> {
  const duplicate = claim ? await findOwnDuplicate(transaction, claim) : null;
  if (duplicate && !claim?.forced) return duplicate;
  await createRun(transaction, run, claim ?? null, path);
  const launch = await findOuterLaunch(transaction, outer);
  if (launch !== null)
    await transaction.run("UPDATE runs SET launched_by = ? WHERE id = ?", launch.number, run.id);
  if (duplicate && claim?.forced) {
    const about = { ms: Date.parse(run.createdAt), person: "", subject: run.id };
    await auditForced(transaction, about, duplicate.id, claim.forced);
  }
  return null;
}

const ownRuns = "SELECT * FROM runs JOIN recipe_runs ON recipe_runs.run = runs.number";

async function standing(
  database: Database,
  project: string,
  runId: string | null,
  nowMs: number,
): Promise<Standing> {
  const known = await findProject(database, { name: project });
  const run = runId === null ? null : await findTrackedRunOrNull(database, runId);
  return {
    budgets: await budgetsOf(database, known?.number ?? null, nowMs),
    stop: run === null ? null : await readStopRequest(database, run.number),
  };
}

/** A completed or running run of the built-in engine with the same fingerprint. */
export async function findOwnDuplicate(
  transaction: Transaction,
  { fingerprint, dead }: Pick<Claim, "fingerprint" | "dead">,
  asking: string | null = null,
): Promise<Run | null> {
  const query = { fingerprint, ownOnly: true, except: asking === null ? dead : [asking, ...dead] };
  const duplicate = await findDuplicate(transaction, query);
  if (duplicate === null) return null;
  const [row] = await transaction.all(`${ownRuns} WHERE runs.number = ?`, duplicate.number);
  return row ? runFrom(row) : null;
}

async function listRuns(database: Database, query: RunQuery): Promise<Run[]> {
  const { status, name, dataFingerprint, limit = 100, among = null } = query;
  const wanted = [
    ...(dataFingerprint === undefined ? [] : [["recipe_runs.data_fingerprint = ?", dataFingerprint]]),
    ...(status === undefined ? [] : [["status = ?", status]]),
    ...(name === undefined ? [] : [["name = ?", name]]),
  ];
  const where = wanted.map(([condition]) => ` AND ${condition}`).join("");
  const allowed = among ? ` AND runs.project IN (SELECT number FROM projects WHERE ${among.sql})` : "";
  const sql = `${ownRuns} WHERE stage = 'active'${where}${allowed} ORDER BY started_ms DESC, id DESC LIMIT ?`;
  const values = [...wanted.map(([, value]) => value ?? ""), ...(among?.values ?? []), limit];
  return (await database.all(sql, ...values)).map(runFrom);
}

/** Maximum number of matching runs listed in the message. */
const maxNamed = 5;

async function findRun(database: Database, wanted: string): Promise<Run> {
  const [exact] = await database.all(`${ownRuns} WHERE id = ?`, wanted);
  if (exact) return runFrom(exact);
  const sql = `${ownRuns} WHERE substr(id, 1, ?) = ? AND stage = 'active' ORDER BY started_ms DESC, id DESC`;
  const named = `${ownRuns} WHERE name = ? AND stage = 'active' ORDER BY started_ms DESC, id DESC`;
  const begun = wanted === "" ? [] : await database.all(sql, wanted.length, wanted);
  const fitting = (begun.length > 0 ? begun : await database.all(named, wanted)).map(runFrom);
  const [first] = fitting;
  if (!first) throw problem("RUN_NOT_FOUND", { id: wanted, store: database.path });
  if (fitting.length === 1) return first;
  const ids = fitting.slice(0, maxNamed).map((run) => run.id);
  const rest = fitting.length > maxNamed ? ` and ${fitting.length - maxNamed} more` : "";
  const runs = ids.join(", ") + rest;
  throw problem("RUN_AMBIGUOUS", { id: wanted, count: fitting.length, runs, example: first.id });
}

async function metricHistory(database: Database, runId: string, key: string): Promise<Metric[]> {
  const sql = `SELECT points.* FROM points JOIN series ON series.number = points.series
               JOIN runs ON runs.number = series.run WHERE runs.id = ? AND series.key = ? ORDER BY step, ms`;
  return (await database.all(sql, runId, key)).map((row) => metricFrom(row, runId, key));
}

function eventsOf(run: string, rows: readonly SqlRow[]): RunEvent[] {
  return rows.flatMap((row, at) => readEventLine(String(row["line"]), { run, seq: at + 1 }) ?? []);
}
