/** @file Costs of runs of any client by group and by month, and the wasted part. */

import type { Database } from "../database/database.ts";
import { problem } from "../problem/index.ts";
import { knownPerson } from "../tracking/person.ts";
import type { WasteKind } from "./check-waste.ts";
import { judgeRun } from "./judge-waste.ts";
import { readMethods } from "./methods.ts";
import { firstOfFingerprints, type ProjectsAmong, type RunSpend, spendByRun } from "./spend.ts";
import { runsWithoutWaste } from "./waste.ts";

/** Selection and grouping of costs. */
export interface SpendRequest {
  /** A folder of runs or the address of a PostgreSQL store. */
  readonly store?: string;
  /** `project`, `person`, `client`, `purpose`, `method`, `status`, `month`, `run`, or `tag:KEY`. */
  readonly by: string;
  /** ISO days or months: `since` is inclusive, `until` exclusive. */
  readonly since?: string;
  readonly until?: string;
}

/** Totals of a group. Micro-dollars add up exactly. */
export interface SpendGroup {
  readonly name: string;
  readonly runs: number;
  readonly microUsd: number;
  readonly seconds: number;
}

/** Waste of a run. */
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
  /** Costs by month, oldest first, split by purpose and waste. */
  readonly months: readonly SpendMonth[];
}

/** Costs of a month, in micro-dollars. The three values add up to the total. */
export interface SpendMonth {
  /** `2026-11`, UTC. */
  readonly name: string;
  readonly experiment: number;
  readonly production: number;
  /** Waste of runs for either purpose. A run's waste is deducted from its last months. */
  readonly wasted: number;
}

/** Spending without a store. */
export const noSpending: Spending = {
  microUsd: 0,
  seconds: 0,
  runs: 0,
  groups: [],
  purposes: [],
  waste: [],
  months: [],
};

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
  const waste = await wasteOf(database, spent);
  const methods =
    request.by === "method"
      ? await readMethods(
          database,
          spent.map(({ run }) => run.number),
        )
      : null;
  return {
    microUsd: spent.reduce((sum, { microUsd }) => sum + microUsd, 0),
    seconds: spent.reduce((sum, { seconds }) => sum + seconds, 0),
    runs: spent.length,
    groups: sumGroups(
      spent,
      methods === null ? group : (spend) => [[methods.get(spend.run.number) ?? "(none)", spend.microUsd]],
    ),
    purposes: sumGroups(spent, grouping("purpose")),
    waste,
    months: sumMonths(spent, waste),
  };
}

/** Parses the period and grouping. @throws {TunewiseError} `SPEND_GROUP_UNKNOWN`, `SPEND_DAY_INVALID` */
export function checkRequest({ by, since, until }: Omit<SpendRequest, "store">): {
  readonly group: Grouping;
  readonly fromMs: number;
  readonly toMs: number;
} {
  const fromMs = since === undefined ? 0 : spendingDayMs(since);
  const toMs = until === undefined ? Number.MAX_SAFE_INTEGER : spendingDayMs(until);
  return { group: grouping(by), fromMs, toMs };
}

/** Splits a run's cost, in micro-dollars, by group name. */
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
      return whole(({ run }) => knownPerson(run.person) || "(unknown)");
    case "client":
      return whole(({ run }) => run.client);
    case "purpose":
      return whole(({ run }) => run.purpose);
    case "method": // methods are read separately from the runs
      return whole(() => "(none)");
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

/** Splits each month's costs by purpose and waste. */
function sumMonths(spent: readonly RunSpend[], waste: readonly WastedRun[]): SpendMonth[] {
  const wasted = new Map(waste.map(({ id, microUsd }) => [id, microUsd]));
  const sums = new Map<string, { experiment: number; production: number; wasted: number }>();
  for (const { run, months } of spent) {
    let left = wasted.get(run.id) ?? 0;
    for (const [name, microUsd] of Object.entries(months).sort(([a], [b]) => (a < b ? 1 : -1))) {
      const sum = sums.get(name) ?? { experiment: 0, production: 0, wasted: 0 };
      sums.set(name, sum);
      const lost = Math.min(left, microUsd);
      left -= lost;
      sum.wasted += lost;
      sum[run.purpose] += microUsd - lost;
    }
  }
  return [...sums].map(([name, sum]) => ({ name, ...sum })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function wasteOf(database: Database, spent: readonly RunSpend[]): Promise<WastedRun[]> {
  const firsts = await firstOfFingerprints(database);
  const judged = await runsWithoutWaste(database);
  const wasted: WastedRun[] = [];
  for (const { run, microUsd, seconds } of spent) {
    // a cached judgement covers a run's whole cost, not only the requested period
    const isWhole = microUsd === run.spentMicroUsd && Math.abs(seconds - run.wallSeconds) < 1e-3;
    if (isWhole && judged.has(run.number)) continue;
    const first = run.fingerprint === null ? undefined : firsts.get(run.fingerprint);
    const duplicateOf = first === undefined || first === run.id ? null : first;
    const waste = await judgeRun(database, run, { microUsd, seconds, duplicateOf });
    if (waste) wasted.push({ id: run.id, ...waste });
  }
  return wasted.sort((a, b) => b.microUsd - a.microUsd);
}

/** Parses an ISO day or month to milliseconds since 1970. @throws {TunewiseError} `SPEND_DAY_INVALID` */
export function spendingDayMs(day: string): number {
  const ms = /^\d{4}-\d{2}(-\d{2})?$/.test(day) ? Date.parse(day) : Number.NaN;
  if (Number.isNaN(ms)) throw problem("SPEND_DAY_INVALID", { day });
  return ms;
}
