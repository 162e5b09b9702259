/** @file Runs programs without blocking the event loop: vitest fails a worker that does not respond for a minute. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** The result of a program. */
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
  child.stdin.on("error", () => undefined); // a program that does not read its input may have ended
  child.stdin.end(input);
  const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}
