/** @file Judges what runs wasted: one run for a report, and all that have ended for the tables that sort by it. */
import { checkWaste, type SpentRun, type Waste } from "../../guard/index.ts";
import {
  type JudgedRun,
  keepWaste,
  type Point,
  type Reader,
  readChart,
  readKeys,
  runsToJudge,
  type TrackedRun,
} from "../../track/index.ts";
import type { TrackingContext } from "./tracking-context.ts";

/** Metric keys under which trainers log validation loss. */
const validationKeys = [
  "validation/loss",
  "validation_loss",
  "eval_loss",
  "eval/loss",
  "val_loss",
  "val/loss",
];
/** Maximum points read per metric. */
const chartPoints = 500;

/** What is judged: money and time of the ledger, all of it or a part. */
interface JudgedSpend {
  readonly microUsd: number;
  readonly seconds: number;
  /** Id of the earlier completed run of the same experiment. */
  readonly duplicateOf: string | null;
}

/** Judges one run; `null` if no waste is visible. Its curves are read only where they can matter. */
export async function judgeRun(
  reader: Reader,
  run: TrackedRun,
  { microUsd, seconds, duplicateOf }: JudgedSpend,
): Promise<Waste | null> {
  const endedMs = run.endedMs ?? run.seenMs;
  const about: SpentRun = {
    ...{ status: run.status, microUsd, duplicateOf, validation: [], loggedMs: [] },
    ...{ startedMs: run.startedMs, endedMs },
    paidMs: seconds > 0 ? 1000 * seconds : endedMs - run.startedMs, // charges have no time
  };
  const atOnce = checkWaste(about);
  if (atOnce !== null || microUsd <= 0) return atOnce;
  return checkWaste({ ...about, ...(await tracesOf(reader, run.number)) });
}

/** A run's log times and validation losses. */
async function tracesOf(reader: Reader, run: number): Promise<Pick<SpentRun, "validation" | "loggedMs">> {
  const keys = await readKeys(reader, run);
  const chart = (key: string): Promise<Point[]> =>
    readChart(reader, { run, key }, { axis: "ms", places: chartPoints });
  const validationKey = validationKeys.find((key) => keys.includes(key));
  const trainKey = keys.find((key) => /loss$/.test(key) && key !== validationKey) ?? keys[0];
  return {
    validation: validationKey === undefined ? [] : await chart(validationKey),
    loggedMs: trainKey === undefined ? [] : (await chart(trainKey)).map(({ ms }) => ms),
  };
}

/** Runs of one transaction: the next requests have their turn in between. */
const runsAtOnce = 100;

/**
 * Judges runs that have ended and keeps the judgements; a run that has not changed since is not judged again.
 *
 * @param limit how many at most
 * @param isThorough whether runs are judged again that changed since; finding them reads every run
 * @returns how many were judged
 */
export async function judgeEndedRuns(
  { database, write }: Pick<TrackingContext, "database" | "write">,
  { limit, isThorough }: { readonly limit: number; readonly isThorough: boolean },
): Promise<number> {
  let count = 0;
  while (count < limit) {
    const most = Math.min(runsAtOnce, limit - count);
    const found = await runsToJudge(database, { limit: most, isThorough });
    const judged: JudgedRun[] = [];
    for (const { run, basis, duplicateOf } of found) {
      const spend = { microUsd: run.spentMicroUsd, seconds: run.wallSeconds, duplicateOf };
      const waste = await judgeRun(database, run, spend);
      judged.push({ run: run.number, basis, microUsd: waste?.microUsd ?? 0, kind: waste?.kind ?? "" });
    }
    if (judged.length > 0) await write((transaction) => keepWaste(transaction, judged));
    count += judged.length;
    if (judged.length < most) break;
  }
  return count;
}
