/**
 * @file Charges a run for costs that no meter measures: tokens of a paid API, storage, labeling. Budgets count them
 * immediately.
 */

import { type Usd, usdText } from "@tunewise/core/quantity";
import type { Transaction } from "../database/database.ts";
import { withDatabase } from "../named-store.ts";
import type { StoreHost } from "../store-host.ts";
import { resolveRunId } from "../tracking/run-reference.ts";
import { findTrackedRun } from "../tracking/runs.ts";
import { readStop, requestStop, stopProject } from "../tracking/stop.ts";
import type { TrackedRun } from "../tracking/types.ts";
import { createWriter } from "../tracking/writer.ts";
import { budgetsOf } from "./budgets.ts";
import { addCharge, type Charge, chargedToLaunch } from "./charges.ts";
import { checkSharedBudgets } from "./check-budgets.ts";
import { findLaunch } from "./launches.ts";
import { outerLaunches } from "./nested-launches.ts";
import { parseAmount } from "./shared-budgets.ts";

/** A charge as submitted by a caller. */
export type ChargeRequest = Omit<Charge, "run">;

/**
 * Records a charge in the ledger, and requests a stop of runs whose budget is now exceeded.
 *
 * @returns the run after the charge, whether the charge is new, and why the run must stop; `null` if it may continue
 * @throws {TunewiseError} `RUN_NOT_FOUND`
 */
export async function chargeTracked(
  transaction: Transaction,
  id: string,
  request: ChargeRequest,
  nowMs: number,
): Promise<{ readonly run: TrackedRun; readonly isNew: boolean; readonly stop: string | null }> {
  const found = await findTrackedRun(transaction, id);
  const isNew = await addCharge(transaction, { ...request, run: found.number });
  const stop = await enforceBudgets(transaction, found, nowMs);
  return { run: await findTrackedRun(transaction, id), isNew, stop };
}

/**
 * Requests stops after a run's costs were recorded: of the commands that it runs in, if they exceed their caps, and of
 * all runs of its project, if a budget is spent.
 *
 * @returns why the run, or a command that it runs in, must stop; `null` if it may continue
 */
export async function enforceBudgets(
  transaction: Transaction,
  { number, project }: Pick<TrackedRun, "number" | "project">,
  nowMs: number,
): Promise<string | null> {
  const runs = [number, ...(await outerLaunches(transaction, number))];
  for (const run of runs) await stopBeyondCap(transaction, run, nowMs);
  const verdict = checkSharedBudgets(await budgetsOf(transaction, project, nowMs));
  if (verdict.act === "stop") await stopProject(transaction, project, verdict.sentence, nowMs);
  for (const run of runs) {
    const stop = await readStop(transaction, run);
    if (stop !== null) return stop;
  }
  return null;
}

/** Requests a stop of a command that exceeds its cap. The cap covers metered time and charges. */
async function stopBeyondCap(transaction: Transaction, launch: number, nowMs: number): Promise<void> {
  const found = await findLaunch(transaction, launch);
  if (!found || found.capMicroUsd === null) return;
  const charged = await chargedToLaunch(transaction, launch);
  if (charged === 0 || found.microUsd + charged < found.capMicroUsd) return;
  const [cap, time, rest] = [found.capMicroUsd, found.microUsd, charged].map((sum) => usdText(sum as Usd));
  const sentence = `the budget of ${cap} is spent: ${time} for time, ${rest} for what it was charged besides`;
  await requestStop(transaction, launch, { by: "cap", reason: sentence }, nowMs);
}

/**
 * `tunewise runs charge`: charges a run of a store.
 *
 * @param id an id, an id prefix, or `latest`
 * @param amount such as `1.25usd`
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `BUDGET_INVALID`
 */
export function chargeRun(
  id: string,
  amount: string,
  about: Omit<ChargeRequest, "ms" | "microUsd">,
  store: string | undefined,
  runtime: Pick<StoreHost, "cwd" | "now">,
): Promise<TrackedRun> {
  const microUsd = parseAmount(amount);
  const nowMs = runtime.now().getTime();
  return withDatabase(store, runtime, async (database) => {
    const named = await resolveRunId(database, id);
    return createWriter(database)(
      async (transaction) =>
        (await chargeTracked(transaction, named, { ...about, microUsd, ms: nowMs }, nowMs)).run,
    );
  });
}
