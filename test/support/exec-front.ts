/**
 * @file For tests: `tunewise exec` as a process, with its meter, in a folder of its own whose name tells its processes
 * from others.
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

/** `tunewise exec` at work. */
export interface Front {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
  /** Once the command has said that it is ready. */
  ready(): Promise<RunMeter>;
  /** What it has said so far. */
  said(): string;
  /** The run's meter as it stands; `null` before there is one. */
  meter(): RunMeter | null;
}

const fronts: Front[] = [];

/** Each front has a folder of its own; what its processes have in common is the folder's name. */
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

/** Sends a signal to whoever is still there. */
export function kill(pid: number | undefined, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch {
    // it has ended already
  }
}

/** The meter once it satisfies a condition. */
export function meterWhen(front: Front, holds: (meter: RunMeter) => boolean): Promise<RunMeter> {
  return until(() => {
    const meter = front.meter();
    return meter !== null && holds(meter) ? meter : null;
  }).then((meter) => meter ?? Promise.reject(new Error(`never so: ${JSON.stringify(front.meter())}`)));
}

/** The meter once the command runs. */
export const running = (front: Front): Promise<RunMeter> =>
  meterWhen(
    front,
    ({ status, leader, meteredMs }) => status === "running" && leader !== null && meteredMs > 0,
  );

/** A dollar a second. */
export const rate: readonly string[] = ["--rate", "3600/h"];
/** Seconds of budget, and of grace. */
export const budget = (seconds: number, grace = 0.3): string[] => [
  ...rate,
  "--budget",
  `${seconds}usd`,
  "--grace-seconds",
  String(grace),
];

/** Children of a process, ended ones included. */
export function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
}

/** Front and supervisor leave by themselves; the commands of these tests never would. */
export async function nobodyLeft({ folder }: Front): Promise<void> {
  await expect.poll(() => processesWith(folder), { timeout: 10_000 }).toEqual([]);
}

/** Whether a process lives. */
export function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
