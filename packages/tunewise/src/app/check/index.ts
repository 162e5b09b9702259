/** @file `tunewise check`: findings about a recipe's data, and a repaired copy of it. */

export { type BlockJob, planBlocks } from "./blocks/plan.ts";
export { workOnBlock } from "./blocks/work.ts";
export { blocks, checkCopy, checkData } from "./check-data.ts";
export { type CleanedData, fixData } from "./fix-data.ts";
export { type ClusterCheck, checkOnCluster } from "./on-cluster.ts";
export { requireSeparateOutput, writeCheck } from "./write-check.ts";
