/** @file Judges the waste of runs: of one run for a report, or of all ended runs for tables that sort by waste. */
import { setImmediate } from "node:timers/promises";
import type { Reader } from "../database/database.ts";
import { drawSeries } from "../points/chart.ts";
import { readKeys } from "../points/history.ts";
import type { Point } from "../points/point.ts";
import { pointCount, readSeries, type StoredSeries } from "../points/series.ts";
import type { TrackedRun } from "../tracking/types.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { checkWaste, type SpentRun, type Waste } from "./check-waste.ts";
import { type JudgedRun, keepUnspent, keepWaste, runsToJudge } from "./waste.ts";

/** Metric keys under which trainers log validation loss. */
const validationKeys = [
  "validation/loss",
  "validation_loss",
  "eval_loss",
  "eval/loss",
  "val_loss",
  "val/loss",
];
/** Maximum points to read per metric. */
const chartPoints = 500;

/** The money and time to judge: all of a run's ledger or a part of it. */
interface JudgedSpend {
  readonly microUsd: number;
  readonly seconds: number;
  /** Id of the earlier completed run of the same experiment; `null` if there is none. */
  readonly duplicateOf: string | null;
}

/** Judges one run. Returns `null` if no waste is visible. Reads curves only if they can affect the judgement. */
export async function judgeRun(
  reader: Reader,
  run: TrackedRun,
  { microUsd, seconds, duplicateOf }: JudgedSpend,
): Promise<Waste | null> {
  const endedMs = run.endedMs ?? run.seenMs;
  const about: SpentRun = {
    status: run.status,
    microUsd,
    duplicateOf,
    validation: [],
    loggedMs: [],
    startedMs: run.startedMs,
    endedMs,
    paidMs: seconds > 0 ? 1000 * seconds : endedMs - run.startedMs, // charges have no duration
  };
  const atOnce = checkWaste(about);
  if (atOnce !== null || microUsd <= 0) return atOnce;
  return checkWaste({ ...about, ...(await tracesOf(reader, run.number)) });
}

/** Minimum number of points to detect a rise, or an unusually long pause. */
const minPoints = 3;

/** Reads a run's log times and validation losses if there are enough points. */
async function tracesOf(reader: Reader, run: number): Promise<Pick<SpentRun, "validation" | "loggedMs">> {
  const keys = await readKeys(reader, run);
  const validationKey = validationKeys.find((key) => keys.includes(key));
  const trainKey = keys.find((key) => /loss$/.test(key) && key !== validationKey) ?? keys[0];
  const chosen = [...new Set([validationKey, trainKey])].filter((key) => key !== undefined);
  if (chosen.length === 0) return { validation: [], loggedMs: [] };
  const series = await readSeries(reader, [run], chosen);
  const isLong = (one: StoredSeries): boolean => pointCount(one) >= minPoints;
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

/** Runs per transaction, so that other requests can run in between. */
const runsAtOnce = 100;
/** Runs to judge before yielding to other work. SQLite answers synchronously, so nothing else would run otherwise. */
const runsOfTurn = 10;
/** Runs per transaction that do not need to be judged individually. */
const unspentAtOnce = 2_000;

/**
 * Judges ended runs and caches the judgements. A run that has not changed is not judged again.
 *
 * @param limit maximum number of runs to judge
 * @param isThorough whether to judge runs again that have changed; finding them reads every run
 * @returns the number of judged runs
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
    below = judged.at(-1)?.run ?? null; // runs above this one have been judged
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
