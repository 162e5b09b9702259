/** @file A forked run starts with the history of another run up to a step. */

import type { Transaction } from "../database/database.ts";
import { readStoredPoints } from "../move/stored-runs.ts";
import { writePoints } from "../points/write-points.ts";
import { problem } from "../problem/index.ts";
import { isObject, readLooseObject } from "./loose-json.ts";
import type { WandbRun } from "./wandb-run.ts";

/** Where a run was forked: after a step of another run in its project. */
interface BranchPoint {
  /** The other run's name, as assigned by its client. */
  readonly run: string;
  readonly step: number;
}

/** Maximum points to copy. */
const maxPoints = 500_000;

/**
 * The branch point in the configuration of a run, or `null`.
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
 * Copies a run's history, up to and including a step, to a run without history. Copied lines get negative numbers, so
 * that they do not collide with lines from the client. System metrics and console output are not copied.
 *
 * @param most maximum points to copy, because copying blocks other writes
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

/** More than the number of lines a run can have. */
const belowAll = 2_000_000_000;
/** Limits repeated forks of forks, so that line numbers stay exact integers. */
const maxInherited = 1e15;
