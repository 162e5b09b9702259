/** @file Runs any command inside a budget, and keeps metering it whichever process is killed. */

export {
  type CommandRun,
  type CommandSpec,
  type LaunchOutcome,
  launchCommand,
  prepareCommand,
} from "./attend.ts";
export { readBudget, readRate, shownCommand } from "./command-line.ts";
export { commandEnvironment, runIdVariable } from "./environment.ts";
export type { LaunchEvent } from "./event-reporter.ts";
export { hashNamedFiles, readCodeVersion } from "./fingerprint/command-files.ts";
export { type CommandFingerprint, fingerprintCommand } from "./fingerprint/fingerprint.ts";
export type { Machine } from "./machine.ts";
export { askStop, isStopRequested, type RunMeter, readMeter, type StopReason } from "./meter/meter-file.ts";
export type { Unsaved } from "./meter/meter-keeper.ts";
export { adoptOrphans, endGivenUp, endUnstarted } from "./orphans.ts";
export { type Channel, type Request, type Standing, supervise } from "./supervise.ts";
