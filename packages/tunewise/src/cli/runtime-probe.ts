/** @file Entry point of the process that probes an export in a runtime: `runtime-probe RUNTIME JOB.json REPLY.json`. */
import { readFileSync, writeFileSync } from "node:fs";
import { type ProbeJob, probeInProcess } from "../app/verify/index.ts";

const [name = "", jobPath = "", replyPath = ""] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobPath, "utf8")) as ProbeJob;
try {
  writeFileSync(replyPath, JSON.stringify(await probeInProcess(name, job)));
  process.exit(0); // native libraries may keep threads alive
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}
