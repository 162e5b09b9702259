/**
 * @file A node that is lost with all its processes, on a separate cluster: what is charged, and how the run resumes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RemoteHost, TorchPlacement } from "@tunewise/core/run";
import { afterAll, expect, test } from "vitest";
import type { TestProject } from "vitest/node";
import { leaseEndOf, torchExecutor } from "../../packages/tunewise/src/executors/index.ts";
import { contractProject, runToEnd } from "../conformance/contract/contract-run.ts";
import { ofKind } from "../conformance/contract/executor-suite.ts";
import setup, { type RayCluster } from "../support/ray-cluster.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
}, 120_000);

async function startCluster(): Promise<RayCluster> {
  let found: RayCluster | null = null;
  const project = {
    provide: (_: string, value: RayCluster) => {
      found = value;
    },
  } as unknown as TestProject;
  const stop = await setup(project);
  if (stop === undefined || found === null) throw new Error("no cluster");
  stops.push(stop);
  return found;
}

/** PIDs of processes whose command line and environment contain these texts. */
function processesWith(command: string, variable = ""): number[] {
  return readdirSync("/proc")
    .filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        const [line, environment] = ["cmdline", "environ"].map((file) =>
          readFileSync(`/proc/${name}/${file}`, "utf8").replaceAll("\0", " "),
        );
        return line?.includes(command) && environment?.includes(variable);
      } catch {
        return false; // the process has ended
      }
    })
    .map(Number);
}

/** The watch counts the lease, so it must survive the processes that it watches. */
const isWatch = (pid: number): boolean => processesWith("tunewise_worker.watch").includes(pid);

const send = (pids: readonly number[], signal: "SIGSTOP" | "SIGKILL"): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // the process has ended
    }
  }
};

test.skipIf(process.env["TUNEWISE_RAY_PYTHON"] === undefined)(
  "is charged up to its lease, reported as lost, and continued on another cluster from the storage",
  async () => {
    const cluster = await startCluster();
    const { runtime: real, prepared, spec } = await contractProject(root);
    const placed = ({ address }: RayCluster): TorchPlacement => {
      const host: RemoteHost = {
        address,
        storage: join(root, "storage"),
        leaseSeconds: 20,
        onLeaseEnd: null,
        eventsAhead: 0,
      };
      return { kind: "torch", device: "cpu", dtype: "float32", recompute: "none", processes: 1, host };
    };
    const at = ({ token, python }: RayCluster): ReturnType<typeof torchExecutor> => {
      const environment = { ...real.environment, RAY_AUTH_TOKEN: token, TUNEWISE_REMOTE_PYTHON: python };
      return torchExecutor({ ...real, environment }, prepared);
    };
    let lostAt = 0;
    const first = spec("ray-lost", { placement: placed(cluster) });
    const failure: unknown = await runToEnd(at(cluster), first, (event) => {
      if (event.kind !== "step-end" || event.step !== 6) return [];
      lostAt = real.elapsedSeconds();
      // suspends the head's raylet, which Ray treats as dead, and kills the run's other processes
      send(processesWith("raylet/raylet", cluster.token), "SIGSTOP");
      for (const name of [
        "JobSupervisor",
        "_ray_internal_job",
        "ray_agent.py",
        "tunewise_worker.on_ray",
        "ray-lost/run",
      ])
        send(
          processesWith(name, cluster.token).filter((pid) => !isWatch(pid)),
          "SIGKILL",
        );
      return [];
    }).catch((error: unknown) => error);
    const known = real.elapsedSeconds() - lostAt;
    expect(failure).toMatchObject({ code: "MACHINE_LOST", params: { run: "ray-lost" } });
    expect((leaseEndOf(failure) ?? Number.POSITIVE_INFINITY) - lostAt).toBeLessThanOrEqual(20);
    expect(known).toBeLessThanOrEqual(20 + 10);

    const second = await startCluster();
    const moved = spec("ray-lost", { placement: placed(second) });
    const { events, result } = await runToEnd(at(second), moved);
    expect(ofKind(events, "training-start")[0]?.state.step).toBeGreaterThanOrEqual(4);
    expect(result).toMatchObject({ status: "completed", state: { step: 8 } });
  },
  600_000,
);
