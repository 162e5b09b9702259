/**
 * @file Entry point of the process that reads documents with third-party parsers: `document-reader MEGABYTES`. The
 * process that started it enforces its time limit; it enforces its memory limit itself.
 */
import { Worker } from "node:worker_threads";
import type { TaskAnswer } from "@tunewise/core/untrusted";
import { type DocumentReading, readDocument } from "../retrieve/index.ts";

/** Program of a thread that monitors memory even while the parser blocks the event loop. */
const watch = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  if (process.memoryUsage.rss() > workerData) process.kill(process.pid, "SIGKILL");
}, 20);`;
new Worker(watch, { eval: true, workerData: Number(process.argv[2]) * 2 ** 20, execArgv: [] }).unref();

function answer(said: TaskAnswer<DocumentReading>): void {
  process.send?.(said);
}

process.on("message", async (heard) => {
  const { name, bytes } = (heard as { task: { name: string; bytes: Uint8Array } }).task;
  // `readDocument` never rejects
  const result = await readDocument(name, bytes, () => answer({ kind: "progress" }));
  answer({ kind: "result", result });
});
process.on("disconnect", () => process.exit());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
answer({ kind: "ready" });
