/** @file `tunewise/search`: chooses the settings to try next within a budget, for any trainer. */

export { range, seconds, usd } from "@tunewise/core/quantity";
export {
  accountFor,
  checkRanking,
  narrowSpace,
  openSearch,
  planSearch,
  readRangeTest,
  regretAgainst,
  type Search,
  type SearchSettings,
} from "../search/index.ts";
