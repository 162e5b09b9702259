/** @file `tunewise search`: the best settings inside a budget. */

export type { SearchNews, SearchOutcome, SearchPreview } from "./at-work.ts";
export { runSearch } from "./run-search.ts";
export { type TrialNews, type TrialWord, trainOrder } from "./trial-order.ts";
