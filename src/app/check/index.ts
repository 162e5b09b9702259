/** @file `tunewise check`: findings about a recipe's data, and a repaired copy of it. */

export { blocks, checkData } from "./check-data.ts";
export { type CleanedData, fixData } from "./fix-data.ts";
export { requireSeparateOutput, writeCheck } from "./write-check.ts";
