/**
 * @file The world a use case runs in: clock, randomness, environment, network, processes. The one file of `app`
 * that reads them; tests hand in their own.
 */
import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, homedir, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import type { SourceContext } from "../hub/index.ts";
import { type ProcessTable, processTable } from "../track/index.ts";
import { type StartTicks, startTicks } from "./tick-thread.ts";

/** Everything from outside that a use case may use. */
export interface Host {
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly now: () => Date;
  /** Seconds since some start; never goes back. */
  readonly elapsedSeconds: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly memoryBytes: number;
  readonly cores: number;
  /** Seconds of the processor that this process has used, over all its threads. */
  readonly processorSeconds: () => number;
  /** Programs that want a processor, on average over the last minute; `null`: the system does not say. */
  readonly load: () => number | null;
  /** Largest resident memory of this process so far, in bytes. */
  readonly peakMemoryBytes: () => number;
  /** Bytes that this user may still write on the disk of a folder that is there. */
  readonly freeDiskBytes: (folder: string) => Promise<number>;
  readonly processes: ProcessTable;
  /** Writes a meter to the disk while the main thread is busy; missing: nobody does. */
  readonly startTicks?: StartTicks;
  /** How Node is started as it was for this process: the program, then its flags. */
  readonly node: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** Variables of the environment, for the keys of what a person names; nothing of it is shown. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where models come from; progress and abort are added by the use case. */
  readonly sources: SourceContext;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  /** Says something beside a result: what was set right by itself. */
  readonly note?: (text: string) => void;
}

/**
 * The real world.
 *
 * @param version of tunewise, for the record
 * @param nowMs the clock that runs are metered by, in milliseconds since some start; default: since the process began
 */
export function createHost(
  cwd: string,
  signal: AbortSignal,
  version: string,
  nowMs: () => number = () => performance.now(),
): Host {
  const { env, versions, platform, arch } = process;
  return {
    cwd,
    now: () => new Date(),
    elapsedSeconds: () => nowMs() / 1000,
    random: Math.random,
    memoryBytes: totalmem(),
    cores: availableParallelism(),
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

/** Most that is kept of a program's output. */
const outputBytesMost = 1 << 20;

function execute(program: string, parameters: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(program, [...parameters], { maxBuffer: outputBytesMost }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}
