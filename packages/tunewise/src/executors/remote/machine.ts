/** @file Interface of another machine for executions: it starts `box.py`, one process per request. */
import type { Readable, Writable } from "node:stream";
import { TunewiseError } from "../../problem/index.ts";

/** A machine that is reached over a network. */
export interface Machine {
  /** Address, such as `ssh://user@box:22`. */
  readonly address: string;
  /**
   * Starts a Python there that runs the program on its standard input.
   *
   * @param environment name of the environment with the worker's packages
   */
  begin(environment: string): RemoteProcess;
  /**
   * Requires that a process was reached.
   *
   * @throws {TunewiseError} with the reason if it was not
   */
  requireReached(code: number, stderr: string): void;
  /** Creates the error for a machine that does not answer as expected. */
  unreachable(reason: string): Error;
  /** Command line that creates the environment there, with the packages that this version was tested with. */
  installLine(environment: string): string;
  /** Ends every process that `begin` started, including those still waiting to start. */
  close(): void;
}

/** A process on another machine. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  kill(): void;
  /** Settles when the process has ended. */
  readonly ended: Promise<{ readonly code: number; readonly stderr: string }>;
}

/** Exit code if the machine could not be reached. @source ssh(1) */
export const failedExitCode = 255;
/** Exit code if Python is missing; its path is then the first line of the output. */
export const noPythonExitCode = 44;

/** Runs the program on standard input; written so that every version of Python can report that it is too old. */
export const runProgram: string =
  "import sys;v=sys.version_info[:2];s=sys.stdin;" +
  'sys.stdout.write("python %d.%d"%v+chr(10)) if not (3,10)<=v<(3,14) else ' +
  'eval(compile(s.buffer.read(int(s.buffer.readline())),"box.py","exec"))';

/** Whether a later attempt may succeed. */
export function isConnectionLost(error: unknown): boolean {
  return TunewiseError.is(error) && (error.code === "SSH_UNREACHABLE" || error.code === "RAY_UNREACHABLE");
}
