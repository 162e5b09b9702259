/** @file `search.json`: the content of a search report. */

import type { Usd } from "@tunewise/core/quantity";
import type { RunStatus } from "@tunewise/core/run";
import type { WayDifference } from "../../evaluate/index.ts";
import type { MetricName, Recipe } from "../../recipe/index.ts";
import type { EndReason, RangeTest, SearchAccount, SearchPoint, SearchSpace } from "../../search/index.ts";

/** A trial in the report. */
export interface ShownTrial {
  readonly trial: number;
  /** Its run, or the earlier run that it reuses; `null` if it never started. */
  readonly run: string | null;
  /** Origin of the proposal. */
  readonly origin: string;
  readonly point: SearchPoint;
  /** Largest fraction of its steps with a loss, and that loss; `null` if it failed before the first. */
  readonly share: number | null;
  readonly loss: number | null;
  readonly failed: boolean;
  /** Cost to the search, including its final run. */
  readonly microUsd: Usd;
}

/** An intermediate result, in order of spending. */
export interface TrailPoint {
  readonly trial: number;
  readonly share: number;
  readonly loss: number;
  /** Total cost of all trials up to this result. */
  readonly microUsd: number;
}

/** A run that was trained to the end. */
export interface FinalRun {
  readonly trial: number;
  readonly run: string;
  readonly status: RunStatus;
}

/** The best settings compared with the recipe's own. */
export interface SearchFinals {
  readonly winner: FinalRun;
  /** `null` if the winner is the recipe itself, or the recipe's own trial failed. */
  readonly own: FinalRun | null;
  readonly testRows: number;
  /** By metric, headline first; `null` if the two were not evaluated on the same rows. */
  readonly scores: readonly FinalScore[] | null;
  readonly verdict: "better" | "worse" | "unclear" | "own-best" | "cannot-tell";
}

/** Content of a search report. */
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
  /** The resource that lower rungs reduce. */
  readonly fidelity: Recipe["search"]["fidelity"];
  readonly end: { readonly reason: EndReason; readonly sentence: string };
  readonly account: SearchAccount;
  /** Outcome of the range test; `null` without one. */
  readonly range_test: RangeOutcome | null;
  /** Cost of final runs; with the range test and `account.spentUsd` it equals the runs' ledgers. */
  readonly finals_micro_usd: Usd;
  /** Cost of idle machine time while fewer trials than possible were running; not part of any run's ledger. */
  readonly idle_micro_usd: Usd;
  /** Number of parallel trials. */
  readonly parallel: number;
  readonly trials: readonly ShownTrial[];
  readonly trail: readonly TrailPoint[];
  /** `null` if none were requested, or every trial failed. */
  readonly finals: SearchFinals | null;
}

/** The rate at which a search counts time as money. */
export interface SearchRate {
  readonly usdPerHour: Usd;
  /** Whether dollars are real; otherwise one dollar stands for an hour of a free machine. */
  readonly isMoney: boolean;
}

/** A metric of both runs on the test rows. */
export interface FinalScore extends WayDifference {
  readonly metric: MetricName;
  /** Values of the recipe's own settings and of the winner. */
  readonly own: number;
  readonly winner: number;
}

/** Outcome of a learning rate range test; `range-test.json`. */
export interface RangeOutcome {
  readonly run: string;
  /** Rising rates with the training loss of their step; `null` if not finite. */
  readonly steps: readonly { readonly rate: number; readonly loss: number | null }[];
  readonly test: RangeTest;
  /** Bounds of the rate in the recipe, and as narrowed for trials. */
  readonly given: RateBounds;
  readonly kept: RateBounds;
  readonly microUsd: Usd;
}

/** Bounds of the learning rate. */
export interface RateBounds {
  readonly low: number;
  readonly high: number;
}
