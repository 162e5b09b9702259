/**
 * @file Machines on Kubernetes: KubeRay objects on an API server, through the real `kubectl`. KubeRay's operator and
 * the nodes are simulated; the Ray cluster behind them is real.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bytes, seconds, usd } from "@tunewise/core/quantity";
import { processTable } from "@tunewise/tracker";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import {
  leaseCommand,
  type RentalTerms,
  rentalWorld,
  sweepMachines,
} from "../../packages/tunewise/src/app/rented/index.ts";
import { Dashboard } from "../../packages/tunewise/src/executors/ray/dashboard.ts";
import {
  type MachineNeeds,
  type MachineRequest,
  openProvider,
  type Provider,
} from "../../packages/tunewise/src/provision/index.ts";
import { contractProject } from "../conformance/contract/contract-run.ts";
import { type Kube, type KubeOptions, startKube } from "../support/kube/kube.ts";
import { say } from "../support/say.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ray = inject("ray");
const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
const root = temporaryFolder();
const dashboard = { url: ray?.address.replace("ray+", "") ?? "", token: ray?.token ?? "" };

const needs: MachineNeeds = {
  gpu: null,
  gpuCount: 0,
  machines: 1,
  gpuMemoryBytes: null,
  memoryBytes: bytes(1e9),
  diskBytes: bytes(1e9),
  isSpotAllowed: false,
  maxUsdPerHour: null,
  image: "worker:1",
  volume: null,
};

const started: Kube[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

/** A cluster for one test, and a provider for its namespace. */
async function place(options: KubeOptions): Promise<{ kube: Kube; provider: Provider }> {
  const kube = await startKube({ kubelet: {}, ...options });
  started.push(kube);
  return { kube, provider: await providerOf(kube) };
}

function providerOf(kube: Kube): Promise<Provider> {
  const environment = { ...process.env, KUBECONFIG: kube.kubeconfig };
  return openProvider(`kubernetes://${kube.context}/${kube.namespace}`, {
    environment,
    fetch,
    usdPerHour: usd(2),
  });
}

/** A machine request with a lease of this many seconds, and short deadlines. */
async function requestFor(
  provider: Provider,
  leaseSeconds: number,
  [maxSeconds, startingSeconds]: readonly [number, number] = [600, 600],
): Promise<MachineRequest> {
  const [offer] = await provider.offers(needs);
  if (offer === undefined) throw new Error("nothing is offered");
  const times = { machineLeaseSeconds: seconds(leaseSeconds), maxSeconds: seconds(600) };
  return {
    name: "tunewise-0123456789abcdef-1",
    offer,
    needs,
    maxUsdPerHour: usd(2),
    sshPublicKey: "",
    maxSeconds: seconds(maxSeconds),
    startingSeconds: seconds(startingSeconds),
    stopSeconds: seconds(30),
    command: leaseCommand(times as RentalTerms),
  };
}

const name = "tunewise-0123456789abcdef-1";

async function until<Value>(find: () => Promise<Value | undefined | false>, most = 90_000): Promise<Value> {
  for (const began = Date.now(); ; ) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() - began > most) throw new Error("it never came to that");
    await sleep(200);
  }
}

const untilGone = (provider: Provider): Promise<true> =>
  until(async () => (await provider.find(name)) === null && true);

describe.skipIf(!hasKubectl)("machines on Kubernetes", () => {
  test("wait for nodes, and say why", async () => {
    const unschedulable = "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.";
    const { provider } = await place({ operator: {}, kubelet: { unschedulable } });
    const [offer] = await provider.offers(needs);
    expect(offer).toMatchObject({ instance: "any", cores: 4, usdPerHour: usd(2), isDiskIncluded: true });
    expect(await provider.offers({ ...needs, gpuCount: 8 })).toEqual([]);
    expect(await provider.find(name)).toBeNull();
    const request = await requestFor(provider, 60);
    await provider.create(request);
    await provider.create(request); // repeats the request, as after a lost response
    const pending = async () => {
      const found = await provider.find(name);
      return found?.detail.includes("Insufficient nvidia.com/gpu") && found;
    };
    expect(await until(pending)).toMatchObject({ state: "starting", way: null, usdPerHour: usd(2) });
    expect(await provider.list()).toHaveLength(1);
    await provider.delete(name);
    await untilGone(provider);
    expect(await provider.list()).toEqual([]);
  });

  test("that do not start in time are gone by themselves", async () => {
    const { provider } = await place({ operator: {}, kubelet: { unschedulable: "no room" } });
    await provider.create(await requestFor(provider, 60, [600, 3]));
    await untilGone(provider);
  });

  test("end by their nodes where KubeRay is dead", async () => {
    const { kube, provider } = await place({ operator: {} });
    await provider.create(await requestFor(provider, 600, [4, 600]));
    await until(async () => {
      const pods = await kube.request("GET", `/api/v1/namespaces/${kube.namespace}/pods`);
      return pods.text.includes('"Running"') && true;
    });
    kube.stopOperator();
    // the job object stays, because no operator ends it; only its pods cost money
    const isOver = async () => {
      const pods = await kube.request("GET", `/api/v1/namespaces/${kube.namespace}/pods`);
      return !pods.text.includes('"Running"') && pods.text.includes("DeadlineExceeded");
    };
    expect(await until(isOver)).toBe(true);
  });

  test("are found where the answer to their creation was lost, and deleted where that failed", async () => {
    let [lost, failed] = [0, 0];
    const { provider } = await place({
      operator: {},
      faults: ({ method }) => {
        if (method === "POST" && lost++ === 0) return { kind: "lose-answer" };
        if (method === "DELETE" && failed++ === 0)
          return { kind: "refuse", status: 500, message: "etcdserver: request timed out" };
        return null;
      },
    });
    await provider.create(await requestFor(provider, 60));
    expect(lost).toBe(1);
    expect(await provider.find(name)).toMatchObject({ state: "starting" });
    await expect(provider.delete(name)).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
    expect(await provider.find(name)).not.toBeNull();
    await provider.delete(name);
    await untilGone(provider);
  });

  test("whose account may not list nodes take what there is; one that may do nothing is told so", async () => {
    let isDenied = false;
    const { provider } = await place({
      faults: ({ path }) =>
        isDenied || path.startsWith("/api/v1/nodes")
          ? { kind: "refuse", status: 403, message: 'nodes is forbidden: User "me" cannot list resource' }
          : null,
    });
    expect(await provider.offers(needs)).toMatchObject([{ instance: "any", cores: 4 }]);
    isDenied = true;
    await expect(provider.find(name)).rejects.toMatchObject({
      code: "PROVIDER_DENIED",
      params: { reason: expect.stringContaining("cannot list resource") },
    });
  });

  test("need KubeRay, and a namespace that is there", async () => {
    const { kube, provider } = await place({});
    const elsewhere = await openProvider(`kubernetes://${kube.context}/nowhere`, {
      environment: { ...process.env, KUBECONFIG: kube.kubeconfig },
      fetch,
      usdPerHour: usd(2),
    });
    const request = await requestFor(provider, 60);
    await expect(elsewhere.create(request)).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      params: { reason: "the namespace does not exist" },
    });
  });
});

describe.skipIf(!hasKubectl || ray === null)("a Ray cluster on Kubernetes", () => {
  let kube: Kube;
  let provider: Provider;
  let environment: Record<string, string | undefined> = {};
  beforeAll(async () => {
    kube = await startKube({ kubelet: {}, operator: {}, dashboard });
    const { TUNEWISE_PYTHON: _, ...rest } = process.env; // with this variable, plans would trace their steps
    environment = { ...rest, KUBECONFIG: kube.kubeconfig, TUNEWISE_REMOTE_PYTHON: ray?.python };
    provider = await providerOf(kube);
  });
  afterAll(() => kube?.stop());

  test("is reached through the API server, with the token of its secret", async () => {
    await provider.create(await requestFor(provider, 600));
    const way = await until(async () => (await provider.find(name))?.way ?? undefined);
    if (way.kind !== "ray") throw new Error("it is reached by another way");
    expect(way.address).toMatch(/^ray\+kubernetes:\/\/tunewise-test\/tests\/tunewise-0123456789abcdef-1-/);
    const cluster = await Dashboard.at(way.address, { environment });
    expect(await cluster.requireReady()).toMatch(/^2\./);
    expect(await cluster.nodes()).toHaveLength(2);
    const denied = { environment: { ...environment, RAY_AUTH_TOKEN: "wrong" } };
    await expect((await Dashboard.at(way.address, denied)).requireReady()).rejects.toMatchObject({
      code: "RAY_DENIED",
    });
    await provider.delete(name);
    await untilGone(provider);
    const gone = await Dashboard.at(way.address, { environment });
    await expect(gone.requireReady()).rejects.toMatchObject({ code: "RAY_UNREACHABLE" });
  });

  test("ends with its lease where nobody renews it", async () => {
    await provider.create(await requestFor(provider, 5));
    await until(async () => (await provider.find(name))?.state === "running" && true);
    await untilGone(provider);
    const world = rentalWorld(provider, join(root, "none"), {
      environment,
      processes: processTable(process),
      sources: {} as never,
      now: () => new Date(),
      note: () => undefined,
      signal: new AbortController().signal,
      random: Math.random,
      elapsedSeconds: () => 0,
    });
    expect(await sweepMachines(world, () => false)).toEqual([]);
  });

  test("trains a run that a user starts, interrupts and resumes, and is gone after each", async () => {
    await contractProject(root);
    const folder = join(root, "project");
    const recipe = readFileSync(join(folder, "tunewise.yaml"), "utf8");
    const priced = recipe.replace("threads: 1", "threads: 1, usd_per_hour: 0.6");
    writeFileSync(join(folder, "tunewise.yaml"), priced);
    const on = [
      ...["--on", `kubernetes://${kube.context}/${kube.namespace}`, "--image", "worker:1"],
      ...["--lease-seconds", "300", "--budget", "1usd", "--yes", "--json"],
    ];
    const spot = await say(folder, ["run", ...on, "--spot"], environment, () => undefined);
    expect([spot.code, spot.text]).toEqual([
      64,
      expect.stringContaining("--spot must be left out on Kubernetes"),
    ]);
    const first = await say(folder, ["run", ...on], environment, (child) => child.kill("SIGINT"));
    expect(first.text).toContain('"kind":"rental-planned"');
    expect(first.text).toContain('"status":"interrupted"');
    expect(first.text).toContain('"kind":"machine-gone"');
    expect(await provider.list()).toEqual([]);
    const again = await say(folder, ["resume", "latest", ...on], environment, () => undefined);
    expect(again.code, again.text).toBe(0);
    expect(again.text).toContain('"status":"completed"');
    expect(again.text).toContain('"kind":"machine-gone"');
    expect(await provider.list()).toEqual([]);
    const [run = ""] = readdirSync(join(folder, ".tunewise/runs"));
    const files = readdirSync(join(folder, ".tunewise/runs", run));
    expect(files).toEqual(expect.arrayContaining(["adapter", "events.jsonl", "report.html", "report.md"]));
  });
});
