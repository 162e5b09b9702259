/**
 * @file Schemas of a dstack server's answers, and the specs that request a machine.
 *
 * @source dstack 0.22.5, core/models
 */

import { bytes, dollars, type Usd, usd } from "@tunewise/core/quantity";
import { z } from "zod";
import type { MachineNeeds, MachineRequest, Offer, Way } from "../provider.ts";

const mib = 2 ** 20;
/** Names that are written to an `ssh` configuration, restricted so that nothing else can be injected. */
const hostText = z.string().regex(/^[A-Za-z0-9_.:-]{1,253}$/);
const userText = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/);

type Maybe<Value> = Value | null | undefined;

/** An offer of a plan. */
export interface DstackOffer {
  readonly backend: string;
  readonly region: string;
  readonly price?: Maybe<number>;
  readonly availability: string;
  readonly instance: {
    readonly name: string;
    readonly resources: {
      readonly cpus: number;
      readonly memory_mib: number;
      readonly gpus: readonly { readonly name: string; readonly memory_mib: number }[];
      readonly spot: boolean;
      readonly disk: { readonly size_mib: number };
    };
  };
}

/** The answer to `runs/get_plan`. */
export interface DstackPlan {
  readonly job_plans: readonly { readonly offers: readonly DstackOffer[] }[];
}

/** A run. */
export interface DstackRun {
  readonly id: string;
  readonly run_spec: { readonly run_name?: Maybe<string> };
  readonly status: string;
  readonly submitted_at: string;
  readonly latest_job_submission?: Maybe<{
    readonly status: string;
    readonly status_message?: Maybe<string>;
    readonly termination_reason?: Maybe<string>;
    readonly termination_reason_message?: Maybe<string>;
    readonly job_provisioning_data?: Maybe<{
      readonly hostname?: Maybe<string>;
      readonly ssh_port?: Maybe<number>;
      readonly username: string;
      readonly dockerized: boolean;
      readonly price: number;
      readonly ssh_proxy?: Maybe<{
        readonly hostname: string;
        readonly username: string;
        readonly port: number;
      }>;
    }>;
    readonly job_runtime_data?: Maybe<{
      readonly username?: Maybe<string>;
      readonly ports?: Maybe<Readonly<Record<string, number>>>;
    }>;
  }>;
}

/** A fleet and its instances. */
export interface DstackFleet {
  readonly name: string;
  readonly status: string;
  readonly instances: readonly {
    readonly status: string;
    readonly price?: Maybe<number>;
    readonly created: string;
    readonly termination_reason?: Maybe<string>;
  }[];
}

/** Schema of the answer to `runs/get_plan`. */
export const planSchema: z.ZodType<DstackPlan> = z.object({
  job_plans: z.array(
    z.object({
      offers: z.array(
        z.object({
          backend: z.string(),
          region: z.string(),
          price: z.number().nullish(),
          availability: z.string(),
          instance: z.object({
            name: z.string(),
            resources: z.object({
              cpus: z.number(),
              memory_mib: z.number(),
              spot: z.boolean(),
              gpus: z.array(z.object({ name: z.string(), memory_mib: z.number() })),
              disk: z.object({ size_mib: z.number() }),
            }),
          }),
        }),
      ),
    }),
  ),
});

/** Schema of a run. */
export const runSchema: z.ZodType<DstackRun> = z.object({
  id: z.string(),
  run_spec: z.object({ run_name: z.string().nullish() }),
  status: z.string(),
  submitted_at: z.string(),
  latest_job_submission: z
    .object({
      status: z.string(),
      status_message: z.string().nullish(),
      termination_reason: z.string().nullish(),
      termination_reason_message: z.string().nullish(),
      job_provisioning_data: z
        .object({
          hostname: hostText.nullish(),
          ssh_port: z.int().nullish(),
          username: userText,
          dockerized: z.boolean(),
          price: z.number(),
          ssh_proxy: z.object({ hostname: hostText, username: userText, port: z.int() }).nullish(),
        })
        .nullish(),
      job_runtime_data: z
        .object({ username: userText.nullish(), ports: z.record(z.string(), z.int()).nullish() })
        .nullish(),
    })
    .nullish(),
});

/** Schema of a fleet. */
export const fleetSchema: z.ZodType<DstackFleet> = z.object({
  name: z.string(),
  status: z.string(),
  instances: z.array(
    z.object({
      status: z.string(),
      price: z.number().nullish(),
      created: z.string(),
      termination_reason: z.string().nullish(),
    }),
  ),
});

/** Statuses of runs and instances that no longer cost anything. */
export const finished: ReadonlySet<string> = new Set(["terminated", "failed", "done", "aborted"]);

/** Port of `sshd` in containers on virtual machines. @source dstack 0.22.5, core/consts.py */
const containerSshPort = 10022;

/** Converts an offer to tunewise's format. */
export function offerOf({ backend, region, price, availability, instance }: DstackOffer): Offer {
  const { cpus, memory_mib, gpus, spot, disk } = instance.resources;
  const [gpu] = gpus;
  return {
    id: `${backend} ${region} ${instance.name}${spot ? " spot" : ""}`,
    backend,
    region,
    instance: instance.name,
    cores: cpus,
    isSpot: spot,
    gpu: gpu ? { name: gpu.name, count: gpus.length, memoryBytes: bytes(gpu.memory_mib * mib) } : null,
    memoryBytes: bytes(memory_mib * mib),
    diskBytes: bytes(disk.size_mib * mib),
    isAvailable: ["unknown", "available", "idle"].includes(availability),
    usdPerHour: priceOf(price),
    isDiskIncluded: false,
  };
}

/** Converts a price; `null` if it is unknown, or 0 as for the user's own machines. */
export function priceOf(price: number | null | undefined): Usd | null {
  return price === null || price === undefined || price <= 0 ? null : usd(price);
}

/** Where `ssh` reaches the container of a run; `null` if it is not reachable yet. */
export function wayOf({ latest_job_submission: job }: DstackRun): Way | null {
  const [place, runtime] = [job?.job_provisioning_data, job?.job_runtime_data];
  if (!place?.hostname || !place.ssh_port) return null;
  const user = runtime?.username ?? "root";
  const { hostname: host, ssh_port: port, username, ssh_proxy: jump } = place;
  // on a virtual machine, the container's `sshd` is reached through the machine's
  if (place.dockerized)
    return {
      kind: "ssh",
      host: "localhost",
      port: runtime?.ports?.[containerSshPort] ?? containerSshPort,
      user,
      proxy: `${username}@${host}:${port}`,
    };
  const [kind, proxy] = ["ssh" as const, jump ? `${jump.username}@${jump.hostname}:${jump.port}` : null];
  return { kind, host, port, user, proxy };
}

/** Resources in dstack's format. */
function resourcesOf(needs: MachineNeeds): unknown {
  const gb = (count: number): number => Math.ceil(count / 2 ** 30);
  const atLeast = (count: number): unknown => ({ min: gb(count), max: null });
  const gpu = {
    ...(needs.gpu !== null && { name: [needs.gpu] }),
    ...(needs.gpuMemoryBytes !== null && { memory: atLeast(needs.gpuMemoryBytes) }),
    count: { min: needs.gpuCount, max: needs.gpuCount },
  };
  return {
    ...(needs.gpuCount > 0 && { gpu }),
    memory: atLeast(needs.memoryBytes),
    disk: { size: atLeast(needs.diskBytes) },
  };
}

/** The spec of a run that only requests offers. */
export function planSpec(needs: MachineNeeds): unknown {
  return {
    run_name: null,
    configuration: { type: "task", commands: [":"], resources: resourcesOf(needs) },
    ssh_key_pub: "",
    profile: {
      name: "tunewise",
      spot_policy: needs.isSpotAllowed ? "auto" : "on-demand",
      ...(needs.maxUsdPerHour !== null && { max_price: dollars(needs.maxUsdPerHour) }),
    },
  };
}

/** Restricts placement to that of an offer, at most at the maximum price. */
function placement({ offer, maxUsdPerHour }: MachineRequest): Record<string, unknown> {
  return {
    backends: [offer.backend],
    regions: [offer.region],
    instance_types: [offer.instance],
    spot_policy: offer.isSpot ? "spot" : "on-demand",
    max_price: dollars(maxUsdPerHour),
    retry: false,
  };
}

/** A separate fleet for a machine: it has no instance before its run requests one, and keeps none afterwards. */
export function fleetSpec(request: MachineRequest): unknown {
  return {
    configuration: {
      type: "fleet",
      name: request.name,
      nodes: { min: 0, max: 1 },
      ...placement(request),
      idle_duration: 0,
      resources: resourcesOf(request.needs),
    },
    profile: { name: "tunewise" },
  };
}

/** The run that represents a machine: it lasts as long as its command. */
export function runSpec(request: MachineRequest): unknown {
  return {
    run_name: request.name,
    configuration: {
      type: "task",
      name: request.name,
      commands: [request.command],
      ...(request.needs.image !== null && { image: request.needs.image }),
      resources: resourcesOf(request.needs),
    },
    ssh_key_pub: request.sshPublicKey,
    profile: {
      name: "tunewise",
      ...placement(request),
      fleets: [request.name],
      creation_policy: "reuse-or-create",
      idle_duration: 0,
      max_duration: request.maxSeconds,
      stop_duration: request.stopSeconds,
    },
  };
}
