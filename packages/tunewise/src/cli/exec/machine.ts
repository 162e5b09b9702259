/**
 * @file The machine that a wrapped command runs on. It combines modules without going through `app`, since a command's
 * supervisor must be small and start quickly.
 */

import { processTable, takeLock, writeWholeFile } from "@tunewise/tracker";
import { packageProgram } from "../../catalog/index.ts";
import type { Machine } from "../../launch/index.ts";

/** Creates the real machine. */
export function createMachine(): Machine {
  const processes = processTable(process);
  const token = `${process.pid}-${process.hrtime.bigint()}`;
  return {
    pid: process.pid,
    host: processes.host,
    platform: process.platform,
    usesCgroups: process.env["TUNEWISE_CGROUP"] !== "off",
    supervisor: [process.execPath, ...process.execArgv, packageProgram("supervisor")],
    now: () => new Date(),
    monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
    signal: (pid, signal) => void process.kill(pid, signal),
    startOf: (pid) => processes.startOf(pid),
    writeWhole: (path, text) => writeWholeFile(path, text),
    takeLock: (path) => takeLock(path, processes, new Date(), token),
  };
}
