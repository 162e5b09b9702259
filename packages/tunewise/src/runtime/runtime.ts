/**
 * @file The runtime environment of use cases: clock, randomness, environment, network, processes. The only file that
 * reads them; tests pass their own.
 */
import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, homedir, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { type ProcessTable, processTable } from "@tunewise/tracker";
import type { SourceContext } from "../hub/index.ts";
import { processor } from "./processor.ts";
import { type StartTicks, startTicks } from "./tick-thread.ts";

/**
 * Everything external that a use case may use.
 *
 * @example
 * import { createRuntime, type Runtime } from "tunewise/plan";
 *
 * const notes: string[] = [];
 * const runtime: Runtime = { ...createRuntime(), note: (text) => notes.push(text) };
 * console.log(runtime.cores > 0, notes.length); // true 0
 */
export interface Runtime {
  /** Working directory for relative paths. */
  readonly cwd: string;
  readonly now: () => Date;
  /** Monotonic clock, in seconds. */
  readonly elapsedSeconds: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly memoryBytes: number;
  readonly cores: number;
  /** Model and feature flags of the processor, which identify measurements of its speed. */
  readonly processor: () => Promise<string>;
  /** CPU time of this process over all threads, in seconds. */
  readonly processorSeconds: () => number;
  /** Load average of the last minute; `null` if the system reports none. */
  readonly load: () => number | null;
  /** Peak resident memory of this process so far, in bytes. */
  readonly peakMemoryBytes: () => number;
  /** Bytes available to this user on the disk of an existing folder. */
  readonly freeDiskBytes: (folder: string) => Promise<number>;
  readonly processes: ProcessTable;
  /** Writes the meter to disk while the main thread is busy; absent to write none. */
  readonly startTicks?: StartTicks;
  /** Command that starts Node like this process: the program, then its flags. */
  readonly node: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** Environment variables, for keys that the user names. Never shown. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sources of models. Use cases add progress and abort signal. */
  readonly sources: SourceContext;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Reports a note alongside a result, such as an automatic repair. */
  readonly note?: (text: string) => void;
}

/**
 * Creates the real runtime environment.
 *
 * @param version of tunewise, for the record
 * @param nowMs clock of the meters, in milliseconds; defaults to the time since the process began
 */
export function createRuntime(
  cwd: string,
  signal: AbortSignal,
  version: string,
  nowMs: () => number = () => performance.now(),
): Runtime {
  const { env, versions, platform, arch } = process;
  return {
    cwd,
    now: () => new Date(),
    elapsedSeconds: () => nowMs() / 1000,
    random: Math.random,
    memoryBytes: totalmem(),
    cores: availableParallelism(),
    processor,
    processorSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    load: () => (process.platform === "win32" ? null : (loadavg()[0] ?? null)),
    peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
    freeDiskBytes: async (folder) => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    processes: processTable(process),
    startTicks,
    node: [process.execPath, ...process.execArgv],
    versions: {
      tunewise: version,
      node: versions.node,
      platform: `${platform}-${arch}`,
      cpu: cpus()[0]?.model ?? "unknown",
    },
    environment: env,
    sources: {
      cacheFolder: env["TUNEWISE_CACHE"] ?? join(cacheRoot(env), "tunewise"),
      fetch: env["HF_HUB_OFFLINE"] === "1" ? null : fetch,
      endpoint: (env["HF_ENDPOINT"] ?? "https://huggingface.co").replace(/\/+$/, ""),
      token: env["HF_TOKEN"] ?? null,
      execute,
      signal,
    },
    signal,
  };
}

function cacheRoot(env: NodeJS.ProcessEnv): string {
  return env["XDG_CACHE_HOME"] ?? env["LOCALAPPDATA"] ?? join(homedir(), ".cache");
}

/** Size limit of a program's output. */
const maxOutputBytes = 1 << 20;

function execute(
  program: string,
  parameters: readonly string[],
  maxSeconds = 0,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { maxBuffer: maxOutputBytes, timeout: 1000 * maxSeconds, killSignal: "SIGKILL" } as const;
    execFile(program, [...parameters], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}
