/**
 * @file The outermost file of the process that reads documents whose parsers are not ours: `document-reader MEGABYTES`.
 * Whoever started it ends it where it takes too long; where it takes too much memory, it ends itself.
 */
import { Worker } from "node:worker_threads";
import type { TaskAnswer } from "@tunewise/core/untrusted";
import { type DocumentReading, readDocument } from "../retrieve/index.ts";

/** A separate thread watches memory even while the parser blocks the event loop. */
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
  // It never rejects.
  const result = await readDocument(name, bytes, () => answer({ kind: "progress" }));
  answer({ kind: "result", result });
});
process.on("disconnect", () => process.exit());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
answer({ kind: "ready" });
