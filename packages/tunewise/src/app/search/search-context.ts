/** @file State of a running search, and the interface to its caller. */

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
import type { RequestedSite } from "./search-site.ts";
import type { SiteTime } from "./site-time.ts";
import type { SegmentResult } from "./train-segment.ts";
import type { TrialRuns } from "./trial-runs.ts";

type Fidelity = SearchDocument["fidelity"];

/** What trains the runs of a search. */
export interface SitePreview {
  readonly by: Placement["kind"];
  /** `here`, or an address such as `ssh://user@host`. */
  readonly address: string;
  /** Names of the GPUs, and the number of GPUs per trial. Without GPUs the CPU computes. */
  readonly cards: readonly string[];
  readonly cardsEach: number;
  /** The source of the planned times. */
  readonly basis: SiteTime["basis"];
}

/** Preview of a search, shown before anything is spent. */
export interface SearchPreview {
  readonly plan: SearchPlan;
  readonly space: SearchSpace;
  readonly defaults: SearchPoint;
  readonly rate: SearchRate;
  readonly fidelity: Fidelity;
  /** The range test before the first trial; `null` if there is none or it has already run. */
  readonly range: { readonly steps: number; readonly usd: Usd } | null;
  /** Number of parallel trials, and threads per trial. */
  readonly parallel: number;
  readonly threads: number;
  /** What trains the trials and final runs, and where. */
  readonly site: SitePreview;
  readonly findings: readonly Finding[];
  /** Id of the unfinished search to resume; `null` for a new one. */
  readonly resumes: string | null;
}

/** Progress of a search, apart from the events of its runs. */
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
export interface SearchOptions extends RequestedSite {
  /** Called before anything is spent; `false` cancels the search. */
  readonly approve: (preview: SearchPreview) => Promise<boolean>;
  /** Receives events of runs; `trial` is `null` for those of final runs. */
  readonly watch: (event: EventBody, trial: number | null) => void;
  readonly onProgress: (news: SearchUpdate) => void;
  /** Whether to start a new search even if the same one has finished or can be resumed. */
  readonly isFresh: boolean;
}

/** Outcome of a search. */
export interface SearchOutcome {
  /** `null` if the search was interrupted. The same command resumes it. */
  readonly document: SearchDocument | null;
  readonly folder: string;
  /** Whether the same search had already finished, so that nothing was trained or paid. */
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
