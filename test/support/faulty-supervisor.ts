/**
 * @file Loaded into a supervisor before its own code: its disk fails as `TUNEWISE_TEST_FAULT` says, and what it asked
 * of the disk is told when it ends. A crash ends the process.
 */
import { writeFileSync } from "node:fs";
import { type FaultPlan, injectFaults } from "./faults.ts";

/** What the variable says, as JSON. */
export interface SupervisorFault extends FaultPlan {
  /** Where the operations are written, one a line. */
  readonly log: string;
}

const { log, ...plan } = JSON.parse(process.env["TUNEWISE_TEST_FAULT"] ?? "{}") as SupervisorFault;
const crash = { ...plan, onFault: () => void process.kill(process.pid, "SIGKILL") };
await new Promise<void>((ready) => {
  void injectFaults(plan.kind === "crash" ? crash : plan, ({ operations }) => {
    process.once("exit", () => writeFileSync(log, operations.join("\n")));
    ready();
    return new Promise<never>(() => undefined); // as long as the process lives
  });
});
