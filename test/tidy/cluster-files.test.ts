/**
 * @file Cluster files in `examples/cluster`: each describes its usage, has a deadline and a cost limit, and uses the
 * versions of the worker's image.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { schemaOfResource } from "../support/kube/ray-schemas.ts";
import { faultsOf, readObject } from "../support/kube/schema.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const names = readdirSync(join(root, "examples/cluster"));
const textOf = (name: string): string => read(`examples/cluster/${name}`);
const documentsOf = (name: string) => parseAllDocuments(textOf(name)).map((one) => one.toJS());
const ray = /--build-arg RAY=([\d.]+)/.exec(read("worker/Containerfile"))?.[1];

test.each(names)("%s is YAML, begins with its commands, and runs the worker's image", (name) => {
  for (const document of parseAllDocuments(textOf(name))) expect(document.errors).toEqual([]);
  const comment = textOf(name).split(/^[^#]/m)[0] ?? "";
  expect(comment).toMatch(/^# {3}(kubectl|ray|dstack|sky|export) /m);
  if (name === "fleet.dstack.yml") return; // only machines
  expect(comment).toContain("tunewise run --on ray+http://127.0.0.1:8265 --storage /mnt/shared");
  const images = new Set(textOf(name).match(/registry\.example\/[\w.:-]+/g));
  expect([...images]).toEqual(["registry.example/tunewise-worker-ray:1"]);
  expect(textOf(name)).toContain(`built from worker/Containerfile with RAY=${ray}`);
});

test("the version of Ray is the tested one, everywhere", () => {
  expect(read(".ci/run")).toContain(`ray[default]==${ray}`);
  expect(read("docs/scale.md")).toContain(`${ray} is tested`);
  for (const name of ["rayjob.yaml", "raycluster.yaml"])
    expect(textOf(name)).toContain(`rayVersion: "${ray}"`);
});

const definitions = process.env["TUNEWISE_KUBERAY_CRDS"] ?? "";
const ofRay = ["rayjob.yaml", "raycluster.yaml"].flatMap((name) =>
  documentsOf(name).filter(({ apiVersion }) => apiVersion === "ray.io/v1"),
);

test.skipIf(definitions === "").each(ofRay)("KubeRay's own schema of $kind has all fields", (object) => {
  const plural = `${object.kind.toLowerCase()}s`;
  const schema = schemaOfResource({ group: "ray.io", plural } as Parameters<typeof schemaOfResource>[0]);
  if (schema === null) throw new Error(`no schema of ${plural}`);
  const { value, unknown } = readObject(schema, object);
  expect(unknown).toEqual([]);
  expect(faultsOf(schema, value as typeof object)).toEqual([]);
});

describe("what a cluster can cost", () => {
  const deep = (name: string, at = 0) => documentsOf(name).at(at);

  test("a RayJob ends at three deadlines", () => {
    expect(deep("rayjob.yaml").spec).toMatchObject({
      preRunningDeadlineSeconds: 1800,
      activeDeadlineSeconds: 15_000,
      ttlSecondsAfterFinished: 60,
      shutdownAfterJobFinishes: true,
    });
  });

  test("a RayCluster has no card while nothing runs, and no more than its quota", () => {
    const { spec } = deep("raycluster.yaml", -1);
    expect(spec).toMatchObject({
      authOptions: { mode: "token" },
      autoscalerOptions: { idleTimeoutSeconds: 600 },
    });
    const [{ minReplicas, maxReplicas, template }] = spec.workerGroupSpecs;
    const cards = Number(template.spec.containers[0].resources.requests["nvidia.com/gpu"]);
    const quota = documentsOf("raycluster.yaml").find(({ kind }) => kind === "ResourceQuota");
    expect(minReplicas).toBe(0);
    expect(Number(quota.spec.hard["requests.nvidia.com/gpu"])).toBe(maxReplicas * cards);
    for (const claim of [spec.headGroupSpec.template, template].map((one) => one.spec.volumes[0]))
      expect(claim.persistentVolumeClaim.claimName).toBe(deep("raycluster.yaml").metadata.name);
  });

  test("machines of `ray up` end themselves, by which they are deleted, and spot has a price", () => {
    const file = deep("ray-up.yaml");
    expect(file.initialization_commands[0]).toBe("sudo shutdown -h +250");
    expect(file).toMatchObject({ idle_timeout_minutes: 10, provider: { cache_stopped_nodes: false } });
    const { head, cards } = file.available_node_types;
    for (const { node_config } of [head, cards])
      expect(node_config.InstanceInitiatedShutdownBehavior).toBe("terminate");
    expect(cards).toMatchObject({ min_workers: 0, max_workers: file.max_workers });
    expect(Number(cards.node_config.InstanceMarketOptions.SpotOptions.MaxPrice)).toBeGreaterThan(0);
  });

  test("machines of dstack have a price and a deadline, and the fleet is the run's", () => {
    const [task, fleet] = [deep("cluster.dstack.yml"), deep("fleet.dstack.yml")];
    expect(task).toMatchObject({
      max_duration: "3h",
      idle_duration: "0s",
      fleets: [fleet.name],
      nodes: fleet.nodes.max,
    });
    expect(fleet).toMatchObject({
      max_price: task.max_price,
      idle_duration: "0s",
      resources: task.resources,
    });
    expect(task.utilization_policy.min_gpu_utilization).toBeGreaterThan(0);
  });

  test("machines of SkyPilot have a price, a deadline of the program, and go once it has ended", () => {
    const task = deep("skypilot.yaml");
    expect(task.resources).toMatchObject({
      max_hourly_cost: 60,
      autostop: { idle_minutes: 10, down: true, wait_for: "jobs" },
    });
    expect(task.envs.DEADLINE).toBe("3h");
    expect(task.run.match(/timeout "\$DEADLINE"/g)).toHaveLength(2); // once for the head, once for the workers
    expect(textOf("skypilot.yaml")).toContain("SkyPilot has no maximum lifetime");
    expect(task.run).not.toMatch(/ray stop/);
  });
});
