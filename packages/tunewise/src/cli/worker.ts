/**
 * @file Entry point of the process that computes a run: `worker RUN_FOLDER`. Its controller handles signals from the
 * terminal.
 */

import { packageVersion } from "../catalog/index.ts";
import { work } from "../executors/index.ts";
import { createRuntime } from "../runtime/index.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const run = process.argv[2];
if (run === undefined) throw new Error("worker: the run's folder is missing");
// standard input is a pipe from the parent process, which the system closes when that process dies
const parentEnded = new Promise<void>((resolve) => process.stdin.once("close", resolve).resume());
await work(run, createRuntime(process.cwd(), new AbortController().signal, packageVersion()), parentEnded);
process.stdin.destroy();
