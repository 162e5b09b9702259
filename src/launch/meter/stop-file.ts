/**
 * @file The stop flag of a run: a file that a server or a training script may look for, and that anybody may write.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../machine.ts";
import type { StopReason } from "./meter-file.ts";

/** Where the flag lies, once it does. */
export function stopFile(folder: string): string {
  return join(folder, "stop.json");
}

/** Whether a run is to stop: what a server answers to W&B's clients. */
export function isStopAsked(folder: string): boolean {
  return existsSync(stopFile(folder));
}

/** Asks a run to save and stop; its supervisor sees it within a tick. */
export async function askStop(
  folder: string,
  reason: StopReason,
  machine: Pick<Machine, "writeWhole" | "now">,
): Promise<void> {
  const text = JSON.stringify({ reason, at: machine.now().toISOString() });
  await machine.writeWhole(stopFile(folder), `${text}\n`);
}
