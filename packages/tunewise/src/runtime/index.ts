/** @file The environment of use cases: clock, randomness, variables, network, processes, and the on-disk meter. */

export { interruptCause, schedulerReason } from "./interrupt-cause.ts";
export { findProgram, networkCutter, type ProgramEnd, runLimited } from "./run-limited.ts";
export { createRuntime, type Runtime } from "./runtime.ts";
export { bookTick, machineSpend, type Tick, tickLockPath, tickPath, writeFirstTick } from "./tick-file.ts";
export type { Ticks } from "./tick-thread.ts";
