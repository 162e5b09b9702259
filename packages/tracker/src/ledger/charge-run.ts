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
import { requestStop, stopProject } from "../tracking/stop.ts";
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
 * @returns the run after the charge, and whether the charge is new
 * @throws {TunewiseError} `RUN_NOT_FOUND`
 */
export async function chargeTracked(
  transaction: Transaction,
  id: string,
  request: ChargeRequest,
  nowMs: number,
): Promise<{ readonly run: TrackedRun; readonly isNew: boolean }> {
  const { number, project } = await findTrackedRun(transaction, id);
  const isNew = await addCharge(transaction, { ...request, run: number });
  for (const launch of [number, ...(await outerLaunches(transaction, number))])
    await stopBeyondCap(transaction, launch, nowMs);
  await stopOverBudget(transaction, project, nowMs);
  return { run: await findTrackedRun(transaction, id), isNew };
}

/** Requests a stop of a project's runs if its budget is spent. */
export async function stopOverBudget(
  transaction: Transaction,
  project: number,
  nowMs: number,
): Promise<void> {
  const verdict = checkSharedBudgets(await budgetsOf(transaction, project, nowMs));
  if (verdict.act === "stop") await stopProject(transaction, project, verdict.sentence, nowMs);
}

/** Requests a stop of a command that exceeds its cap. The cap covers metered time and charges. */
export async function stopBeyondCap(transaction: Transaction, launch: number, nowMs: number): Promise<void> {
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
