/**
 * @file Builds the command line before tests that start it, as users have it. Starting from sources would add seconds
 * to every start.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildCode } from "../../tools/build-code.ts";
import { program } from "./program.ts";

/** Builds if a source is newer than the build; vitest calls it once per tier. */
export default async function setup(): Promise<void> {
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (newest("packages") > built) await buildCode();
}

function newest(folder: string): number {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
  });
  return Math.max(statSync(folder).mtimeMs, ...times);
}
