/** @file `tunewise/track`: reads runs, metrics and costs from the store, and records runs of your own loops. */
export type { Metric, RunStatus } from "@tunewise/core/run";
export { storePath } from "@tunewise/tracker";
export { TunewiseError } from "../problem/index.ts";
export type { Runtime } from "../runtime/index.ts";
export {
  type CostGroup,
  type CostGrouping,
  type CostOptions,
  type CostReport,
  type MonthCosts,
  reportCosts,
  type WastedCost,
} from "./costs.ts";
export { type RecordedLoop, type StartOptions, startRun } from "./loop.ts";
export type { WithRuntime } from "./runtime.ts";
export {
  openStore,
  type Run,
  type RunArtifact,
  type RunCost,
  type RunEvent,
  type RunFilter,
  type RunScore,
  type RunStore,
  type SpendLine,
} from "./store.ts";
