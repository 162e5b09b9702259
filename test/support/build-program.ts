/**
 * @file Before tests that start the command line: it is built, as users have it. From sources each start would take
 *   seconds, which is most of what these tests once took.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildCode } from "../../tools/build-code.ts";
import { program } from "./program.ts";

/** Builds where a source is newer than what was built; vitest calls it once per tier. */
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
