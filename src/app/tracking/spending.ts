/** @file `tunewise cost report`: costs of runs of any client by group, and the part of it that was wasted. */
import type { WasteKind } from "../../guard/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type Database,
  firstOfFingerprints,
  type ProjectsAmong,
  type RunSpend,
  runsWithoutWaste,
  spendByRun,
} from "../../track/index.ts";
import { judgeRun } from "./judge-waste.ts";
import { settleMeters } from "./launches/settle-launches.ts";
import { withExistingStore } from "./with-database.ts";

/** Selection and grouping of costs. */
export interface SpendRequest {
  /** A folder of runs, or the address of a PostgreSQL store. */
  readonly store?: string;
  /** `project`, `person`, `client`, `purpose`, `status`, `month`, `run`, or `tag:KEY`. */
  readonly by: string;
  /** ISO days or months: `since` is inclusive, `until` exclusive. */
  readonly since?: string;
  readonly until?: string;
}

/** Sums of a group. Micro-dollars add up exactly. */
export interface SpendGroup {
  readonly name: string;
  readonly runs: number;
  readonly microUsd: number;
  readonly seconds: number;
}

/** Waste of one run. */
export interface WastedRun {
  readonly id: string;
  readonly kind: WasteKind;
  readonly microUsd: number;
  readonly sentence: string;
}

/** Total costs. */
export interface Spending {
  readonly microUsd: number;
  readonly seconds: number;
  readonly runs: number;
  readonly groups: readonly SpendGroup[];
  /** Costs by purpose: experiments and production. */
  readonly purposes: readonly SpendGroup[];
  readonly waste: readonly WastedRun[];
}

/**
 * Sums the ledger.
 *
 * @throws {TunewiseError} `SPEND_GROUP_UNKNOWN`, `SPEND_DAY_INVALID`, and the errors of `openDatabase`
 */
export async function sumSpending(request: SpendRequest, runtime: Runtime): Promise<Spending> {
  checkRequest(request);
  await settleMeters(request.store, runtime);
  const spending = await withExistingStore(request.store, runtime, (database) =>
    reportSpending(database, request),
  );
  return spending ?? { microUsd: 0, seconds: 0, runs: 0, groups: [], purposes: [], waste: [] };
}

/**
 * Sums the ledger of an open store.
 *
 * @param among projects to include; `null` for all
 * @throws {TunewiseError} `SPEND_GROUP_UNKNOWN`, `SPEND_DAY_INVALID`
 */
export async function reportSpending(
  database: Database,
  request: Omit<SpendRequest, "store">,
  among: ProjectsAmong | null = null,
): Promise<Spending> {
  const { group, fromMs, toMs } = checkRequest(request);
  const tag = request.by.startsWith("tag:") ? request.by.slice(4) : "";
  const spent = await spendByRun(database, { fromMs, toMs, tag, among });
  return {
    microUsd: spent.reduce((sum, { microUsd }) => sum + microUsd, 0),
    seconds: spent.reduce((sum, { seconds }) => sum + seconds, 0),
    runs: spent.length,
    groups: sumGroups(spent, group),
    purposes: sumGroups(spent, grouping("purpose")),
    waste: await wasteOf(database, spent),
  };
}

function checkRequest({ by, since, until }: Omit<SpendRequest, "store">): {
  readonly group: Grouping;
  readonly fromMs: number;
  readonly toMs: number;
} {
  const fromMs = since === undefined ? 0 : dayMs(since);
  const toMs = until === undefined ? Number.MAX_SAFE_INTEGER : dayMs(until);
  return { group: grouping(by), fromMs, toMs };
}

/** Splits a run's cost, in micro-dollars, by group names. */
type Grouping = (spend: RunSpend) => readonly (readonly [name: string, microUsd: number])[];

function grouping(by: string): Grouping {
  const whole =
    (name: (spend: RunSpend) => string): Grouping =>
    (spend) => [[name(spend), spend.microUsd]];
  if (by.startsWith("tag:") && by.length > 4) return whole(({ tag }) => tag ?? "(without)");
  switch (by) {
    case "project":
      return whole(({ projectName }) => projectName);
    case "person":
      return whole(({ run }) => run.person || "(unknown)");
    case "client":
      return whole(({ run }) => run.client);
    case "purpose":
      return whole(({ run }) => run.purpose);
    case "status":
      return whole(({ run }) => run.status);
    case "run":
      return whole(({ run }) => run.id);
    case "month":
      return ({ months }) => Object.entries(months);
    default:
      throw problem("SPEND_GROUP_UNKNOWN", { by });
  }
}

function sumGroups(spent: readonly RunSpend[], group: Grouping): SpendGroup[] {
  const groups = new Map<string, { runs: number; microUsd: number; seconds: number }>();
  for (const spend of spent) {
    for (const [name, microUsd] of group(spend)) {
      const sum = groups.get(name) ?? { runs: 0, microUsd: 0, seconds: 0 };
      groups.set(name, sum);
      sum.runs++;
      sum.microUsd += microUsd;
      sum.seconds += spend.microUsd > 0 ? (spend.seconds * microUsd) / spend.microUsd : spend.seconds;
    }
  }
  return [...groups]
    .map(([name, sums]) => ({ name, ...sums }))
    .sort((a, b) => b.microUsd - a.microUsd || (a.name < b.name ? -1 : 1));
}

async function wasteOf(database: Database, spent: readonly RunSpend[]): Promise<WastedRun[]> {
  const firsts = await firstOfFingerprints(database);
  const judged = await runsWithoutWaste(database);
  const wasted: WastedRun[] = [];
  for (const { run, microUsd, seconds } of spent) {
    // a judgement is about all that a run cost, not about the part of it that is in the time asked for
    const isWhole = microUsd === run.spentMicroUsd && seconds === run.wallSeconds;
    if (isWhole && judged.has(run.number)) continue;
    const first = run.fingerprint === null ? undefined : firsts.get(run.fingerprint);
    const duplicateOf = first === undefined || first === run.id ? null : first;
    const waste = await judgeRun(database, run, { microUsd, seconds, duplicateOf });
    if (waste) wasted.push({ id: run.id, ...waste });
  }
  return wasted.sort((a, b) => b.microUsd - a.microUsd);
}

/** Milliseconds since 1970 of an ISO day or month. @throws {TunewiseError} `SPEND_DAY_INVALID` */
export function dayMs(day: string): number {
  const ms = /^\d{4}-\d{2}(-\d{2})?$/.test(day) ? Date.parse(day) : Number.NaN;
  if (Number.isNaN(ms)) throw problem("SPEND_DAY_INVALID", { day });
  return ms;
}
