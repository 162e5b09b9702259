/**
 * @file Runs the command line as a process and measures duration, peak memory including child processes, and how it
 * ends when interrupted.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { loader, program } from "./program.ts";

/** Measurements of a process, and how it ended. */
export interface Watched {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Seconds until it ended, from the start or from the first interrupt. */
  readonly seconds: number;
  /** Peak resident memory in bytes: the sum over the process and its descendants. */
  readonly peakBytes: number;
  /** Whether the time limit killed it. */
  readonly hung: boolean;
  readonly out: string;
  readonly err: string;
}

/** Options of the measurement. */
export interface WatchOptions {
  readonly folder: string;
  readonly words: readonly string[];
  /** Seconds after which the process is killed. */
  readonly limitSeconds: number;
  /** Sends two interrupts, a second apart, after this many seconds or at the first output; default: none. */
  readonly interruptAfter?: number | "output";
  /** Path of the command line; default: the built one. */
  readonly program?: string;
  readonly interrupt?: NodeJS.Signals;
}

/** Milliseconds between memory measurements. */
const lookEvery = 20;

/** Runs a process. Memory is measured only on Linux. */
export async function watchProcess(options: WatchOptions): Promise<Watched> {
  const { folder, words, limitSeconds, interruptAfter: after } = options;
  const file = options.program ?? program;
  const flags = file.endsWith(".ts") ? ["--import", loader] : [];
  const child = spawn(process.execPath, [...flags, file, ...words], {
    cwd: folder,
    env: {
      ...process.env,
      NO_COLOR: "1",
      HF_TOKEN: "",
      HF_HUB_OFFLINE: "1",
      TUNEWISE_CACHE: `${folder}/cache`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (piece) => (said.out = `${said.out}${piece}`.slice(-100_000)));
  child.stderr.on("data", (piece) => (said.err = `${said.err}${piece}`.slice(-100_000)));
  let [peakBytes, hung, start] = [0, false, performance.now()];
  const timers = [
    setInterval(() => (peakBytes = Math.max(peakBytes, residentBytes(child.pid ?? 0))), lookEvery),
    setTimeout(() => {
      hung = true;
      for (const pid of [...descendants(child.pid ?? 0), child.pid ?? 0]) tryKill(pid);
    }, limitSeconds * 1000),
  ];
  const interrupt = (): boolean => child.kill(options.interrupt ?? "SIGINT");
  const interruptTwice = (): void => {
    start = performance.now();
    interrupt();
    timers.push(setTimeout(interrupt, 1000));
  };
  if (after === "output") child.stdout.once("data", interruptTwice);
  else if (after !== undefined) timers.push(setTimeout(interruptTwice, after * 1000));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) =>
    child.once("close", (...end) => done(end)),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const timer of timers) clearTimeout(timer);
  return { code, signal, seconds, peakBytes, hung, ...said };
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // the process has ended
  }
}

/** Sum of the peak memory of a process and its descendants, in bytes. */
function residentBytes(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, one) => sum + highWater(one), 0);
}

function highWater(pid: number): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function descendants(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
        .split(" ")
        .filter(Boolean)
        .map(Number)
        .flatMap((child) => [child, ...descendants(child)]),
    );
  } catch {
    return [];
  }
}
