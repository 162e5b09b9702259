/** @file Runs a program to completion and reports its output line by line. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Runtime } from "../../runtime/index.ts";

/** Number of final lines that an error quotes. */
const quotedLines = 12;

/**
 * Runs a program and returns its standard output. Stops it if the user interrupts.
 *
 * @param onLine called with each line of both outputs
 * @throws {Error} with the last lines, if it fails
 */
export async function runProgram(
  [program = "", ...parameters]: readonly string[],
  { cwd, environment, signal }: Pick<Runtime, "cwd" | "environment" | "signal">,
  onLine: (line: string) => void,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(program, parameters, {
    cwd,
    env: { ...environment },
    signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, last]: [string[], string[]] = [[], []];
  const read = async (stream: NodeJS.ReadableStream, isOutput: boolean): Promise<void> => {
    for await (const line of createInterface({ input: stream })) {
      if (isOutput) output.push(line);
      last.push(line);
      if (last.length > quotedLines) last.shift();
      onLine(line);
    }
  };
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, ended) => resolve(code === 0 ? "" : `exit code ${code ?? ended}`));
  });
  await Promise.all([read(child.stdout, true), read(child.stderr, false)]);
  const failure = await ended;
  signal.throwIfAborted();
  if (failure !== "") throw new Error([failure, ...last].join("\n"));
  return output.join("\n");
}
