/** @file Runs a tunewise command from the sources, as a user types it. */
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";

/** Output and exit code of a command. */
export interface Output {
  readonly code: number | null;
  readonly text: string;
}

/**
 * Runs a tunewise command.
 *
 * @param onStep called at the end of its first step
 */
export function say(
  folder: string,
  words: readonly string[],
  env: Record<string, string | undefined>,
  onStep: (child: ChildProcess) => void,
): Promise<Output> {
  const program = ["--import", import.meta.resolve("tsx"), resolve("packages/tunewise/src/cli/main.ts")];
  const child = spawn(process.execPath, [...program, ...words], {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let hasStepped = false;
  const hear = (part: Buffer): void => {
    text += part;
    if (hasStepped || !text.includes('"step-end"')) return;
    hasStepped = true;
    onStep(child);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((settle) => child.once("close", (code) => settle({ code, text })));
}
