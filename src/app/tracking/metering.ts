/**
 * @file Runs of clients as money: what they worked goes into the ledger, and where a budget is spent they are asked to
 * stop.
 */
import { checkSharedBudgets } from "../../guard/index.ts";
import { readRate } from "../../launch/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import {
  budgetsOf,
  type MachinePrice,
  meterRun,
  projectsUnderBudget,
  type Reader,
  readTags,
  runsToMeter,
  stopProject,
  type Transaction,
} from "../../track/index.ts";
import type { Desk } from "./desk.ts";

/** The tag of a run whose machine has a price of its own, such as `2.49/h`. */
const rateTag = "tunewise.rate";

/** Runs are metered again once they have worked for so long. */
const leastMs = 30_000;
/** Pause between two looks. */
const lookMs = 10_000;

/** Brings the work of one run into the ledger. */
export async function settleRun(
  transaction: Transaction,
  run: number,
  desk: Pick<Desk, "price" | "now">,
): Promise<void> {
  await meterRun(transaction, run, await priceOf(transaction, run, desk.price), desk.now());
}

/**
 * Brings the work of all runs into the ledger, and asks those to stop whose budget is spent.
 *
 * @param workedMs runs that have worked for less since they were metered are left for later
 */
export async function settleRuns(desk: Desk, workedMs: number = leastMs): Promise<void> {
  for (const run of await runsToMeter(desk.database, workedMs)) {
    await desk.write((transaction) => settleRun(transaction, run, desk));
  }
  for (const project of await projectsUnderBudget(desk.database)) {
    const verdict = checkSharedBudgets(await budgetsOf(desk.database, project, desk.now()));
    if (verdict.act !== "stop") continue;
    await desk.write((transaction) => stopProject(transaction, project, verdict.sentence, desk.now()));
  }
}

/**
 * Settles now and then until it is told to end; the last time it settles everything.
 *
 * @param others what else is to be settled each time
 */
export function keepSettling(
  desk: Desk,
  onFailure: (error: unknown) => void,
  others: () => Promise<void> = async () => undefined,
): () => Promise<void> {
  let busy = Promise.resolve();
  const settle = (workedMs?: number): Promise<void> => {
    busy = busy
      .then(() => settleRuns(desk, workedMs))
      .then(others)
      .catch(onFailure);
    return busy;
  };
  const timer = setInterval(() => void settle(), lookMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return settle(1);
  };
}

/** The price of a run's own machine, or the store's. */
async function priceOf(reader: Reader, run: number, otherwise: MachinePrice): Promise<MachinePrice> {
  const rate = (await readTags(reader, run)).get(rateTag);
  if (rate === undefined) return otherwise;
  try {
    return { microUsdPerHour: readRate(rate), source: `tag ${rateTag} ${rate}` };
  } catch (error) {
    if (TunewiseError.is(error)) return otherwise;
    throw error;
  }
}
