/** @file Runs an approved plan somewhere else: any command wrapped in a budget. */
export { adoptOrphans } from "./adopt.ts";
export { type CommandRun, type CommandSpec, type LaunchEvent, launchCommand } from "./attend.ts";
export { type CommandWorld, commandEnvironment } from "./environment.ts";
export { hashNamedFiles, readCodeVersion } from "./fingerprint/command-files.ts";
export {
  type CodeVersion,
  type CommandFingerprint,
  type CommandParts,
  fingerprintCommand,
} from "./fingerprint/fingerprint.ts";
export type { Machine } from "./machine.ts";
export { type RunMeter, readMeter, type StopReason } from "./meter/meter-file.ts";
export { askStop, isStopAsked, stopFile } from "./meter/stop-file.ts";
export { readBudget, readRate } from "./money-words.ts";
export { shownCommand } from "./shown-command.ts";
export { type Request, type Requests, supervise } from "./supervise.ts";
