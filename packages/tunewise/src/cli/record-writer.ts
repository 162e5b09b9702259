/**
 * @file Entry point of the process that masks and writes the rows of `tunewise record`. It ends when the proxy
 * asks for it
 * or has ended, after it has written everything.
 */
import { constants, setPriority } from "node:os";
import { serveWriter, type WriterOrder } from "../app/record/index.ts";
import { packageVersion } from "../catalog/index.ts";
import { createRuntime } from "../runtime/index.ts";

setPriority(constants.priority.PRIORITY_BELOW_NORMAL); // calls come first, rows when there is time
process.umask(0o077); // rows are for their owner only
// The proxy decides when to end; its terminal's signals do not.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
const never = new AbortController().signal;
await serveWriter(
  {
    onOrder: (take) => process.on("message", (order) => take(order as WriterOrder)),
    onEnd: (take) => process.on("disconnect", take),
    report: (report) =>
      new Promise((done) => {
        if (process.connected) process.send?.(report, undefined, undefined, () => done());
        else done();
      }),
  },
  (cwd) => createRuntime(cwd, never, packageVersion()),
);
process.exit();
