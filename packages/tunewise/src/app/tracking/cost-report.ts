/** @file `tunewise cost report`: spending and waste, the forecast for this month, and the savings from refused runs. */

import {
  checkRequest,
  createDailyCosts,
  noSpending,
  type Refusal,
  readRefusals,
  reportSpending,
  type Spending,
  type SpendRequest,
  withExistingStore,
} from "@tunewise/tracker";
import type { Runtime } from "../../runtime/index.ts";
import { listRunsAtWork } from "./alive-runs.ts";
import { settleMeters } from "./launches/reconcile-launches.ts";
import { type CostOutlook, forecastCosts } from "./outlook.ts";

/** A cost report. */
export interface CostReport extends Spending {
  /** Outlook for the current month, independent of the report's period; `null` without a store. */
  readonly outlook: CostOutlook | null;
  /** Runs refused as duplicates in the report's period. */
  readonly refused: readonly Refusal[];
}

/** Clients' machines without a rate have no known cost. */
const unknownPrice = { microUsdPerHour: 0, source: "" };

/**
 * Sums the ledger of a store, and forecasts the current month.
 *
 * @throws {TunewiseError} `SPEND_GROUP_UNKNOWN`, `SPEND_DAY_INVALID`, and the errors of `openDatabase`
 */
export async function reportCosts(request: SpendRequest, runtime: Runtime): Promise<CostReport> {
  const { fromMs, toMs } = checkRequest(request);
  await settleMeters(request.store, runtime);
  const nowMs = runtime.now().getTime();
  const report = await withExistingStore(request.store, runtime, async (database) => ({
    ...(await reportSpending(database, request)),
    outlook: await forecastCosts(database, {
      nowMs,
      among: null,
      readDailyCosts: createDailyCosts(database),
      atWork: await listRunsAtWork(database, { nowMs, price: unknownPrice }),
    }),
    refused: (await readRefusals(database, fromMs)).filter(({ ms }) => ms < toMs),
  }));
  return report ?? { ...noSpending, outlook: null, refused: [] };
}
