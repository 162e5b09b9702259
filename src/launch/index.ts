/** @file Runs an approved plan somewhere else: any command wrapped in a budget. */
export { adoptOrphans } from "./adopt.ts";
export {
  type CommandRun,
  type CommandSpec,
  type LaunchOutcome,
  launchCommand,
  prepareCommand,
} from "./attend.ts";
export { endGivenUp, endUnstarted } from "./end-unstarted.ts";
export { commandEnvironment } from "./environment.ts";
export { hashNamedFiles, readCodeVersion } from "./fingerprint/command-files.ts";
export { type CommandFingerprint, fingerprintCommand } from "./fingerprint/fingerprint.ts";
export type { Machine } from "./machine.ts";
export { askStop, isStopAsked, type RunMeter, readMeter } from "./meter/meter-file.ts";
export type { Unsaved } from "./meter/meter-keeper.ts";
export { readBudget, readRate } from "./money-words.ts";
export { shownCommand } from "./shown-command.ts";
export { type Channel, type Request, type Standing, supervise } from "./supervise.ts";
export type { LaunchEvent } from "./teller.ts";
