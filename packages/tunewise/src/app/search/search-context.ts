/** @file State of a running search, and its interface to the caller. */

import type { Usd } from "@tunewise/core/quantity";
import type { EventBody, Placement } from "@tunewise/core/run";
import type { Store } from "@tunewise/tracker";
import type { Finding } from "../../problem/index.ts";
import type { RangeOutcome, RateBounds, SearchDocument, SearchRate } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Search, SearchPlan, SearchPoint, SearchSpace, SearchTrial } from "../../search/index.ts";
import type { IdleClock } from "./idle-clock.ts";
import type { LineLog } from "./line-log.ts";
import type { PreparedSearch } from "./open-search.ts";
import type { SearchFolder } from "./search-folder.ts";
import type { AskedSite } from "./search-site.ts";
import type { SiteTime } from "./site-time.ts";
import type { SegmentResult } from "./train-segment.ts";
import type { TrialRuns } from "./trial-runs.ts";

type Fidelity = SearchDocument["fidelity"];

/** What trains the runs of a search. */
export interface SitePreview {
  readonly by: Placement["kind"];
  /** `here`, or an address such as `ssh://user@host`. */
  readonly address: string;
  /** Names of the cards, and how many of them each trial has. None: the processor computes. */
  readonly cards: readonly string[];
  readonly cardsEach: number;
  /** What the planned times rest on. */
  readonly basis: SiteTime["basis"];
}

/** What a search will do, shown before anything is spent. */
export interface SearchPreview {
  readonly plan: SearchPlan;
  readonly space: SearchSpace;
  readonly defaults: SearchPoint;
  readonly rate: SearchRate;
  readonly fidelity: Fidelity;
  /** Range test that comes first; `null` if there is none, or it has run. */
  readonly range: { readonly steps: number; readonly usd: Usd } | null;
  /** Number of parallel trials, and threads of each. */
  readonly parallel: number;
  readonly threads: number;
  /** What trains the trials and the final runs, and where. */
  readonly site: SitePreview;
  readonly findings: readonly Finding[];
  /** Id of the unfinished search that is resumed; `null` for a new one. */
  readonly resumes: string | null;
}

/** Progress of a search between the events of its runs. */
export type SearchUpdate =
  | {
      readonly kind: "range-start";
      readonly steps: number;
      readonly ends: RateBounds;
      /** Maximum cost. */
      readonly usd: Usd;
      readonly rate: SearchRate;
    }
  | { readonly kind: "range-end"; readonly outcome: RangeOutcome; readonly rate: SearchRate }
  | { readonly kind: "known"; readonly runs: number }
  | {
      readonly kind: "stretch-start";
      readonly how: "begins" | "goes on" | "is promoted";
      readonly fidelity: Fidelity;
      readonly trial: SearchTrial;
      readonly spentUsd: Usd;
      readonly budgetUsd: Usd;
      readonly rate: SearchRate;
    }
  | {
      readonly kind: "stretch-end";
      readonly trial: SearchTrial;
      readonly result: SegmentResult;
      readonly usd: Usd;
      readonly rate: SearchRate;
    }
  | { readonly kind: "final"; readonly trial: number; readonly isOwn: boolean };

/** Options of a search. */
export interface SearchOptions extends AskedSite {
  /** Called before anything is spent; `false` cancels the search. */
  readonly approve: (preview: SearchPreview) => Promise<boolean>;
  /** Receives events of runs; `trial` is `null` for those of final runs. */
  readonly watch: (event: EventBody, trial: number | null) => void;
  readonly onProgress: (news: SearchUpdate) => void;
  /** Start a new search even if the same one finished or can be resumed. */
  readonly isFresh: boolean;
}

/** Outcome of a search. */
export interface SearchOutcome {
  /** `null` if it was interrupted; the same command resumes it. */
  readonly document: SearchDocument | null;
  readonly folder: string;
  /** Whether the same search had finished before, so that nothing was trained or paid now. */
  readonly isFromRecord: boolean;
}

/** A running search. */
export interface SearchContext extends PreparedSearch {
  readonly folder: SearchFolder;
  readonly created: string;
  readonly store: Store;
  readonly runs: TrialRuns;
  readonly idle: IdleClock;
  readonly log: LineLog;
  readonly search: Search;
  readonly options: SearchOptions;
  readonly runtime: Runtime;
}
