/**
 * @file `search.json`: all that the report of a search shows.
 */
import type { WayDifference } from "../../evaluate/index.ts";
import type { Usd } from "../../quantity/index.ts";
import type { MetricName, Recipe } from "../../recipe/index.ts";
import type { RunStatus } from "../../run/index.ts";
import type { EndReason, RangeTest, SearchAccount, SearchPoint, SearchSpace } from "../../search/index.ts";

/** A trial as it is shown. */
export interface ShownTrial {
  readonly trial: number;
  /** Its run, or the run of before the search that it stands for; `null`: it never began. */
  readonly run: string | null;
  /** Who proposed it. */
  readonly origin: string;
  readonly point: SearchPoint;
  /** Largest share of its steps with a loss, and that loss; `null`: it failed before the first. */
  readonly share: number | null;
  readonly loss: number | null;
  readonly failed: boolean;
  /** What the search paid for it, its final run included. */
  readonly microUsd: Usd;
}

/** A result on the way, in the order in which they were paid for. */
export interface TrailPoint {
  readonly trial: number;
  readonly share: number;
  readonly loss: number;
  /** What all trials together had cost by then. */
  readonly microUsd: number;
}

/** A run that was trained to its end. */
export interface FinalRun {
  readonly trial: number;
  readonly run: string;
  readonly status: RunStatus;
}

/** The best settings beside the recipe's own. */
export interface SearchFinals {
  readonly winner: FinalRun;
  /** `null`: the winner is the recipe itself, or the recipe's own trial failed. */
  readonly own: FinalRun | null;
  readonly testRows: number;
  /** By metric, headline first; `null`: not both were judged on the same rows. */
  readonly scores: readonly FinalScore[] | null;
  readonly verdict: "better" | "worse" | "unclear" | "own-best" | "cannot-tell";
}

/** Everything about a search. */
export interface SearchDocument {
  readonly format_version: 1;
  readonly search: string;
  readonly name: string;
  readonly model: string;
  readonly created: string;
  readonly ended: string;
  readonly validation_rows: number;
  readonly space: SearchSpace;
  readonly defaults: SearchPoint;
  readonly rate: SearchRate;
  readonly price_source: string;
  /** What a lower rung has less of. */
  readonly fidelity: Recipe["search"]["fidelity"];
  readonly end: { readonly reason: EndReason; readonly sentence: string };
  readonly account: SearchAccount;
  /** What came before the trials; `null`: no range test was wanted. */
  readonly range_test: RangeOutcome | null;
  /** What was spent after the trials; together with range test and `account.spentUsd` what the runs' ledgers say. */
  readonly finals_micro_usd: Usd;
  /** What of the machine stood idle while fewer trials ran than could; no run's ledger has it. */
  readonly idle_micro_usd: Usd;
  /** Trials that shared the machine. */
  readonly parallel: number;
  readonly trials: readonly ShownTrial[];
  readonly trail: readonly TrailPoint[];
  /** `null`: none were wanted, or every trial failed. */
  readonly finals: SearchFinals | null;
}

/** The price at which a search counts. */
export interface SearchRate {
  readonly usdPerHour: Usd;
  /** Whether a dollar is a dollar, or an hour of a machine that costs nothing. */
  readonly isMoney: boolean;
}

/** One metric of both on the test rows. */
export interface FinalScore extends WayDifference {
  readonly metric: MetricName;
  /** The recipe's own settings and the winner, each alone. */
  readonly own: number;
  readonly winner: number;
}

/** What it showed; `range-test.json`. */
export interface RangeOutcome {
  readonly run: string;
  /** Rates that rise, with the training loss of their step; `null`: no number. */
  readonly steps: readonly { readonly rate: number; readonly loss: number | null }[];
  readonly test: RangeTest;
  /** Ends of the rate as the recipe gave them, and as trials keep to them. */
  readonly given: RateEnds;
  readonly kept: RateEnds;
  readonly microUsd: Usd;
}

/** Two rates. */
export interface RateEnds {
  readonly low: number;
  readonly high: number;
}
