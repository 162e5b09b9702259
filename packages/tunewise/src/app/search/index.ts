/** @file `tunewise search`: the best settings inside a budget. */

export { runSearch } from "./run-search.ts";
export type { SearchOutcome, SearchPreview, SearchUpdate } from "./search-context.ts";
export type { RequestedSite } from "./search-site.ts";
