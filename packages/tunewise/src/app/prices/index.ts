/** @file The price book in force, its list and its update. */

export { type ListedPrices, listPrices, type PriceFilter } from "./list.ts";
export { loadPriceBook, storedPricesAge } from "./load.ts";
export { type PriceUpdate, type UpdateProgress, updatePrices } from "./update.ts";
