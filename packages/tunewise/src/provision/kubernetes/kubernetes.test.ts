import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytes, seconds, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { openProvider } from "../open-provider.ts";
import type { MachineNeeds, MachineRequest } from "../provider.ts";
import { parseKubernetesAddress, parseRayClusterAddress, rayClusterAddress } from "./address.ts";
import { rayJobOf } from "./manifest.ts";
import { blindOffers, type KubernetesNode, podOffers, quantityOf } from "./nodes.ts";

const needs: MachineNeeds = {
  gpu: "H100",
  gpuCount: 4,
  machines: 2,
  gpuMemoryBytes: null,
  memoryBytes: bytes(16e9),
  diskBytes: bytes(100e9),
  isSpotAllowed: false,
  maxUsdPerHour: null,
  image: "worker:1",
  volume: { claim: "shared", path: "/mnt/shared" },
};

function node(labels: Record<string, string>, cards: number, more: object = {}): KubernetesNode {
  const allocatable = { cpu: "191450m", memory: "2063Gi", "nvidia.com/gpu": String(cards), ...more };
  return { metadata: { name: "n", labels }, spec: {}, status: { allocatable } };
}

describe("an address", () => {
  it("names a context and a namespace", () => {
    expect(parseKubernetesAddress("kubernetes://prod/ml/")).toEqual({
      text: "kubernetes://prod/ml",
      context: "prod",
      namespace: "ml",
    });
    const arn = "arn:aws:eks:us-east-1:123456789012:cluster/prod";
    const written = rayClusterAddress({ context: arn, namespace: "ml" }, "tunewise-1-abcde");
    expect(parseRayClusterAddress(written)).toMatchObject({
      context: arn,
      namespace: "ml",
      cluster: "tunewise-1-abcde",
    });
  });

  it.each([
    "kubernetes://",
    "kubernetes://a",
    "kubernetes://a/b/c",
    "kubernetes://%zz/b",
    "kubernetes://a/B",
  ])("%s is none", (text) => {
    expect(() => parseKubernetesAddress(text)).toThrow(/not the address of a provider/);
    expect(() => parseRayClusterAddress(`ray+${text}`.replace(/c$/, "C"))).toThrow(
      /not the address of a provider/,
    );
  });
});

describe("a provider", () => {
  const folder = temporaryFolder();
  /** A minimal `kubectl` that knows one context. */
  const kubectl = `#!/bin/sh
[ "$2" = prod ] || { echo "error: context \\"$2\\" does not exist" >&2; exit 1; }
echo https://10.0.0.1:6443\n`;
  writeFileSync(join(folder, "kubectl"), kubectl, { mode: 0o755 });
  const access = { environment: { PATH: `${folder}:/usr/bin:/bin` }, fetch, usdPerHour: usd(3) };

  it("needs kubectl, and a context that it knows", async () => {
    const none = { ...access, environment: { PATH: "/nowhere" } };
    await expect(openProvider("kubernetes://prod/ml", none)).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      params: { reason: "kubectl is not installed here" },
    });
    await expect(openProvider("kubernetes://staging/ml", access)).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      params: { reason: 'error: context "staging" does not exist' },
    });
  });

  it("needs an image, and storage for several machines, before anything is asked", async () => {
    const provider = await openProvider("kubernetes://prod/ml", access);
    expect(provider.guarantee.isKeptHere).toBe(false);
    await expect(provider.offers({ ...needs, image: null })).rejects.toMatchObject({
      code: "RENTAL_IMAGE_MISSING",
    });
    await expect(provider.offers({ ...needs, volume: null })).rejects.toMatchObject({
      code: "RENTAL_VOLUME_MISSING",
      params: { machines: 2 },
    });
  });
});

describe("nodes", () => {
  it("are asked for by the label that names their card", () => {
    const nodes = [
      node({ "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" }, 8),
      node({ "cloud.google.com/gke-accelerator": "nvidia-h100-80gb" }, 4),
      node({ "nvidia.com/gpu.product": "NVIDIA-H1000" }, 8),
      node({ "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" }, 2),
      node({}, 8),
    ];
    const found = podOffers(needs, nodes);
    expect(found.map(({ instance }) => instance)).toEqual([
      "nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3",
      "cloud.google.com/gke-accelerator=nvidia-h100-80gb",
    ]);
    expect(found[0]).toMatchObject({ gpu: { name: "H100", count: 4 }, cores: 86 });
  });

  it("that take no pods, or are too small, are not offered", () => {
    const small = node({}, 8, { memory: "8Gi" });
    const closed = { ...node({}, 8), spec: { unschedulable: true } };
    expect(podOffers({ ...needs, gpu: null }, [small, closed])).toEqual([]);
    expect(podOffers({ ...needs, gpu: null, gpuCount: 0 }, [small, closed, node({}, 0)])).toMatchObject([
      { instance: "any", gpu: null, cores: 4, memoryBytes: 16e9 },
    ]);
  });

  it("that nobody may list have no named card", () => {
    expect(blindOffers(needs)).toEqual([]);
    expect(blindOffers({ ...needs, gpu: null })).toMatchObject([{ gpu: { count: 4 }, cores: 32 }]);
  });

  it.each([
    ["3920m", 3.92],
    ["16Gi", 16 * 2 ** 30],
    ["16393244Ki", 16393244 * 1024],
    ["1e3", 1000],
    ["2k", 2000],
    ["many", 0],
  ])("%s is %d", (text, value) => expect(quantityOf(text)).toBeCloseTo(value));
});

describe("a job", () => {
  const [offer] = podOffers(needs, [node({ "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" }, 8)]);
  const request: MachineRequest = {
    name: "tunewise-0-1",
    needs,
    maxUsdPerHour: usd(27.5),
    maxSeconds: seconds(7200),
    startingSeconds: seconds(1200),
    stopSeconds: seconds(30),
    sshPublicKey: "",
    command: "sleep 9",
    offer: {
      id: "x",
      backend: "kubernetes",
      region: "prod",
      isSpot: false,
      isAvailable: true,
      diskBytes: bytes(1),
      usdPerHour: usd(27.5),
      isDiskIncluded: true,
      ...(offer ?? { instance: "", gpu: null, cores: 0, memoryBytes: bytes(0) }),
    },
  };

  it("has every deadline, in the job and in each of its pods", () => {
    const pod = {
      metadata: {
        labels: { "app.kubernetes.io/managed-by": "tunewise", "app.kubernetes.io/instance": "tunewise-0-1" },
      },
      spec: {
        activeDeadlineSeconds: 7200,
        nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" },
        volumes: [{ name: "shared", persistentVolumeClaim: { claimName: "shared" } }],
      },
    };
    expect(rayJobOf(request)).toMatchObject({
      metadata: { name: "tunewise-0-1", annotations: { "tunewise.dev/usd-per-hour": "27.5" } },
      spec: {
        activeDeadlineSeconds: 8400,
        preRunningDeadlineSeconds: 1200,
        shutdownAfterJobFinishes: true,
        submissionMode: "HTTPMode",
        entrypoint: "sleep 9",
        backoffLimit: 0,
        ttlSecondsAfterFinished: 0,
        rayClusterSpec: {
          authOptions: { mode: "token" },
          headGroupSpec: { template: pod },
          workerGroupSpecs: [{ replicas: 1, minReplicas: 1, maxReplicas: 1, template: pod }],
        },
      },
    });
    expect(JSON.stringify(rayJobOf(request))).toContain('"nvidia.com/gpu":"4"');
  });

  it("of one machine has a head alone", () => {
    const alone = rayJobOf({ ...request, needs: { ...needs, machines: 1, volume: null } });
    expect(JSON.stringify(alone)).not.toMatch(/workerGroupSpecs|volume/);
  });
});
