/**
 * @file A machine as an object of KubeRay: a RayJob whose job counts the lease, and whose cluster goes with it. Pods
 * have a deadline of their own, which the nodes keep whatever becomes of KubeRay.
 *
 * @source KubeRay 1.5, ray.io/v1 RayJob
 */
import type { MachineRequest } from "../provider.ts";

/** Version of Ray that the images have; the worker's container file names the same. */
const rayVersion = "2.60.0";
/** Resource by which NVIDIA's device plugin hands out cards. */
export const gpuResource = "nvidia.com/gpu";
/** How long a container may take to end after it was asked to. */
const graceSeconds = 30;
/** Name of the volume in pods. */
const volume = "shared";

const managedLabel = "app.kubernetes.io/managed-by";
/** Selects what carries our tag. */
export const managed: string = `${managedLabel}=tunewise`;
/** Label with the name of a machine. */
export const instanceLabel = "app.kubernetes.io/instance";
/** Price of an hour, so that whoever finds it knows what it costs. */
export const priceAnnotation = "tunewise.dev/usd-per-hour";

function labelsOf(name: string): Readonly<Record<string, string>> {
  return { [managedLabel]: "tunewise", [instanceLabel]: name };
}

/** The job of a machine. */
export function rayJobOf(request: MachineRequest): object {
  const { name, maxUsdPerHour, maxSeconds, startingSeconds, command } = request;
  const labels = labelsOf(name);
  const workers = request.needs.machines - 1;
  return {
    ...{ apiVersion: "ray.io/v1", kind: "RayJob" },
    metadata: { name, labels, annotations: { [priceAnnotation]: String(maxUsdPerHour / 1e6) } },
    spec: {
      ...{ submissionMode: "HTTPMode", entrypoint: command, entrypointNumCpus: 0, jobId: name },
      ...{ backoffLimit: 0, shutdownAfterJobFinishes: true, ttlSecondsAfterFinished: 0 },
      // both from the creation on
      ...{ preRunningDeadlineSeconds: startingSeconds, activeDeadlineSeconds: maxSeconds + startingSeconds },
      rayClusterSpec: {
        ...{ rayVersion, authOptions: { mode: "token" } },
        headGroupSpec: { rayStartParams: {}, template: podOf(request, "ray-head") },
        ...(workers > 0 && {
          workerGroupSpecs: [
            {
              ...{ groupName: "workers", replicas: workers, minReplicas: workers, maxReplicas: workers },
              ...{ rayStartParams: {}, template: podOf(request, "ray-worker") },
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
    ...{ cpu: String(cores), memory: String(memoryBytes) },
    ...(gpu !== null && { [gpuResource]: String(gpu.count) }),
  };
  const [label, value] = instance.split("=");
  return {
    metadata: { labels: labelsOf(name) },
    spec: {
      ...{ activeDeadlineSeconds: maxSeconds, terminationGracePeriodSeconds: graceSeconds },
      ...(label !== undefined && value !== undefined && { nodeSelector: { [label]: value } }),
      ...(gpu !== null && {
        tolerations: [{ key: gpuResource, operator: "Exists", effect: "NoSchedule" }],
      }),
      containers: [
        {
          ...{ name: container, image, resources: { requests: resources, limits: resources } },
          ...(shared !== null && { volumeMounts: [{ name: volume, mountPath: shared.path }] }),
        },
      ],
      ...(shared !== null && {
        volumes: [{ name: volume, persistentVolumeClaim: { claimName: shared.claim } }],
      }),
    },
  };
}
