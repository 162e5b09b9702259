/** @file The cost report in dollars. */
import { reportCosts as report } from "../app/tracking/index.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

/** What costs are grouped by. `tag:KEY` is the value of a tag. */
export type CostGrouping =
  | "project"
  | "person"
  | "client"
  | "purpose"
  | "method"
  | "status"
  | "month"
  | "run"
  | `tag:${string}`;

/** Options of `reportCosts`. */
export interface CostOptions extends WithRuntime {
  /** Output folder, or `postgres://user:password@host:port/name`. Default: `.tunewise`. */
  readonly store?: string;
  /** Default: `project`. */
  readonly by?: CostGrouping;
  /** First day or month, such as `2026-11-01` or `2026-11`. Default: since the first run. */
  readonly since?: string;
  /** First day or month that is not included. Default: until now. */
  readonly until?: string;
}

/** Costs of a group of runs. */
export interface CostGroup {
  readonly name: string;
  readonly runs: number;
  readonly usd: number;
  readonly seconds: number;
}

/** A run whose cost was wasted, at least in part. */
export interface WastedCost {
  readonly run: string;
  /** Why, as a word and as a sentence. */
  readonly kind: string;
  readonly sentence: string;
  readonly usd: number;
}

/** Costs of a month. The three parts add up to its total. */
export interface MonthCosts {
  /** `2026-11`, UTC. */
  readonly month: string;
  readonly experimentUsd: number;
  readonly productionUsd: number;
  readonly wastedUsd: number;
}

/** Costs of runs of any client. */
export interface CostReport {
  readonly usd: number;
  readonly seconds: number;
  readonly runs: number;
  /** Largest cost first. */
  readonly groups: readonly CostGroup[];
  /** Experiments and production. */
  readonly purposes: readonly CostGroup[];
  readonly waste: readonly WastedCost[];
  /** Oldest first. */
  readonly months: readonly MonthCosts[];
}

/**
 * Sums the ledger: what runs cost, in dollars and seconds, as `tunewise cost report` shows it.
 *
 * @returns zeros if there is no store
 * @throws {TunewiseError} `SPEND_GROUP_UNKNOWN`, `SPEND_DAY_INVALID`, `STORE_UNREADABLE`, `STORE_BUSY`
 * @example
 * import { reportCosts } from "tunewise/track";
 *
 * const { groups } = await reportCosts({ by: "project" });
 * for (const { name, usd } of groups) console.log(name, usd > 0 && usd < 1); // small true
 */
export async function reportCosts(options: CostOptions = {}): Promise<CostReport> {
  const { by = "project", store, since, until } = options;
  const request = { by, ...(store && { store }), ...(since && { since }), ...(until && { until }) };
  const { microUsd, seconds, runs, ...found } = await report(request, runtimeOf(options));
  return {
    usd: microUsd / 1e6,
    seconds,
    runs,
    groups: found.groups.map(inDollars),
    purposes: found.purposes.map(inDollars),
    waste: found.waste.map(({ id, microUsd: micro, ...why }) => ({ run: id, ...why, usd: micro / 1e6 })),
    months: found.months.map(({ name, experiment, production, wasted }) => ({
      month: name,
      experimentUsd: experiment / 1e6,
      productionUsd: production / 1e6,
      wastedUsd: wasted / 1e6,
    })),
  };
}

function inDollars<Group extends { readonly microUsd: number }>({
  microUsd,
  ...group
}: Group): Omit<Group, "microUsd"> & { readonly usd: number } {
  return { ...group, usd: microUsd / 1e6 };
}
