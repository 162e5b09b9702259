/**
 * @file Preloaded into a supervisor: its disk fails as `TUNEWISE_TEST_FAULT` specifies, and it logs its disk operations
 * when it ends. A crash kills the process.
 */
import { writeFileSync } from "node:fs";
import { type FaultPlan, injectFaults } from "./faults.ts";

/** The variable's content, as JSON. */
export interface SupervisorFault extends FaultPlan {
  /** Path of the log, one operation per line. */
  readonly log: string;
}

const { log, ...plan } = JSON.parse(process.env["TUNEWISE_TEST_FAULT"] ?? "{}") as SupervisorFault;
const crash = { ...plan, onFault: () => void process.kill(process.pid, "SIGKILL") };
await new Promise<void>((ready) => {
  void injectFaults(plan.kind === "crash" ? crash : plan, ({ operations }) => {
    process.once("exit", () => writeFileSync(log, operations.join("\n")));
    ready();
    return new Promise<never>(() => undefined); // for the life of the process
  });
});
