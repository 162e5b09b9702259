/** @file `tunewise/check`: finds leaks, duplicates, faults, secrets and insecure code in data, and repairs a copy. */

export { type CleanedData, checkData, fixData } from "../app/check/index.ts";
export { TunewiseError } from "../problem/index.ts";
export type { DataCheck } from "../report/index.ts";
