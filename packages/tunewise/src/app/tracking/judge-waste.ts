/** @file Judges what runs wasted: one run for a report, and all that have ended for the tables that sort by it. */
import { setImmediate } from "node:timers/promises";
import {
  drawSeries,
  type JudgedRun,
  keepUnspent,
  keepWaste,
  type Point,
  pointCount,
  type Reader,
  readKeys,
  readSeries,
  runsToJudge,
  type StoredSeries,
  type TrackedRun,
} from "@tunewise/tracker";
import { checkWaste, type SpentRun, type Waste } from "../../guard/index.ts";
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

/** Fewer points show neither a rise nor a pause that is longer than usual. */
const fewestPoints = 3;

/** A run's log times and validation losses, as far as they can matter. */
async function tracesOf(reader: Reader, run: number): Promise<Pick<SpentRun, "validation" | "loggedMs">> {
  const keys = await readKeys(reader, run);
  const validationKey = validationKeys.find((key) => keys.includes(key));
  const trainKey = keys.find((key) => /loss$/.test(key) && key !== validationKey) ?? keys[0];
  const chosen = [...new Set([validationKey, trainKey])].filter((key) => key !== undefined);
  if (chosen.length === 0) return { validation: [], loggedMs: [] };
  const series = await readSeries(reader, [run], chosen);
  const isLong = (one: StoredSeries): boolean => pointCount(one) >= fewestPoints;
  if (!series.some(isLong)) return { validation: [], loggedMs: [] };
  const chart = async (key: string | undefined): Promise<Point[]> => {
    const found = series.find((one) => one.key === key);
    return found ? drawSeries(reader, found, { axis: "ms", places: chartPoints }) : [];
  };
  return {
    validation: await chart(validationKey),
    loggedMs: (await chart(trainKey)).map(({ ms }) => ms),
  };
}

/** Runs of one transaction: the next requests have their turn in between. */
const runsAtOnce = 100;
/** Runs between two turns of other work: SQLite answers at once, and so nothing else would come between. */
const runsOfTurn = 10;
/** Runs of one transaction that need no look at each. */
const unspentAtOnce = 2_000;

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
  for (let most = 1, kept = 1; kept === most && count < limit; count += kept) {
    most = Math.min(unspentAtOnce, limit - count);
    kept = await write((transaction) => keepUnspent(transaction, most));
    await setImmediate();
  }
  for (let below: number | null = null; count < limit; ) {
    const most = Math.min(runsAtOnce, limit - count);
    const found = await runsToJudge(database, { limit: most, isThorough, below });
    const judged = await judgeAll(database, found);
    if (judged.length > 0) await write((transaction) => keepWaste(transaction, judged));
    count += judged.length;
    if (judged.length < most) break;
    below = judged.at(-1)?.run ?? null; // those above need no second look
  }
  return count;
}

async function judgeAll(reader: Reader, runs: Awaited<ReturnType<typeof runsToJudge>>): Promise<JudgedRun[]> {
  const judged: JudgedRun[] = [];
  for (const [at, { run, basis, duplicateOf }] of runs.entries()) {
    const spend = { microUsd: run.spentMicroUsd, seconds: run.wallSeconds, duplicateOf };
    const waste = await judgeRun(reader, run, spend);
    judged.push({ run: run.number, basis, microUsd: waste?.microUsd ?? 0, kind: waste?.kind ?? "" });
    if (at % runsOfTurn === runsOfTurn - 1) await setImmediate();
  }
  return judged;
}
