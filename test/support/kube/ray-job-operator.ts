/**
 * @file How KubeRay processes a RayJob that is submitted by HTTP.
 *
 * @source ray-project/kuberay ray-operator/controllers/ray/rayjob_controller.go, August 2026
 */
import { jobInfo, type RayDashboard, stopJob, submitJob } from "./dashboard.ts";
import { ownerOf, randomEnd, type Written } from "./ray-cluster-operator.ts";
import type { Fields, KubeObject } from "./resources.ts";

/** The finalizer that keeps a RayJob until its job was asked to stop. */
const finalizer = "ray.io/rayjob-finalizer";
const over: ReadonlySet<string> = new Set(["SUCCEEDED", "FAILED", "STOPPED"]);
/** How long dashboard requests may fail. */
const checkTimeoutMs = 300_000;
const longestName = 47;

/** Reconciles a job once. */
export async function reconcileJob(
  written: Written,
  job: KubeObject,
  dashboard: RayDashboard | null,
): Promise<void> {
  const { metadata, status = {} } = job;
  if (metadata.deletionTimestamp !== undefined) return letGo(written, job, dashboard);
  const phase: string = status.jobDeploymentStatus ?? "";
  if (phase === "ValidationFailed") return;
  const wrong = whatIsWrong(job);
  if (wrong !== null) return write(written, job, failed("ValidationFailed", wrong, "ValidationFailed"));
  if (phase === "") return begin(written, job);
  if (phase === "Complete" || phase === "Failed") return shutDown(written, job);
  const next =
    late(job) ?? (phase === "Initializing" ? await start(written, job) : await check(job, dashboard));
  if (next !== null) await write(written, job, next);
}

async function begin({ rayjobs }: Written, job: KubeObject): Promise<void> {
  const finalizers = job.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) {
    // this changes the object's version, so the next pass writes the status
    await rayjobs.update({ ...job, metadata: { ...job.metadata, finalizers: [...finalizers, finalizer] } });
    return;
  }
  const { name } = job.metadata;
  const status = {
    jobId: job.spec.jobId ?? `${name}-${randomEnd()}`,
    rayClusterName: `${name}-${randomEnd()}`,
    jobDeploymentStatus: "Initializing",
    startTime: now(),
  };
  await rayjobs.update({ ...job, status: { ...job.status, ...status } }, "status");
}

/** Creates the cluster and waits for it. */
async function start({ rayclusters }: Written, job: KubeObject): Promise<Fields> {
  const { metadata, spec, status } = job;
  const cluster = await rayclusters.get(status.rayClusterName);
  if (cluster === null) {
    const labels = {
      ...metadata.labels,
      "ray.io/originated-from-cr-name": metadata.name,
      "ray.io/originated-from-crd": "RayJob",
      "ray.io/job-submission-mode": spec.submissionMode,
    };
    const { annotations } = metadata;
    const its = { name: status.rayClusterName, labels, annotations, ownerReferences: [ownerOf(job)] };
    await rayclusters.create({ metadata: its, spec: spec.rayClusterSpec });
    return null;
  }
  if (cluster.status?.state !== "ready") return null;
  const dashboardURL = `${status.rayClusterName}-head-svc.${metadata.namespace}.svc.cluster.local:8265`;
  return { jobDeploymentStatus: "Running", dashboardURL };
}

/** Reads the job's state; submits the job again whenever the dashboard does not know it. */
async function check({ spec, status }: KubeObject, dashboard: RayDashboard | null): Promise<Fields> {
  const failing = status.jobStatusCheckFailureStartTime;
  if (failing && Date.now() > Date.parse(failing) + checkTimeoutMs)
    return failed("JobStatusCheckTimeoutExceeded", "Job status checks have been failing");
  try {
    if (dashboard === null) throw new Error("no dashboard");
    const info = await jobInfo(dashboard, status.jobId);
    if (info === null) {
      await submitJob(dashboard, {
        entrypoint: spec.entrypoint,
        submission_id: status.jobId,
        metadata: spec.metadata,
        // the operator leaves out numbers that are zero
        ...(spec.entrypointNumCpus && { entrypoint_num_cpus: spec.entrypointNumCpus }),
        ...(spec.entrypointNumGpus && { entrypoint_num_gpus: spec.entrypointNumGpus }),
      });
      return failing ? { jobStatusCheckFailureStartTime: undefined } : null;
    }
    const told = { jobStatus: info.status, message: info.message, jobStatusCheckFailureStartTime: undefined };
    if (info.status === "FAILED") return { ...failed("AppFailed", info.message), ...told };
    if (over.has(info.status)) return { ...told, jobDeploymentStatus: "Complete", endTime: now() };
    return status.jobStatus === info.status ? null : told;
  } catch {
    return failing ? null : { jobStatusCheckFailureStartTime: now() };
  }
}

/** Checks the deadlines, which start when the operator first saw the job. */
function late({ spec, status }: KubeObject): Fields {
  const isPast = (deadline: number | undefined): boolean =>
    deadline !== undefined && Date.now() >= Date.parse(status.startTime) + deadline * 1000;
  if (isPast(spec.activeDeadlineSeconds))
    return failed("DeadlineExceeded", "The RayJob has passed the activeDeadlineSeconds.");
  if (status.jobDeploymentStatus === "Initializing" && isPast(spec.preRunningDeadlineSeconds))
    return failed("PreRunningDeadlineExceeded", "The RayJob has passed the preRunningDeadlineSeconds.");
  return null;
}

async function shutDown({ rayclusters }: Written, { spec, status }: KubeObject): Promise<void> {
  const { shutdownAfterJobFinishes, ttlSecondsAfterFinished = 0 } = spec;
  if (shutdownAfterJobFinishes !== true) return;
  if (Date.now() < Date.parse(status.endTime) + ttlSecondsAfterFinished * 1000) return;
  const cluster = await rayclusters.get(status.rayClusterName);
  if (cluster !== null && cluster.metadata.deletionTimestamp === undefined)
    await rayclusters.delete(status.rayClusterName);
}

/** Asks the job to stop, then releases the object, even if stopping failed. */
async function letGo({ rayjobs }: Written, job: KubeObject, dashboard: RayDashboard | null): Promise<void> {
  const { metadata, status } = job;
  if (!metadata.finalizers?.includes(finalizer)) return;
  if (dashboard !== null && status?.dashboardURL && !over.has(status.jobStatus ?? ""))
    await stopJob(dashboard, status.jobId).catch(() => undefined);
  const finalizers = metadata.finalizers.filter((one) => one !== finalizer);
  await rayjobs.update({ ...job, metadata: { ...metadata, finalizers } });
}

/** Errors for which the operator refuses a job that the server accepted. */
function whatIsWrong({ metadata: { name }, spec }: KubeObject): string | null {
  if (name.length > longestName)
    return `The RayJob metadata is invalid: RayJob name should be no more than ${longestName} characters`;
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name))
    return "The RayJob metadata is invalid: RayJob name should be a valid DNS1035 label";
  if (spec.rayClusterSpec === undefined)
    return "The RayJob spec is invalid: one of RayClusterSpec or ClusterSelector must be set";
  if (spec.activeDeadlineSeconds <= 0)
    return "The RayJob spec is invalid: activeDeadlineSeconds must be a positive integer";
  if (spec.backoffLimit < 0) return "The RayJob spec is invalid: backoffLimit must be a positive integer";
  if (spec.ttlSecondsAfterFinished > 0 && spec.shutdownAfterJobFinishes !== true)
    return "The RayJob spec is invalid: a RayJob with shutdownAfterJobFinishes set to false cannot have TTL";
  if (spec.rayClusterSpec.authOptions?.mode === "token" && spec.rayClusterSpec.rayVersion === undefined)
    return "authOptions.mode is 'token' but RayVersion was not specified";
  return null;
}

function failed(reason: string, message: string, jobDeploymentStatus = "Failed"): Fields {
  return { jobDeploymentStatus, reason, message, endTime: now() };
}

async function write({ rayjobs }: Written, job: KubeObject, next: Fields): Promise<void> {
  await rayjobs.update({ ...job, status: { ...job.status, ...next } }, "status");
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
