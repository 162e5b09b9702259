/** @file Another machine as executions need it: a place where `box.py` is started, one process for each request. */
import type { Readable, Writable } from "node:stream";
import { TunewiseError } from "../../problem/index.ts";

/** A machine that is reached over a network. */
export interface Machine {
  /** Such as `ssh://user@box:22`. */
  readonly address: string;
  /**
   * Starts a Python there that runs the program which comes on standard input.
   *
   * @param environment name of the environment with the worker's packages
   */
  begin(environment: string): RemoteProcess;
  /**
   * Explains why a process was not reached.
   *
   * @throws {TunewiseError} why, where it was not
   */
  requireReached(code: number, stderr: string): void;
  /** The error of a machine that was reached and did not do what it was asked for. */
  unreachable(reason: string): Error;
  /** A line that makes the environment there, with the packages that this version was tested with. */
  installLine(environment: string): string;
  /** Ends every process that was started by `begin`, and what still waits for one to start. */
  close(): void;
}

/** A process on another machine. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  kill(): void;
  /** Settles when it has ended. */
  readonly ended: Promise<{ readonly code: number; readonly stderr: string }>;
}

/** Exit code of what could not be reached. @source ssh(1) */
export const failedExitCode = 255;
/** Exit code of what starts Python where there is none; its path is then the first line of the output. */
export const noPythonExitCode = 44;

/** Runs the program that comes on standard input; written so that every Python can say that it is too old. */
export const runProgram: string =
  "import sys;v=sys.version_info[:2];s=sys.stdin;" +
  'sys.stdout.write("python %d.%d"%v+chr(10)) if not (3,10)<=v<(3,14) else ' +
  'eval(compile(s.buffer.read(int(s.buffer.readline())),"box.py","exec"))';

/** Whether a later attempt may succeed. */
export function isConnectionLost(error: unknown): boolean {
  return TunewiseError.is(error) && (error.code === "SSH_UNREACHABLE" || error.code === "RAY_UNREACHABLE");
}
