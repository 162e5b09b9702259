/** @file Stops a command on this machine through its supervisor, and reports the outcome. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { askStop, type RunMeter, readMeter } from "../../launch/index.ts";
import { createMachine } from "./machine.ts";

/** Outcome of a request to stop a command. */
export interface CommandEnd {
  /** The command's meter; `null` if there is none on this machine. */
  readonly meter: RunMeter | null;
  readonly hasEnded: boolean;
}

/** Maximum time of ending by force, after the time to save. */
const endingMs = 20_000;
/** Polling interval. */
const lookMs = 100;

/**
 * Asks a command to save and stop, and waits until its process tree has ended or the time limit has passed.
 *
 * @param roots folders with one folder per command
 * @param onAsked called with the time that the command has to save, in milliseconds
 */
export async function stopCommand(
  roots: readonly string[],
  runId: string,
  onAsked: (graceMs: number) => void,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const machine = createMachine();
  const folder = roots.map((root) => join(root, runId)).find((path) => existsSync(path));
  const found = folder === undefined ? null : readMeter(folder);
  if (folder === undefined || found === null || found.host !== machine.host)
    return { meter: null, hasEnded: false };
  if (found.status === "ended") return { meter: found, hasEnded: true };
  await askStop(folder, "request", machine);
  onAsked(found.graceMs);
  const until = machine.monotonicMs() + found.graceMs + endingMs;
  let meter: RunMeter = found;
  while (meter.status !== "ended" && machine.monotonicMs() < until && !signal.aborted) {
    await wait(lookMs);
    meter = readMeter(folder) ?? meter;
  }
  return { meter, hasEnded: meter.status === "ended" && meter.left === 0 };
}
