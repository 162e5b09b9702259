/** @file Meters clients' runs: records their time in the ledger, and requests stops when a budget is spent. */

import { parseRate } from "@tunewise/core/quantity";
import type { Reader, Transaction } from "../database/database.ts";
import { readTags } from "../tracking/facts.ts";
import { projectsUnderBudget, stopProject } from "../tracking/stop.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { budgetsOf } from "./budgets.ts";
import { checkSharedBudgets } from "./check-budgets.ts";
import { judgeEndedRuns } from "./judge-waste.ts";
import { type MachinePrice, meterRun, runsToMeter } from "./meter-run.ts";

/** Tag with the price of a run's machine, such as `2.49/h`. */
export const rateTag = "tunewise.rate";

/** Minimum unmetered time of a run before it is metered again. */
const minWorkedMs = 30_000;
/** Interval between settlements. */
const settleIntervalMs = 10_000;
/** Maximum runs to judge for waste per settlement. This takes a few seconds and yields to other work. */
const judgedAtOnce = 20_000;
/** The same for the last settlement, for which a stopping server has to wait. */
const judgedAtEnd = 1_000;
/** Every n-th settlement also looks for judged runs that have changed. */
const thoroughEvery = 6;

/** Records the time of one run in the ledger. */
export async function settleRun(
  transaction: Transaction,
  run: number,
  context: Pick<TrackingContext, "price" | "now">,
): Promise<void> {
  await meterRun(transaction, run, await priceOf(transaction, run, context.price), context.now());
}

/**
 * Records the time of all runs in the ledger, and requests a stop of runs whose budget is spent.
 *
 * @param workedMs minimum unmetered time; other runs are skipped
 */
export async function settleRuns(context: TrackingContext, workedMs: number = minWorkedMs): Promise<void> {
  for (const run of await runsToMeter(context.database, workedMs)) {
    await context.write((transaction) => settleRun(transaction, run, context));
  }
  for (const project of await projectsUnderBudget(context.database)) {
    const verdict = checkSharedBudgets(await budgetsOf(context.database, project, context.now()));
    if (verdict.act !== "stop") continue;
    await context.write((transaction) => stopProject(transaction, project, verdict.sentence, context.now()));
  }
}

/**
 * Starts periodic settlements. The returned function stops them after a final settlement.
 *
 * @param others further work for each settlement
 */
export function startSettling(
  context: TrackingContext,
  onFailure: (error: unknown) => void,
  others: () => Promise<void> = async () => undefined,
): () => Promise<void> {
  let busy = Promise.resolve();
  let settled = 0;
  const settle = (workedMs?: number): Promise<void> => {
    busy = busy
      .then(() => settleRuns(context, workedMs))
      .then(others)
      .then(async () => {
        const isThorough = settled++ % thoroughEvery === 0;
        const limit = workedMs === undefined ? judgedAtOnce : judgedAtEnd;
        await judgeEndedRuns(context, { limit, isThorough });
      })
      .catch(onFailure);
    return busy;
  };
  const timer = setInterval(() => void settle(), settleIntervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return settle(1);
  };
}

/** The price of a run's machine from the run's tag, or the default. */
export async function priceOf(reader: Reader, run: number, otherwise: MachinePrice): Promise<MachinePrice> {
  const rate = (await readTags(reader, run)).get(rateTag);
  const microUsdPerHour = rate === undefined ? null : parseRate(rate);
  return microUsdPerHour === null ? otherwise : { microUsdPerHour, source: `tag ${rateTag} ${rate}` };
}
