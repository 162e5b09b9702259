/** @file Writes a run of the built-in engine: the columns common to all runs, and those specific to such runs. */

import { type NewRun, type Run, summaryOf } from "@tunewise/core/run";
import type { SqlValue, Transaction } from "../database/database.ts";
import { problem } from "../problem/index.ts";
import type { Claim, RunChange } from "../store.ts";
import { putFacts, putTags, runParams } from "../tracking/facts.ts";
import { noteChange, noteStopCause } from "../tracking/runs.ts";
import { classOf } from "./run-class.ts";

/**
 * Adds a run, creating its project if missing.
 *
 * @throws {TunewiseError} `RUN_EXISTS`
 */
export async function createRun(
  transaction: Transaction,
  run: NewRun,
  claim: Claim | null,
  path: string,
): Promise<void> {
  const started = Date.parse(run.createdAt);
  const ended = run.endedAt === null ? null : Date.parse(run.endedAt);
  const { kind, verdict, stoppedBy } = classOf(summaryOf(run));
  await transaction.run(
    "INSERT INTO projects (name, stage, created_ms, changed_ms) VALUES (?, 'active', ?, ?) ON CONFLICT DO NOTHING",
    run.project,
    started,
    started,
  );
  const [added] = await transaction.all(
    `INSERT INTO runs (id, project, name, status, stage, client, person, purpose, started_ms, ended_ms, seen_ms,
       wall_seconds, spent_micro_usd, fingerprint, family, kind, verdict, stopped_by)
     VALUES (?, (SELECT number FROM projects WHERE name = ?), ?, ?, 'active', 'tunewise', '', 'experiment',
       ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING RETURNING number`,
    ...[
      run.id,
      run.project,
      run.name,
      run.status,
      started,
      ended,
      ended ?? started,
      run.wallSeconds,
      run.spentMicroUsd,
      claim?.fingerprint ?? null,
      claim?.family ?? null,
      kind,
      verdict,
      stoppedBy,
    ],
  );
  if (!added) throw problem("RUN_EXISTS", { id: run.id, path });
  if (claim?.forced)
    await putTags(transaction, Number(added["number"]), [{ key: forcedTag, value: claim.forced }]);
  const own = Object.keys(recipeColumns);
  await transaction.run(
    `INSERT INTO recipe_runs (run, ${own.join(", ")}) VALUES (?, ${own.map(() => "?").join(", ")})`,
    Number(added["number"]),
    ...Object.values(recipeColumns).map((key) => run[key]),
  );
  const params = Object.entries(run.params).map(([key, value]) => ({ key, value }));
  await putFacts(transaction, runParams, Number(added["number"]), params, "keep");
  await noteChange(transaction, Number(added["number"]));
}

/** The tag with the reason for running despite an earlier identical run. */
const forcedTag = "tunewise.forced";

const recipeColumns = {
  recipe_text: "recipeText",
  configuration: "configuration",
  data_fingerprint: "dataFingerprint",
  model: "model",
  model_revision: "modelRevision",
  versions: "versions",
  folder: "folder",
  summary: "summary",
} as const satisfies Record<string, keyof Run>;

/** Updates the given fields. */
export async function changeRun(transaction: Transaction, number: number, change: RunChange): Promise<void> {
  const { status, endedAt, wallSeconds, spentMicroUsd, stoppedBy, ...own } = change;
  const summary = own.summary === undefined ? null : classOf(summaryOf({ summary: own.summary }));
  if (status !== undefined)
    await noteStopCause(transaction, number, status, stoppedBy ?? summary?.stoppedBy ?? null);
  await update(transaction, "runs", "number", number, {
    status,
    ended_ms: typeof endedAt === "string" ? Date.parse(endedAt) : endedAt,
    wall_seconds: wallSeconds,
    spent_micro_usd: spentMicroUsd,
    kind: summary?.kind,
    verdict: summary === null ? undefined : summary.verdict,
  });
  await update(transaction, "recipe_runs", "run", number, {
    data_fingerprint: own.dataFingerprint,
    versions: own.versions,
    summary: own.summary,
  });
}

async function update(
  transaction: Transaction,
  table: string,
  id: string,
  number: number,
  change: Readonly<Record<string, SqlValue | undefined>>,
): Promise<void> {
  const given = Object.entries(change).filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
  if (given.length === 0) return;
  const set = given.map(([column]) => `${column} = ?`).join(", ");
  await transaction.run(
    `UPDATE ${table} SET ${set} WHERE ${id} = ?`,
    ...given.map(([, value]) => value),
    number,
  );
}
