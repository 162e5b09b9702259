/** @file The outside world as a value: clock, chance, environment, network, processes, and the meter that ticks beside a busy thread. */

export { createRuntime, type Runtime } from "./runtime.ts";
export { bookTick, machineSpend, type Tick, tickLockPath, tickPath, writeFirstTick } from "./tick-file.ts";
export type { Ticks } from "./tick-thread.ts";
