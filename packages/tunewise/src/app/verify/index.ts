/** @file `tunewise model verify`: an export in the runtime that loads it, compared with its run. */

export type { ProbeJob } from "./probe.ts";
export { probeInProcess } from "./probe-in-process.ts";
export { verifyModel } from "./verify-model.ts";
