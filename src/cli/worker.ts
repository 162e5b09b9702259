/**
 * @file The program of the process that computes one run: `worker RUN_FOLDER`. Signals from the terminal are for its
 * controller to handle.
 */
import { work } from "../executors/index.ts";
import { createRuntime } from "../runtime/index.ts";
import { version } from "./version.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const run = process.argv[2];
if (run === undefined) throw new Error("worker: the run's folder is missing");
await work(run, createRuntime(process.cwd(), new AbortController().signal, version()));
