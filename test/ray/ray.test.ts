/** @file The worker on a real Ray cluster on this machine. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionEvent, RemoteHost, RunCommand, RunSpec, TorchPlacement } from "@tunewise/core/run";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { torchExecutor } from "../../packages/tunewise/src/executors/index.ts";
import { Dashboard } from "../../packages/tunewise/src/executors/ray/dashboard.ts";
import {
  type ContractProject,
  comparable,
  contractProject,
  everything,
  runToEnd,
} from "../conformance/contract/contract-run.ts";
import {
  engineReference,
  executorSuite,
  expectClose,
  expectOnce,
  ofKind,
  type Reference,
} from "../conformance/contract/executor-suite.ts";
import { killAll } from "../support/ray-cluster.ts";
import { say } from "../support/say.ts";
import { startProxy } from "../support/tcp-proxy.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const cluster = inject("ray");
const { address = "", token = "", python = "" } = cluster ?? {};
const root = temporaryFolder();
let project: ContractProject;
let reference: Reference;
let placement: TorchPlacement;
let host: RemoteHost;

/** Requests all measurements at the end of the training. */
const whole = (event: ExecutionEvent): readonly RunCommand[] =>
  event.kind === "training-end" ? [{ kind: "evaluate", measure: everything }] : [];

/** PID of a process of the run whose command line and environment contain these texts. */
function processOf({ run }: RunSpec, command: string, variable = "", of = `/${run}/run`): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [line, environment] = ["cmdline", "environ"].map((name) =>
        readFileSync(`/proc/${pid}/${name}`, "utf8").replaceAll("\0", " "),
      );
      if (line?.includes(command) && line.includes(of) && environment?.includes(variable)) return Number(pid);
    } catch {
      // the process has ended
    }
  }
  throw new Error(`no process of ${run} with ${command}`);
}

describe.skipIf(cluster === null)("on a Ray cluster", () => {
  beforeAll(async () => {
    const { runtime: real, prepared, spec } = await contractProject(root);
    const environment = { ...real.environment, RAY_AUTH_TOKEN: token, TUNEWISE_REMOTE_PYTHON: python };
    const runtime = { ...real, environment };
    host = { address, storage: join(root, "storage"), leaseSeconds: 120, onLeaseEnd: null, eventsAhead: 0 };
    placement = {
      kind: "torch",
      device: "cpu",
      dtype: "float32",
      recompute: "none",
      processes: 1,
      host,
    };
    project = { runtime, prepared, spec: (name, change) => spec(name, { placement, ...change }) };
    reference = await engineReference({ runtime, prepared, spec });
  }, 300_000);

  executorSuite(
    "ray",
    ({ runtime }) => torchExecutor(runtime),
    () => ({ project, reference }),
    { isExact: false, timeout: 300_000, isRemote: true },
  );

  test("two processes, one of which is killed, begin again from the newest checkpoint", async () => {
    const spec = project.spec("ray-two", { placement: { ...placement, processes: 2 } });
    let isKilled = false;
    const { events, result } = await runToEnd(torchExecutor(project.runtime), spec, (event) => {
      if (event.kind !== "step-end" || event.step !== 6 || isKilled) return whole(event);
      isKilled = true;
      process.kill(processOf(spec, "tunewise_worker ", "RANK=1"), "SIGKILL");
      return [];
    });
    expect(ofKind(events, "training-start")).toHaveLength(1);
    const [back] = ofKind(events, "rolled-back");
    expect(back?.toStep).toBe(4);
    const steps = ofKind(events, "step-end").map(({ step }) => step);
    expect(steps.slice(steps.lastIndexOf(5))).toEqual([5, 6, 7, 8]);
    expectOnce(events);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("whose driver is lost is reported, and goes on under the same name", async () => {
    const spec = project.spec("ray-driver");
    const executor = torchExecutor(project.runtime, project.prepared);
    const running = runToEnd(executor, spec, (event) => {
      if (event.kind === "step-end" && event.step === 6)
        process.kill(processOf(spec, "tunewise_worker.on_ray"), "SIGKILL");
      return [];
    });
    await expect(running).rejects.toMatchObject({ code: "EXECUTION_LOST", params: { run: "ray-driver" } });
    const { events, result } = await runToEnd(executor, spec);
    expect(ofKind(events, "training-start")[0]?.state.step).toBeGreaterThanOrEqual(4);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("whose agent is killed goes on, and another agent finds it", async () => {
    const spec = project.spec("ray-agent", {
      placement: { ...placement, host: { ...host, eventsAhead: 8 } },
    });
    let isKilled = false;
    const { events, result } = await runToEnd(torchExecutor(project.runtime), spec, (event) => {
      if (event.kind === "step-end" && event.step === 3 && !isKilled) {
        isKilled = true;
        process.kill(processOf(spec, "ray_agent.py", "", `ray_agent.py ${spec.run} `), "SIGKILL");
      }
      return whole(event);
    });
    expect(ofKind(events, "rolled-back")).toEqual([]);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("comes to the same over a line that is cut five times", async () => {
    const proxy = await startProxy(Number(new URL(address.replace("ray+", "")).port));
    const spec = project.spec("ray-cut", {
      placement: {
        ...placement,
        host: { ...host, address: `ray+http://127.0.0.1:${proxy.port}`, eventsAhead: 8 },
      },
    });
    let cuts = 0;
    const { events, result } = await runToEnd(torchExecutor(project.runtime), spec, (event) => {
      if (((event.kind === "step-end" && event.step % 2 === 0) || event.kind === "work-start") && cuts < 5) {
        cuts++;
        proxy.cut();
        setTimeout(() => proxy.mend(), 400);
      }
      return whole(event);
    });
    proxy.close();
    expect(cuts).toBe(5);
    expectOnce(events);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("whose line is cut for longer than its lease saves and stops, and is resumed", async () => {
    const proxy = await startProxy(Number(new URL(address.replace("ray+", "")).port));
    const far = { ...host, address: `ray+http://127.0.0.1:${proxy.port}`, leaseSeconds: 8 };
    const spec = project.spec("ray-lease", { placement: { ...placement, host: far } });
    const executor = torchExecutor(project.runtime, project.prepared);
    const running = runToEnd(executor, spec, (event) => {
      if (event.kind === "step-end" && event.step === 3) proxy.cut();
      return [];
    });
    await expect(running).rejects.toMatchObject({ code: "MACHINE_LOST" });
    const saved = join(host.storage ?? "", "runs/ray-lease/run/execution/exit.json");
    while (!existsSync(saved)) await sleep(200);
    proxy.mend();
    const { events, result } = await runToEnd(executor, spec);
    proxy.close();
    expect(ofKind(events, "training-start")[0]?.state.step).toBe(3);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("no cluster, no token, another program", async () => {
    const at = (text: string, given = ""): Promise<string> =>
      Dashboard.at(text, {
        environment: { RAY_AUTH_TOKEN: given, RAY_AUTH_TOKEN_PATH: join(root, "none") },
      }).then((one) => one.requireReady());
    await expect(at("ray://head:10001")).rejects.toMatchObject({
      code: "RAY_ADDRESS_INVALID",
      params: { hint: "ray+http://head:8265" },
    });
    await expect(at("ray+http://127.0.0.1:1")).rejects.toMatchObject({ code: "RAY_UNREACHABLE" });
    await expect(at(address)).rejects.toMatchObject({ code: "RAY_DENIED" });
    await expect(at(address, "wrong")).rejects.toMatchObject({ code: "RAY_DENIED" });
    expect(await at(address, token)).toMatch(/^2\./);
    const other = createServer((_, answer) => answer.end("hello"));
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    const { port } = other.address() as AddressInfo;
    await expect(at(`ray+http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "RAY_UNREACHABLE" });
    other.close();
  });

  test("an agent whose Python is not there, a cluster without room, and storage that a node does not see", async () => {
    const environment = { ...project.runtime.environment, TUNEWISE_REMOTE_PYTHON: "/nowhere/python" };
    const starting = torchExecutor({ ...project.runtime, environment }, project.prepared).start(
      project.spec("ray-python"),
    );
    await expect(starting).rejects.toMatchObject({
      code: "RAY_AGENT_FAILED",
      params: { reason: expect.stringContaining("/nowhere/python") },
    });
    const script = `
import ray
from pathlib import Path
from tunewise_worker import on_ray
from tunewise_worker.problems import Problem
package = {"env_vars": {"PYTHONPATH": "${resolve("worker")}"}}
ray.init(address="${cluster?.gcs}", runtime_env=package, log_to_driver=False, logging_level="ERROR")
placement = {"device": "cpu", "processes": 9, "host": {}}
on_ray.FEWER_SECONDS = 1.0
for work in (
    lambda: on_ray.reserve(placement, 1.0),
    lambda: on_ray.attempt(Path("/nowhere"), placement, on_ray.reserve({**placement, "processes": 1}, 60.0), 0.0),
):
    try:
        work()
    except Problem as error:
        print(error.code, error.params, flush=True)
`;
    const said = spawnSync(python, ["-c", script], {
      env: { ...process.env, RAY_AUTH_MODE: "token", RAY_AUTH_TOKEN: token, PYTHONPATH: resolve("worker") },
      encoding: "utf8",
    });
    expect(said.stdout, said.stderr).toMatch(/CLUSTER_TOO_SMALL .*'processes': 9/);
    expect(said.stdout).toMatch(/STORAGE_NOT_SHARED .*nowhere/);
  });

  test("run, interrupted, and resume, as a user types them", async () => {
    const folder = join(root, "project");
    const environment = project.runtime.environment;
    const on = ["--on", address, "--storage", join(root, "shared"), "--processes", "2"];
    const first = await say(folder, ["run", "--yes", "--json", ...on], environment, (child) =>
      child.kill("SIGINT"),
    );
    expect(first.text).toContain('"status":"interrupted"');
    const moved = ["--on", address, "--storage", join(root, "shared"), "--processes", "1"];
    const again = await say(folder, ["resume", "latest", "--json", ...moved], environment, () => undefined);
    expect(again.code, again.text).toBe(0);
    expect(again.text).toContain('"status":"completed"');
    const [run = ""] = readdirSync(join(folder, ".tunewise/runs"));
    const files = readdirSync(join(folder, ".tunewise/runs", run));
    expect(files).toEqual(expect.arrayContaining(["adapter", "events.jsonl", "report.html", "report.md"]));
    expect(existsSync(join(root, "shared/runs", run))).toBe(false); // nothing is kept remotely once it is here

    const other = join(root, "by-the-engine");
    cpSync(folder, other, { recursive: true, filter: (path) => !path.includes(".tunewise") });
    await say(other, ["run", "--yes", "--json"], environment, (child) => child.kill("SIGINT"));
    const refused = await say(other, ["resume", "latest", "--json", ...moved], environment, () => undefined);
    expect(refused.text).toContain("RUN_NOT_MOVABLE");
  });

  // must be the last test: the second raylet does not restart
  test("two processes, one of whose nodes is lost, go on as one with the same batches", async () => {
    const placed = { ...placement, processes: 2, host: { ...host, minProcesses: 1 } };
    const spec = project.spec("ray-node", { placement: placed });
    let isKilled = false;
    const { events, result } = await runToEnd(torchExecutor(project.runtime), spec, (event) => {
      if (event.kind === "step-end" && event.step === 5 && !isKilled) {
        isKilled = true;
        killAll(cluster?.second ?? 0);
      }
      return whole(event);
    });
    expect(ofKind(events, "rolled-back").map(({ toStep }) => toStep)).toEqual([4]);
    expectClose(comparable(result, spec.folder), reference.result);
  });
});
