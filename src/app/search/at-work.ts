/**
 * @file A search at work, and how it speaks with whoever started it.
 */

import type { OnDownload } from "../../prepare/index.ts";
import type { Finding } from "../../problem/index.ts";
import type { Usd } from "../../quantity/index.ts";
import type { RangeOutcome, RateEnds, SearchDocument, SearchRate } from "../../report/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import type { Search, SearchPlan, SearchPoint, SearchSpace, SearchTrial } from "../../search/index.ts";
import type { Store } from "../../track/index.ts";
import type { IdleClock } from "./idle-clock.ts";
import type { LineLog } from "./line-log.ts";
import type { ReadySearch } from "./open-search.ts";
import type { SearchFolder } from "./search-folder.ts";
import type { StretchResult } from "./train-stretch.ts";
import type { TrialRuns } from "./trial-runs.ts";

type Fidelity = SearchDocument["fidelity"];

/** What a search will do, before anything is spent. */
export interface SearchPreview {
  readonly plan: SearchPlan;
  readonly space: SearchSpace;
  readonly defaults: SearchPoint;
  readonly rate: SearchRate;
  readonly fidelity: Fidelity;
  /** A range test that comes first; `null`: none, or it is made already. */
  readonly range: { readonly steps: number; readonly usd: Usd } | null;
  /** Trials at the same time, and threads of each. */
  readonly parallel: number;
  readonly threads: number;
  readonly findings: readonly Finding[];
  /** Id of the unfinished search that is gone on with; `null`: it is a new one. */
  readonly resumes: string | null;
}

/** What happens between the events of runs. */
export type SearchNews =
  | {
      readonly kind: "range-start";
      readonly steps: number;
      readonly ends: RateEnds;
      /** At most. */
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
      readonly result: StretchResult;
      readonly usd: Usd;
      readonly rate: SearchRate;
    }
  | { readonly kind: "final"; readonly trial: number; readonly isOwn: boolean };

/** How a search is made. */
export interface SearchOptions {
  /** Asked before anything is spent; `false` ends it. */
  readonly approve: (preview: SearchPreview) => Promise<boolean>;
  /** Events of runs; `trial` is `null` for those of final runs. */
  readonly watch: (event: EventBody, trial: number | null) => void;
  readonly onNews: (news: SearchNews) => void;
  readonly onDownload?: OnDownload;
  /** Search again although the same search ended, or waits to be gone on with. */
  readonly isAnew: boolean;
}

/** How it ended. */
export interface SearchOutcome {
  /** `null`: it was interrupted, and the same command goes on with it. */
  readonly document: SearchDocument | null;
  readonly folder: string;
  /** The same search had ended before: nothing was trained or paid now. */
  readonly isFromRecord: boolean;
}

/** A search at work. */
export interface SearchAtWork extends ReadySearch {
  readonly folder: SearchFolder;
  readonly created: string;
  readonly store: Store;
  readonly runs: TrialRuns;
  readonly idle: IdleClock;
  readonly log: LineLog;
  readonly search: Search;
  readonly options: SearchOptions;
  readonly host: Host;
}
