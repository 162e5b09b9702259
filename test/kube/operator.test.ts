/**
 * @file The life cycle of a RayJob under the simulated operator, on each available API server, with a real Ray cluster.
 * This tests the test support itself, so that the simulation behaves as KubeRay does.
 */
import { afterEach, describe, expect, inject, test } from "vitest";
import { jobInfo, type RayDashboard } from "../support/kube/dashboard.ts";
import { type Kube, type KubeOptions, servers, startKube } from "../support/kube/kube.ts";
import type { Fields } from "../support/kube/resources.ts";

const ray = inject("ray");
const dashboard: RayDashboard = { url: ray?.address.replace(/^ray\+/, "") ?? "", token: ray?.token ?? "" };
const fast = { everyMs: 100 };

describe.each(servers)("$server", ({ server }) => {
  let kube: Kube | null = null;
  let name = "";
  afterEach(async () => {
    await kube?.stop();
    kube = null;
  });

  const start = async (options: KubeOptions): Promise<Kube> => {
    name = `job-${Date.now()}`;
    kube = await startKube({ server, ...options });
    return kube;
  };
  const paths = { jobs: "/apis/ray.io/v1/namespaces/tests/rayjobs", core: "/api/v1/namespaces/tests" };
  const create = async (spec: Fields, pod: Fields = {}): Promise<void> => {
    const container = { name: "ray", image: "ray" };
    const template = { metadata: { labels: { own: name } }, spec: { containers: [container], ...pod } };
    const body = {
      apiVersion: "ray.io/v1",
      kind: "RayJob",
      metadata: { name, labels: { own: name } },
      spec: {
        submissionMode: "HTTPMode",
        entrypoint: "sleep 600",
        jobId: name,
        shutdownAfterJobFinishes: true,
        ...spec,
        rayClusterSpec: {
          rayVersion: "2.60.0",
          authOptions: { mode: "token" },
          headGroupSpec: { rayStartParams: {}, template },
          workerGroupSpecs: [
            {
              groupName: "workers",
              replicas: 1,
              minReplicas: 1,
              maxReplicas: 1,
              rayStartParams: {},
              template,
            },
          ],
        },
      },
    };
    const made = await kube?.request("POST", paths.jobs, body);
    expect(made?.status, made?.text).toBe(201);
  };
  const get = async (path: string): Promise<Fields> => (await kube?.request("GET", path))?.body;
  const job = (): Promise<Fields> => get(`${paths.jobs}/${name}`);
  const ofCluster = async (plural: string): Promise<Fields[]> => {
    const base = plural === "rayclusters" ? "/apis/ray.io/v1/namespaces/tests" : paths.core;
    return (await get(`${base}/${plural}`)).items;
  };
  const untilStatus = async (status: Fields): Promise<void> => {
    await expect.poll(async () => (await job()).status, { timeout: 60_000 }).toMatchObject(status);
  };
  const untilAllGone = async (): Promise<void> => {
    for (const plural of ["rayclusters", "pods", "services", "secrets", "endpoints"]) {
      const its = async (): Promise<Fields[]> =>
        (await ofCluster(plural)).filter(({ metadata }) => metadata.name.startsWith(name));
      await expect.poll(its, { timeout: 60_000 }).toEqual([]);
    }
  };

  test("without an operator nothing becomes of it", async () => {
    await start({ kubelet: fast });
    await create({});
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await job()).status?.jobDeploymentStatus).toBeUndefined();
    expect(await ofCluster("pods")).toEqual([]);
  });

  test("pods that find no node say why, and the job fails when it is late", async () => {
    const unschedulable = "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.";
    await start({ operator: fast, kubelet: { ...fast, unschedulable } });
    await create({ preRunningDeadlineSeconds: 2 });
    await untilStatus({ jobDeploymentStatus: "Initializing" });
    await expect
      .poll(async () => (await ofCluster("pods"))[0]?.status, { timeout: 60_000 })
      .toMatchObject({ phase: "Pending", conditions: [{ reason: "Unschedulable", message: unschedulable }] });
    await untilStatus({ jobDeploymentStatus: "Failed", reason: "PreRunningDeadlineExceeded" });
    await untilAllGone();
  });

  test("what the server takes and the operator does not is told in its status", async () => {
    await start({ operator: fast });
    await create({ activeDeadlineSeconds: 0 });
    await untilStatus({ jobDeploymentStatus: "ValidationFailed", reason: "ValidationFailed" });
    expect(await ofCluster("rayclusters")).toEqual([]);
  });

  describe.skipIf(ray === null)("with Ray", () => {
    test("its entrypoint runs, and its cluster goes with its end", async () => {
      await start({ dashboard, operator: fast, kubelet: fast });
      await create({ entrypoint: "sleep 5" });
      await untilStatus({ jobDeploymentStatus: "Running", jobStatus: "RUNNING", jobId: name });
      const [cluster] = await ofCluster("rayclusters");
      expect(cluster.metadata).toMatchObject({
        name: expect.stringMatching(`^${name}-.{5}$`),
        labels: { own: name },
      });
      const secret = await get(`${paths.core}/secrets/${cluster.metadata.name}`);
      expect(Buffer.from(secret.data.auth_token, "base64").toString()).toBe(dashboard.token);
      const pods = await ofCluster("pods");
      expect(pods.map(({ metadata }) => metadata.labels["ray.io/node-type"]).toSorted()).toEqual([
        "head",
        "worker",
      ]);
      expect(
        pods.every(({ metadata, status }) => metadata.labels.own === name && status.phase === "Running"),
      ).toBe(true);
      const service = `${paths.core}/services/http:${cluster.metadata.name}-head-svc:8265/proxy`;
      const headers = { "x-ray-authorization": `Bearer ${dashboard.token}` };
      const version = await kube?.request("GET", `${service}/api/version`, undefined, headers);
      expect(version?.body.ray_version, version?.text).toMatch(/^2\./);
      await untilStatus({ jobDeploymentStatus: "Complete", jobStatus: "SUCCEEDED" });
      await untilAllGone();
    });

    test("its deadline ends it", async () => {
      await start({ dashboard, operator: fast, kubelet: fast });
      await create({ activeDeadlineSeconds: 8 });
      await untilStatus({ jobStatus: "RUNNING" });
      await untilStatus({ jobDeploymentStatus: "Failed", reason: "DeadlineExceeded" });
      await untilAllGone();
      await untilRayHasNone(name);
    });

    test("pods past their own deadline are made anew, and the job is submitted once more", async () => {
      await start({ dashboard, operator: fast, kubelet: fast });
      await create({}, { activeDeadlineSeconds: 12 });
      await untilStatus({ jobStatus: "RUNNING" });
      const headOf = async (): Promise<string> =>
        (await ofCluster("pods")).find(({ metadata }) => metadata.labels["ray.io/node-type"] === "head")
          ?.metadata.uid;
      const first = await headOf();
      await expect.poll(headOf, { timeout: 60_000 }).not.toBe(first);
      await untilRayHasNone(name);
      await expect
        .poll(() => jobInfo(dashboard, name), { timeout: 60_000 })
        .toMatchObject({ status: expect.stringMatching(/^(PENDING|RUNNING)$/) });
      expect((await job()).status.jobDeploymentStatus).toBe("Running");
    });

    test("pods past their own deadline end it where the operator is dead", async () => {
      await start({ dashboard, operator: fast, kubelet: fast });
      await create({}, { activeDeadlineSeconds: 6 });
      await untilStatus({ jobStatus: "RUNNING" });
      await kube?.stopOperator();
      await expect
        .poll(async () => (await ofCluster("pods")).map(({ status }) => status.reason), { timeout: 60_000 })
        .toEqual(["DeadlineExceeded", "DeadlineExceeded"]);
      await untilRayHasNone(name);
    });

    test("its deletion stops its job and takes all along", async () => {
      await start({ dashboard, operator: fast, kubelet: fast });
      await create({});
      await untilStatus({ jobStatus: "RUNNING" });
      const options = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };
      expect((await kube?.request("DELETE", `${paths.jobs}/${name}`, options))?.status).toBe(200);
      await untilAllGone();
      await expect.poll(async () => (await job()).reason, { timeout: 60_000 }).toBe("NotFound");
      await untilRayHasNone(name);
    });
  });
});

async function untilRayHasNone(id: string): Promise<void> {
  await expect.poll(() => jobInfo(dashboard, id), { timeout: 60_000 }).toBeNull();
}
