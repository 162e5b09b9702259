/**
 * @file A machine as a KubeRay object: a RayJob whose job keeps the lease and whose cluster ends with it. Pods have
 * their own deadline, which the nodes enforce independently of KubeRay.
 *
 * @source KubeRay 1.5, ray.io/v1 RayJob
 */
import type { MachineRequest } from "../provider.ts";

/** Version of Ray in the images, which must match the worker's container file. */
const rayVersion = "2.60.0";
/** Resource name of GPUs in NVIDIA's device plugin. */
export const gpuResource = "nvidia.com/gpu";
/** How long a container may take to end after a request to terminate. */
const graceSeconds = 30;
/** Name of the volume in pods. */
const volume = "shared";

const managedLabel = "app.kubernetes.io/managed-by";
/** Label selector for all objects of tunewise. */
export const managed: string = `${managedLabel}=tunewise`;
/** Label with the name of a machine. */
export const instanceLabel = "app.kubernetes.io/instance";
/** Hourly price, so that it is known to any later reader of the object. */
export const priceAnnotation = "tunewise.dev/usd-per-hour";

function labelsOf(name: string): Readonly<Record<string, string>> {
  return { [managedLabel]: "tunewise", [instanceLabel]: name };
}

/** The RayJob of a machine. */
export function rayJobOf(request: MachineRequest): object {
  const { name, maxUsdPerHour, maxSeconds, startingSeconds, command } = request;
  const labels = labelsOf(name);
  const workers = request.needs.machines - 1;
  return {
    apiVersion: "ray.io/v1",
    kind: "RayJob",
    metadata: { name, labels, annotations: { [priceAnnotation]: String(maxUsdPerHour / 1e6) } },
    spec: {
      submissionMode: "HTTPMode",
      entrypoint: command,
      entrypointNumCpus: 0,
      jobId: name,
      backoffLimit: 0,
      shutdownAfterJobFinishes: true,
      ttlSecondsAfterFinished: 0,
      // both deadlines count from creation
      preRunningDeadlineSeconds: startingSeconds,
      activeDeadlineSeconds: maxSeconds + startingSeconds,
      rayClusterSpec: {
        rayVersion,
        authOptions: { mode: "token" },
        headGroupSpec: { rayStartParams: {}, template: podOf(request, "ray-head") },
        ...(workers > 0 && {
          workerGroupSpecs: [
            {
              groupName: "workers",
              replicas: workers,
              minReplicas: workers,
              maxReplicas: workers,
              rayStartParams: {},
              template: podOf(request, "ray-worker"),
            },
          ],
        }),
      },
    },
  };
}

function podOf({ name, offer, maxSeconds, needs }: MachineRequest, container: string): object {
  const { gpu, cores, memoryBytes, instance } = offer;
  const { image, volume: shared } = needs;
  const resources = {
    cpu: String(cores),
    memory: String(memoryBytes),
    ...(gpu !== null && { [gpuResource]: String(gpu.count) }),
  };
  const [label, value] = instance.split("=");
  return {
    metadata: { labels: labelsOf(name) },
    spec: {
      activeDeadlineSeconds: maxSeconds,
      terminationGracePeriodSeconds: graceSeconds,
      ...(label !== undefined && value !== undefined && { nodeSelector: { [label]: value } }),
      ...(gpu !== null && {
        tolerations: [{ key: gpuResource, operator: "Exists", effect: "NoSchedule" }],
      }),
      containers: [
        {
          name: container,
          image,
          resources: { requests: resources, limits: resources },
          ...(shared !== null && { volumeMounts: [{ name: volume, mountPath: shared.path }] }),
        },
      ],
      ...(shared !== null && {
        volumes: [{ name: volume, persistentVolumeClaim: { claimName: shared.claim } }],
      }),
    },
  };
}
