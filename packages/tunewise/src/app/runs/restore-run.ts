/** @file Restores the record of a run from its folder, for a store that was moved or never had the run. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Seconds, type Usd, usd } from "@tunewise/core/quantity";
import type { EventBody, NewRun } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import {
  type BatchEntry,
  eachEvent,
  type JournaledStore,
  openJournal,
  type RunFolder,
  type ScoreEntry,
} from "@tunewise/tracker";
import { metricKinds } from "../../evaluate/index.ts";
import { readPlan } from "../../plan/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { hyperparametersOf, type MetricName, type Recipe, readConfiguration } from "../../recipe/index.ts";
import { readJudgedRows } from "../../scoring/index.ts";

/** Whether a folder belongs to a run of this engine. */
export function isRunFolder({ configuration, events, record }: RunFolder): boolean {
  return existsSync(configuration) && (existsSync(events) || existsSync(record));
}

/**
 * Restores a run, or the entries that the store lacks, from the run's folder.
 *
 * @returns number of journal entries added to the store
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE` if the folder does not identify the run
 */
export async function restoreRun(store: JournaledStore, folder: RunFolder): Promise<number> {
  const id = basename(folder.path);
  if (!existsSync(folder.record) && !(await isKnown(store, id))) await createJournal(folder, id);
  return store.catchUp(id);
}

/** Whether a store has a run with this exact id. */
export async function isKnown(store: JournaledStore, id: string): Promise<boolean> {
  try {
    return (await store.findRun(id)).id === id;
  } catch (error) {
    if (TunewiseError.is(error) && ["RUN_NOT_FOUND", "RUN_AMBIGUOUS"].includes(error.code)) return false;
    throw error;
  }
}

/** Creates the journal of a run from before journals existed, using the other files in its folder. */
async function createJournal(folder: RunFolder, id: string): Promise<void> {
  const text = (path: string): Promise<string | null> => readTextFile(path).catch(() => null);
  const configuration = await text(folder.configuration);
  const { recipe } = readConfiguration(configuration ?? "", "configuration.json");
  if (recipe === null || configuration === null) {
    const reason = "it does not describe the run";
    throw problem("RUN_FILE_UNREADABLE", { path: folder.configuration, reason });
  }
  const plan = await text(folder.plan);
  const seen = await summarizeEvents(folder);
  const basis = plan === null ? null : readPlan(plan).plan?.basis;
  const run: NewRun = {
    id,
    name: recipe.name,
    status: "running",
    createdAt: startTimeOf(id, seen),
    endedAt: null,
    recipeText: (await text(folder.recipe)) ?? "",
    configuration,
    dataFingerprint: basis?.dataFingerprint ?? "",
    model: recipe.model.source,
    modelRevision: basis?.modelRevision ?? recipe.model.revision,
    versions: "{}",
    folder: join("runs", id),
    wallSeconds: 0,
    spentMicroUsd: 0,
    summary: "{}",
    project: recipe.name,
    params: hyperparametersOf(recipe),
  };
  const journal = await openJournal(folder.record);
  try {
    const origin = await text(folder.origin);
    await journal.add({ kind: "run", run, prints: null, forced: null, plan, origin });
    await journal.add(await batchOf(id, folder, recipe, seen));
  } finally {
    await journal.close();
  }
}

/** Summary of a run's events. */
interface EventSummary {
  lines: number;
  firstAt: string | null;
  lastAt: string | null;
  end: Extract<EventBody, { kind: "run-end" }> | null;
  spentMicroUsd: number;
  trainLoss: number | null;
  validationLoss: number | null;
}

async function summarizeEvents({ events }: RunFolder): Promise<EventSummary> {
  const seen: EventSummary = {
    lines: 0,
    firstAt: null,
    lastAt: null,
    end: null,
    spentMicroUsd: 0,
    trainLoss: null,
    validationLoss: null,
  };
  if (!existsSync(events)) return seen;
  const { unreadableLines } = await eachEvent(events, (event) => {
    seen.lines++;
    seen.firstAt ??= event.time;
    seen.lastAt = event.time;
    seen.end = event.kind === "run-end" ? event : event.kind === "run-start" ? null : seen.end;
    if (event.kind === "step-end") {
      seen.trainLoss = event.loss;
      seen.spentMicroUsd = event.spentMicroUsd;
    }
    if (event.kind === "evaluation-end") seen.validationLoss = event.loss;
  });
  seen.lines += unreadableLines;
  return seen;
}

/** Start time from the run's id, otherwise from its first event. */
function startTimeOf(id: string, { firstAt }: EventSummary): string {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(id) ?? [];
  const parsed = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
  return Number.isNaN(parsed.getTime()) ? (firstAt ?? new Date(0).toISOString()) : parsed.toISOString();
}

/** The journal entry for everything after the start, with cost and time in a single ledger line. */
async function batchOf(
  id: string,
  folder: RunFolder,
  recipe: Recipe,
  seen: EventSummary,
): Promise<BatchEntry> {
  const { end, lastAt } = seen;
  const wallSeconds = end?.wallSeconds ?? secondsBetween(seen);
  const spent = (end?.spentMicroUsd ?? seen.spentMicroUsd) as Usd;
  const time = lastAt ?? (await stat(folder.configuration)).mtime.toISOString();
  const scores = await scoresOf(id, folder);
  const tuned = Object.fromEntries(scores.map(({ metric, value }) => [metric, value]));
  const line = { runId: id, time, kind: "train", spent, duration: wallSeconds as Seconds };
  const price = { priceUsdPerHour: usd(recipe.machine.usdPerHour), priceSource: recipe.machine.source };
  const summary = { train_loss: seen.trainLoss, validation_loss: seen.validationLoss, tuned };
  const change = {
    status: end?.status ?? "interrupted",
    endedAt: time,
    wallSeconds,
    spentMicroUsd: spent,
    summary: JSON.stringify(summary),
  } as const;
  const batch = { run: { id, change }, spend: [{ ...line, ...price }], scores };
  return { kind: "batch", batch, events: seen.lines };
}

function secondsBetween({ firstAt, lastAt }: EventSummary): number {
  return firstAt === null || lastAt === null ? 0 : (Date.parse(lastAt) - Date.parse(firstAt)) / 1000;
}

/** Computes the tuned model's scores from its recorded answers. Their confidence intervals are not stored. */
async function scoresOf(runId: string, folder: RunFolder): Promise<ScoreEntry[]> {
  const judged = await readJudgedRows(folder);
  return Object.entries(judged?.outcomes ?? {}).flatMap(([metric, outcomes]) => {
    const kind = metricKinds[metric as MetricName];
    if (kind === undefined) return [];
    const value = kind.aggregate(outcomes, null);
    return [{ runId, arm: "tuned", metric, value, low: null, high: null, rows: outcomes.length }];
  });
}
