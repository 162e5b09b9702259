/** @file A Ray cluster as a machine that executions are computed on. */
import { createHash } from "node:crypto";
import type { Runtime } from "../../runtime/index.ts";
import { failedExitCode, type Machine, runProgram } from "../remote/machine.ts";
import { RayChannel } from "./channel.ts";
import { Dashboard } from "./dashboard.ts";

/** Whether an address is that of a cluster. */
export function isRayAddress(address: string): boolean {
  return /^ray(\+https?)?:/.test(address);
}

/**
 * The cluster of an address, for the processes of one run.
 *
 * @param storage folder that all its nodes share; empty: that of the node which the agent runs on
 * @throws {TunewiseError} `RAY_ADDRESS_INVALID`
 */
export async function rayMachine(
  address: string,
  run: string,
  storage: string,
  runtime: Pick<Runtime, "environment" | "random" | "elapsedSeconds">,
): Promise<Machine> {
  const dashboard = await Dashboard.at(address, runtime);
  const session = createHash("sha256").update(String(runtime.random())).digest("hex").slice(0, 16);
  const python = runtime.environment["TUNEWISE_REMOTE_PYTHON"] ?? "python";
  const channel = new RayChannel(dashboard, {
    run,
    python,
    storage,
    session,
    elapsedSeconds: runtime.elapsedSeconds,
  });
  return {
    address: dashboard.address,
    begin: () => channel.begin(runProgram),
    requireReached: (code) => {
      if (code === failedExitCode && channel.failure !== null) throw channel.failure;
    },
    installLine: () =>
      "take an image for the cluster's nodes that has the packages of worker/requirements.lock",
  };
}
