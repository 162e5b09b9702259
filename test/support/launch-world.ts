/**
 * @file For the launcher's tests: small Node scripts that misbehave, and functions that find the processes left behind.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { usd } from "@tunewise/core/quantity";
import { processTable, takeLock, writeWholeFile } from "@tunewise/tracker";
import type { CommandSpec, Machine } from "../../packages/tunewise/src/launch/index.ts";

/** Node with a one-line script. */
export function script(text: string): string[] {
  return [process.execPath, "-e", text];
}

/** Scripts by their behavior; each prints `ready` once it shows it. Child processes receive the first argument too. */
export const scripts = {
  /** Ignores every request to end. */
  stubborn:
    'process.on("SIGINT",()=>{});process.on("SIGTERM",()=>{});console.log("ready");setInterval(()=>{},1000)',
  /** Saves, then exits. */
  saving:
    'process.on("SIGINT",()=>{require("fs").writeFileSync("saved.txt","yes");process.exit(0)});console.log("ready");setInterval(()=>{},1000)',
  /** Three generations of stubborn processes, one of them in another session and without the run's mark. */
  family: `
    const { spawn } = require("child_process");
    const name = process.argv[1];
    const stay = 'process.on("SIGINT",()=>{});setInterval(()=>{},1000)';
    spawn(process.execPath, ["-e", stay, name], { stdio: "ignore" });
    spawn(process.execPath, ["-e", stay, name], { stdio: "ignore", detached: true });
    const middle = 'require("child_process").spawn(process.execPath,["-e",' + JSON.stringify(stay) +
      ',process.argv[1]],{stdio:"ignore",detached:true,env:{}}).unref()';
    spawn(process.execPath, ["-e", middle, name], { stdio: "ignore" }).on("exit", () => console.log("ready"));
    process.on("SIGINT", () => {});
    setInterval(() => {}, 1000);`,
};

/** The real machine, with a supervisor that runs from the sources. */
export function testMachine(): Machine {
  const processes = processTable(process);
  return {
    pid: process.pid,
    host: processes.host,
    platform: process.platform,
    usesCgroups: true,
    supervisor: [
      process.execPath,
      "--import",
      resolve("node_modules/tsx/dist/loader.mjs"),
      resolve("packages/tunewise/src/cli/supervisor.ts"),
    ],
    now: () => new Date(),
    monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
    signal: (pid, signal) => void process.kill(pid, signal),
    startOf: (pid) => processes.startOf(pid),
    writeWhole: (path, text) => writeWholeFile(path, text),
    takeLock: (path) => takeLock(path, processes, new Date(), `test-${process.pid}`),
  };
}

/** A run with short ticks at a dollar a second, so that dollars of budget equal seconds. */
export function sampleSpec(folder: string, command: readonly string[], seconds: number | null): CommandSpec {
  return {
    runId: "20261125-120000-test-0001",
    folder,
    command,
    environment: process.env,
    rateUsdPerHour: usd(3600),
    rateSource: "--rate 3600/h",
    capUsd: seconds === null ? null : usd(seconds),
    tickMs: 50,
    graceMs: 300,
  };
}

/** PIDs of processes whose command line contains a text, without zombies. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => quietly(join("/proc", name, "cmdline")).includes(text))
    .map(Number);
}

/** Waits for a value and returns it; `null` after ten seconds. */
export async function until<Value>(look: () => Value | null | undefined | false): Promise<Value | null> {
  for (let times = 0; times < 500; times++) {
    const value = look();
    if (value) return value;
    await wait(20);
  }
  return null;
}

function quietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
