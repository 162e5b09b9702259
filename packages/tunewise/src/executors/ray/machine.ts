/** @file A Ray cluster as a `Machine` for executions. */
import { createHash } from "node:crypto";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { failedExitCode, type Machine, runProgram } from "../remote/machine.ts";
import { RayChannel } from "./channel.ts";
import { Dashboard } from "./dashboard.ts";

/** Whether an address is a Ray cluster's. */
export function isRayAddress(address: string): boolean {
  return /^ray(\+(https?|kubernetes))?:/.test(address);
}

/** The part of the runtime environment that starting processes on a cluster needs. */
type Places = Pick<Runtime, "environment" | "random" | "elapsedSeconds">;

/** Runs a shell command line on the head node of a cluster; discards its standard output. */
export type ClusterShell = (line: string) => Promise<{ readonly code: number; readonly stderr: string }>;

/**
 * Opens a shell on the head node of a cluster.
 *
 * @param name of the agent that starts the commands
 * @throws {TunewiseError} `RAY_ADDRESS_INVALID`, and `PROVIDER_...` for a cluster on Kubernetes; from a command:
 *   `RAY_UNREACHABLE`, `RAY_DENIED`, `RAY_AGENT_FAILED`
 */
export async function clusterShell(address: string, name: string, runtime: Places): Promise<ClusterShell> {
  const machine = await rayMachine(address, name, "", runtime);
  return async (line) => {
    const started = machine.begin("");
    const source = Buffer.from(
      `import subprocess, sys\nsys.exit(subprocess.run(["sh", "-c", ${JSON.stringify(line)}]).returncode)\n`,
    );
    started.stdout.resume();
    started.stdin.end(Buffer.concat([Buffer.from(`${source.length}\n`), source]));
    const { code, stderr } = await started.ended;
    machine.requireReached(code, stderr);
    return { code, stderr };
  };
}

/**
 * Returns the cluster at an address as a machine for the processes of one run.
 *
 * @param storage folder shared by all nodes; if empty, the cache folder of the agent's node
 * @throws {TunewiseError} `RAY_ADDRESS_INVALID`
 */
export async function rayMachine(
  address: string,
  run: string,
  storage: string,
  runtime: Places,
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
    unreachable: (reason) => problem("RAY_UNREACHABLE", { address: dashboard.address, reason }),
    close: () => channel.close(),
    installLine: () =>
      "use an image for the cluster's nodes that has the packages of worker/requirements.lock",
  };
}
