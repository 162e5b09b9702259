/** @file The runtime that functions use unless the caller passes one. */
import { resolve } from "node:path";
import { packageVersion } from "../catalog/index.ts";
import { createRuntime as createNodeRuntime, type Runtime } from "../runtime/index.ts";

/**
 * Options of `createRuntime`.
 *
 * @example
 * import { createRuntime, type RuntimeOptions } from "tunewise/plan";
 *
 * const options: RuntimeOptions = { signal: AbortSignal.timeout(60_000) };
 * console.log(createRuntime(options).signal.aborted); // false
 */
export interface RuntimeOptions {
  /** Folder that relative paths are resolved against. Default: the working directory of the process. */
  readonly cwd?: string;
  /** Abort it to interrupt a run; the run saves a checkpoint first. Default: never aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Creates the environment that every function runs in: working directory, clock, environment variables, network and
 * processes of this machine. Opens and sends nothing until a function needs it.
 *
 * @returns the runtime to pass to other functions; clocks are in seconds, sizes in bytes
 * @example
 * import { createRuntime } from "tunewise/plan";
 *
 * const runtime = createRuntime({ cwd: "/srv/tickets" });
 * console.log(runtime.cwd); // /srv/tickets
 */
export function createRuntime({ cwd = ".", signal }: RuntimeOptions = {}): Runtime {
  return createNodeRuntime(resolve(cwd), signal ?? new AbortController().signal, packageVersion());
}

/** Option of every function that reads files, computes or connects. */
export interface WithRuntime {
  /** Working directory, signal to interrupt, clock and network. Default: those of this process, never interrupted. */
  readonly runtime?: Runtime | undefined;
}

let shared: Runtime | null = null;

/** The caller's runtime, or the one of this process, which is created once. */
export function runtimeOf({ runtime }: WithRuntime): Runtime {
  if (runtime !== undefined) return runtime;
  shared ??= createRuntime();
  return shared;
}
