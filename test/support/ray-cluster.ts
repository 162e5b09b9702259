/**
 * @file A real Ray cluster on this machine: a head and a second raylet on loopback, in token mode, for the tests of a
 * project. `TUNEWISE_RAY_PYTHON` names a Python with Ray and the worker's packages; otherwise the tests are skipped.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestProject } from "vitest/node";

/** Maximum start time of a cluster on a busy machine. */
const startMs = 240_000;

/** Connection data for the tests. */
export interface RayCluster {
  /** Such as `ray+http://127.0.0.1:8265`. */
  readonly address: string;
  readonly token: string;
  readonly python: string;
  /** Address for drivers on this machine, such as `127.0.0.1:6399`. */
  readonly gcs: string;
  /** PID of the second raylet. */
  readonly second: number;
}

declare module "vitest" {
  export interface ProvidedContext {
    ray: RayCluster | null;
  }
}

/** Starts the cluster for the tests of a project and returns the function that ends it. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const python = process.env["TUNEWISE_RAY_PYTHON"];
  if (python === undefined) {
    project.provide("ray", null);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "tw-ray-")); // short, because socket paths have a length limit
  const token = randomBytes(24).toString("hex");
  const [gcs, dashboard] = [await freePort(), await freePort()];
  // separate ports, because another cluster on this machine may use the defaults
  const agents = [await freePort(), await freePort()];
  const environment = {
    ...process.env,
    // a lost node is detected after three seconds
    RAY_health_check_period_ms: "1000",
    RAY_health_check_failure_threshold: "3",
    RAY_AUTH_MODE: "token",
    RAY_AUTH_TOKEN: token,
    RAY_USAGE_STATS_ENABLED: "0",
    HOME: folder, // keeps the jobs' files out of the user's home
  };
  const start = (words: readonly string[]): ChildProcess =>
    spawn(join(dirname(python), "ray"), ["start", "--block", "--disable-usage-stats", ...words], {
      env: environment,
      stdio: "ignore",
      detached: true,
    });
  const common = ["--num-cpus=1", "--object-store-memory=100000000"];
  const head = start([
    ...["--head", "--node-ip-address=127.0.0.1", `--port=${gcs}`, `--temp-dir=${folder}`, ...common],
    ...["--dashboard-host=127.0.0.1", `--dashboard-port=${dashboard}`],
    ...[`--dashboard-agent-listen-port=${agents[0]}`, "--min-worker-port=11000", "--max-worker-port=11499"],
  ]);
  const ask = (path: string): Promise<string> => askOnce(dashboard, path, token);
  await untilTrue(async () => (await ask("/api/version")).includes("ray_version"));
  const second = start([
    ...[`--address=127.0.0.1:${gcs}`, "--node-ip-address=127.0.0.1", ...common],
    ...[`--dashboard-agent-listen-port=${agents[1]}`, "--min-worker-port=11500", "--max-worker-port=11999"],
  ]);
  await untilTrue(async () => (await ask("/api/v0/nodes")).split('"ALIVE"').length === 3);
  const addresses = { address: `ray+http://127.0.0.1:${dashboard}`, gcs: `127.0.0.1:${gcs}` };
  project.provide("ray", { ...addresses, token, python, second: second.pid ?? 0 });
  return async () => {
    for (const one of [second, head]) await end(one);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
}

/** Kills a process and its descendants. */
export function killAll(pid: number): void {
  for (const one of [pid, ...descendants(pid)]) {
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // the process has ended
    }
  }
}

/** Ends a process gracefully, then kills it and the descendants it had. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const all = [...descendants(child.pid), child.pid];
  child.kill("SIGTERM");
  for (let waited = 0; waited < 15_000 && child.exitCode === null && child.signalCode === null; waited += 200)
    await sleep(200);
  for (const pid of all) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // the process has ended
    }
  }
}

function descendants(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "),
    );
    return children
      .filter((one) => one.trim() !== "")
      .flatMap((one) => [...descendants(Number(one)), Number(one)]);
  } catch {
    return [];
  }
}

async function untilTrue(ask: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < startMs; waited += 500) {
    if (await ask().catch(() => false)) return;
    await sleep(500);
  }
  throw new Error("the Ray cluster did not start");
}

function askOnce(port: number, path: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get({ host: "127.0.0.1", port, path, headers, timeout: 10_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      answer.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

/** A port below the system's ephemeral ports and the ports of Ray's workers. */
function freePort(): Promise<number> {
  const port = 6000 + (randomBytes(2).readUInt16LE(0) % 4000);
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(freePort()));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)));
  });
}
