/**
 * @file `search.json`: all that the report of a search shows.
 */
import { stat } from "node:fs/promises";
import { problem } from "../../problem/index.ts";
import type { Usd } from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { RunStatus } from "../../run/index.ts";
import type { EndReason, SearchAccount, SearchPoint, SearchSpace } from "../../search/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import type { FinalScore } from "./final-runs.ts";
import type { RangeOutcome } from "./range-outcome.ts";
import type { SearchFolder } from "./search-folder.ts";
import type { SearchRate } from "./search-money.ts";

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

/** Largest file that is read. */
const documentMost = 64 * 1024 * 1024;

/**
 * Reads it back.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readSearchDocument({ document: path }: SearchFolder): Promise<SearchDocument> {
  try {
    if ((await stat(path)).size > documentMost) throw new Error("it is too large");
    const document = JSON.parse(await readTextFile(path)) as SearchDocument;
    if (document.format_version !== 1) throw new Error("it is of another version");
    return document;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be read";
    throw problem("RUN_FILE_UNREADABLE", { path, reason }, { cause });
  }
}
