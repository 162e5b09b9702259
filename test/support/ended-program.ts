/** @file Programs that a test waits for without standing still: a worker of vitest that is silent for a minute fails. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What a program left. */
export interface EndedProgram {
  /** Exit code; `null` after a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function endedProgram(
  program: string,
  words: readonly string[],
  input = "",
): Promise<EndedProgram> {
  const child = spawn(program, words, { stdio: "pipe" });
  const ended = new Promise<number | null>((done, failed) => child.once("error", failed).once("close", done));
  child.stdin.on("error", () => undefined); // one that reads nothing may be gone before
  child.stdin.end(input);
  const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}
