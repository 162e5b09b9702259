/** @file A run that is forked from another one begins with that one's history up to a step. */

import type { Transaction } from "../database/database.ts";
import { readStoredPoints } from "../move/stored-runs.ts";
import { writePoints } from "../points/write-points.ts";
import { problem } from "../problem/index.ts";
import { isObject, readLooseObject } from "./loose-json.ts";
import type { WandbRun } from "./wandb-run.ts";

/** Where a run begins: after a step of another run of its project. */
interface BranchPoint {
  /** The client's name for the other run. */
  readonly run: string;
  readonly step: number;
}

/** Points that are taken over at most. */
const maxPoints = 500_000;

/**
 * The branch point that a client put into the configuration of its run, or `null`.
 *
 * @source wandb/wandb wandb/sdk/wandb_init.py: `_wandb.branch_point`
 */
export function branchPointIn(config: string | null): BranchPoint | null {
  const own = config === null ? null : readLooseObject(config)?.["_wandb"];
  const value = isObject(own) ? own["value"] : null;
  const point = isObject(value) ? value["branch_point"] : null;
  if (!isObject(point)) return null;
  const { run_id: run, step } = point;
  return typeof run === "string" && typeof step === "number" && Number.isFinite(step)
    ? { run, step: Math.floor(step) }
    : null;
}

/**
 * Copies a run's history up to and including a step to a run that has none yet. Its lines get numbers below 0, so that
 * those that the client will send have theirs; system metrics and the console are not a part of it.
 *
 * @param most points that are copied: the store does nothing else meanwhile
 * @throws {TunewiseError} `FORK_TOO_LARGE`
 */
export async function forkHistory(
  transaction: Transaction,
  from: Pick<WandbRun, "run">,
  to: Pick<WandbRun, "run">,
  step: number,
  most: number = maxPoints,
): Promise<void> {
  const [source, target] = [from.run.number, to.run.number];
  const history = "s.run = ? AND substr(s.key, 1, 7) <> 'system/' AND p.step <= ?";
  const [counted] = await transaction.all(
    `SELECT count(*) AS count FROM (
       SELECT 1 FROM series s JOIN points p ON p.series = s.number WHERE ${history} LIMIT ?) counted`,
    ...[source, step, most + 1],
  );
  if (Number(counted?.["count"] ?? 0) > most)
    throw problem("FORK_TOO_LARGE", { id: from.run.id, step, most });
  for await (const points of readStoredPoints(transaction, source)) {
    const wanted = points.filter(
      (point) => point.step <= step && point.step >= 0 && !point.key.startsWith("system/"),
    );
    await writePoints(
      transaction,
      wanted.map((point) => ({ ...point, run: target })),
    );
    if (points.some((point) => point.step > step)) break;
  }
  await transaction.run(
    `INSERT INTO wandb_rows (run, kind, line, step, content)
     SELECT CAST(? AS BIGINT), kind, line - CAST(? AS BIGINT), step, content FROM wandb_rows
     WHERE run = ? AND kind = 'history' AND step <= ? AND line - CAST(? AS BIGINT) >= ?`,
    ...[target, belowAll, source, step, belowAll, -maxInherited],
  );
}

/** More than a run can have lines. */
const belowAll = 2_000_000_000;
/** A fork of a fork of a fork: numbers stay whole. */
const maxInherited = 1e15;
