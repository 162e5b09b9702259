/**
 * @file For tests: `tunewise exec` as a process with its meter, in a separate folder whose name identifies its
 * processes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect } from "vitest";
import { type RunMeter, readMeter } from "../../packages/tunewise/src/launch/index.ts";
import { processesWith, until } from "./launch-world.ts";
import { program } from "./program.ts";

const root = mkdtempSync(join(tmpdir(), "tunewise-exec-"));
let folders = 0;

afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** A running `tunewise exec`. */
export interface Front {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
  /** Resolves when the command has printed that it is ready. */
  ready(): Promise<RunMeter>;
  /** Its stderr output so far. */
  said(): string;
  /** The current meter of the run; `null` before it exists. */
  meter(): RunMeter | null;
}

const fronts: Front[] = [];

/** Starts `tunewise exec` in a separate folder. The folder's name is in the command line of all its processes. */
export function exec(
  flags: readonly string[],
  command: readonly string[],
  reuse?: string,
  env: Readonly<Record<string, string>> = {},
): Front {
  const folder = reuse ?? join(root, `place-${folders++}-x`);
  mkdirSync(folder, { recursive: true });
  const words = [
    program,
    "exec",
    ...(flags.includes("--store") ? [] : ["--server", "none"]),
    ...flags,
    "--tick-seconds",
    "0.05",
    "--",
    ...command,
    folder,
  ];
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk) => out.push(String(chunk)));
  child.stderr.on("data", (chunk) => err.push(String(chunk)));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) => {
    child.once("exit", (code) => done({ code, out: out.join(""), err: err.join("") }));
  });
  const meter = (): RunMeter | null => {
    const runs = join(folder, ".tunewise/exec");
    const name = existsSync(runs) ? readdirSync(runs).sort()[0] : undefined;
    return name === undefined ? null : readMeter(join(runs, name));
  };
  const ready = async (): Promise<RunMeter> => {
    await until(() => out.join("").includes("ready"));
    return running(front);
  };
  const front: Front = { child, folder, ended, ready, said: () => err.join(""), meter };
  fronts.push(front);
  return front;
}

afterEach(() => {
  for (const { folder } of fronts.splice(0)) for (const pid of processesWith(folder)) kill(pid);
});

/** Sends a signal to a process if it still exists. */
export function kill(pid: number | undefined, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch {
    // the process has ended
  }
}

/** Waits until the meter satisfies a condition. */
export function meterWhen(front: Front, holds: (meter: RunMeter) => boolean): Promise<RunMeter> {
  return until(() => {
    const meter = front.meter();
    return meter !== null && holds(meter) ? meter : null;
  }).then((meter) => meter ?? Promise.reject(new Error(`never so: ${JSON.stringify(front.meter())}`)));
}

/** Waits until the command runs. */
export const running = (front: Front): Promise<RunMeter> =>
  meterWhen(
    front,
    ({ status, leader, meteredMs }) => status === "running" && leader !== null && meteredMs > 0,
  );

/** The rate of a dollar a second. */
export const rate: readonly string[] = ["--rate", "3600/h"];
/** A budget and a grace period in seconds. */
export const budget = (seconds: number, grace = 0.3): string[] => [
  ...rate,
  "--budget",
  `${seconds}usd`,
  "--grace-seconds",
  String(grace),
];

/** Child processes of a process, including ended ones. */
export function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
}

/** Front and supervisor end by themselves; the commands of these tests never do. */
export async function nobodyLeft({ folder }: Front): Promise<void> {
  await expect.poll(() => processesWith(folder), { timeout: 10_000 }).toEqual([]);
}

/** Whether a process is alive. */
export function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
