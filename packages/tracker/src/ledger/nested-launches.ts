/**
 * @file Nested commands: which launch a run belongs to, and all runs below a launch.
 *
 * The outermost launch with a price pays for the machine's time, in shares of the runs and commands inside it, so that
 * each second is charged once. The meter of an inner launch only enforces its own cap.
 */
import type { Reader } from "../database/database.ts";
import { findTrackedRunOrNull } from "../tracking/runs.ts";
import type { TrackedRun } from "../tracking/types.ts";
import { chargeKindsSql } from "./spend.ts";

/** A launch as identified by a process inside it: its `TUNEWISE_RUN_ID` and host. */
export interface OuterLaunch {
  readonly id: string;
  readonly host: string;
}

/** Maximum nesting depth. */
const maxDepth = 100;

/** Subquery for `IN`: numbers of a launch and of all runs below it. Its value is the launch's number. */
export const launchTreeSql = `WITH RECURSIVE tree(number) AS (
    SELECT number FROM runs WHERE number = ?
    UNION SELECT runs.number FROM runs JOIN tree ON runs.launched_by = tree.number
  ) SELECT number FROM tree`;

/** Numbers of the launches that contain a run, innermost first. */
export async function outerLaunches(reader: Reader, run: number): Promise<number[]> {
  const found: number[] = [];
  for (let at = run; found.length < maxDepth; ) {
    const [row] = await reader.all("SELECT launched_by FROM runs WHERE number = ?", at);
    const outer = row?.["launched_by"] ?? null;
    if (outer === null || found.includes(Number(outer))) break;
    at = Number(outer);
    found.push(at);
  }
  return found;
}

/**
 * The running launch that a process claims to belong to; `null` if there is no such launch.
 *
 * A process with the variable belongs to the command's process tree, which is paid for until it ends. Copying the
 * variable therefore gains nothing. A process on another host, as under `srun`, is metered separately.
 *
 * @param caller user name; empty in a store without users
 */
export async function findOuterLaunch(
  reader: Reader,
  named: OuterLaunch | null,
  caller = "",
): Promise<TrackedRun | null> {
  const run = named === null ? null : await findTrackedRunOrNull(reader, named.id);
  if (named === null || run?.status !== "running" || (caller !== "" && run.person !== caller)) return null;
  const [row] = await reader.all("SELECT host FROM launches WHERE run = ?", run.number);
  return row?.["host"] === named.host ? run : null;
}

/** Time charged by runs of the built-in engine inside a launch: micro-dollars and seconds. */
export async function chargedByOwnRuns(
  reader: Reader,
  launch: number,
): Promise<{ readonly microUsd: number; readonly seconds: number }> {
  return sumOf(reader, launch, `kind NOT IN ${chargeKindsSql}`, "= 'tunewise'");
}

/** Machine time charged so far by the meters of a launch: to itself and to the runs and commands inside it. */
export async function chargedByMeters(
  reader: Reader,
  launch: number,
): Promise<{ readonly microUsd: number; readonly seconds: number }> {
  return sumOf(reader, launch, "kind = 'machine'", "<> 'tunewise'");
}

/** Machine time that its meters have charged to the launch itself. */
export async function chargedToItself(
  reader: Reader,
  launch: number,
): Promise<{ readonly microUsd: number; readonly seconds: number }> {
  const sql = `SELECT sum(micro_usd) AS micro_usd, sum(seconds) AS seconds FROM spend
    WHERE run = ? AND kind = 'machine'`;
  const [row] = await reader.all(sql, launch);
  return { microUsd: Number(row?.["micro_usd"] ?? 0), seconds: Number(row?.["seconds"] ?? 0) };
}

async function sumOf(
  reader: Reader,
  launch: number,
  kind: string,
  client: string,
): Promise<{ microUsd: number; seconds: number }> {
  const sql = `SELECT sum(spend.micro_usd) AS micro_usd, sum(spend.seconds) AS seconds FROM spend
    JOIN runs ON runs.number = spend.run WHERE spend.${kind} AND runs.client ${client}
    AND spend.run IN (${launchTreeSql})`;
  const [row] = await reader.all(sql, launch);
  return { microUsd: Number(row?.["micro_usd"] ?? 0), seconds: Number(row?.["seconds"] ?? 0) };
}
