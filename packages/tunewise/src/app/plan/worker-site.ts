/** @file Where the worker may compute a run: on this machine's GPUs, or on another machine after inspecting it. */

import { bytes, cost, type Seconds, seconds, type Usd, usd } from "@tunewise/core/quantity";
import type { RemoteHost, TorchPlacement } from "@tunewise/core/run";
import { findDevice } from "../../catalog/index.ts";
import {
  type Card,
  findCards,
  inspectCluster,
  inspectHost,
  isRayAddress,
  placementOn,
  type RemoteMachine,
} from "../../executors/index.ts";
import type { OwnMachine, Plan } from "../../plan/index.ts";
import { type Finding, findingOf, problem } from "../../problem/index.ts";
import type { Offer } from "../../provision/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { finishedOnCards } from "./finished-runs.ts";

/** Default time that a worker on another machine continues without its controller. */
const defaultLeaseSeconds = 600;
/**
 * Events that the worker may be ahead, which is four steps. A guard's stop acts at most that late, and round trips do
 * not delay steps.
 */
const eventsAhead = 8;

/** A machine with the worker. */
export interface WorkerSite {
  /** `here`, or an address such as `ssh://user@host`. */
  readonly address: string;
  /** The GPUs to use, with one process each. Without GPUs the CPU computes. */
  readonly cards: readonly Card[];
  /** The placement, except what the plan determines. */
  readonly placement: Omit<TorchPlacement, "recompute">;
}

/** A user's options for another machine. */
export interface RemoteOptions {
  readonly leaseSeconds: number | null;
  readonly onLeaseEnd: string | null;
  /** Number of processes, and the minimum with which a cluster may continue; `null` means one per GPU, or one. */
  readonly processes: { readonly least: number; readonly most: number } | null;
  /** Folder shared by the nodes of a cluster. */
  readonly storage: string | null;
}

type Sharding = NonNullable<TorchPlacement["sharding"]>;
type Places = Pick<Runtime, "environment" | "processes" | "sources" | "random" | "elapsedSeconds" | "signal">;

/** This machine as a site. @throws {TunewiseError} `SHARDING_NEEDS_CARDS` */
export async function localSite(sharding: Sharding, runtime: Places): Promise<WorkerSite> {
  const found = await findCards(runtime);
  const visible = runtime.environment["CUDA_VISIBLE_DEVICES"];
  const placement = placementOn(found, { recompute: "none", sharding }, visible);
  const cards = found.kind === "cuda" ? found.cards.slice(0, placement.processes) : [];
  return { address: "here", cards, placement };
}

/**
 * Another machine or a Ray cluster as a site.
 *
 * @param address such as `ssh://user@host` or `ray+http://head:8265`
 * @throws {TunewiseError} those of `inspectHost` and of `inspectCluster`; `SHARDING_NEEDS_CARDS`
 */
export async function remoteSite(
  address: string,
  { leaseSeconds, onLeaseEnd, processes: asked, storage }: RemoteOptions,
  sharding: Sharding,
  runtime: Places,
): Promise<WorkerSite> {
  const { device, cards: found } = isRayAddress(address)
    ? await clusterCards(address, runtime)
    : await inspectHost(address, runtime);
  const all = found.kind === "cuda" ? found.cards : [];
  const processes = asked?.most ?? Math.max(1, all.length);
  if (sharding === "fsdp" && processes === 1)
    throw problem("SHARDING_NEEDS_CARDS", { found: `one process on ${address}` });
  const host: RemoteHost = {
    address,
    leaseSeconds: leaseSeconds ?? defaultLeaseSeconds,
    onLeaseEnd,
    eventsAhead,
    ...(storage !== null && { storage }),
    ...(asked !== null && asked.least < asked.most && { minProcesses: asked.least }),
  };
  const { dtype } = placementOn(found, { recompute: "none", sharding: "none" });
  const placement = {
    kind: "torch" as const,
    device,
    processes,
    host,
    dtype: device === "cuda" ? dtype : ("float32" as const),
    ...(sharding === "fsdp" && { sharding }),
  };
  // there may be fewer GPUs than processes, since a cluster may add GPUs later
  const cards = all.slice(0, processes);
  return { address, cards, placement };
}

/** A machine that could be rented, as a site to plan for; `null` if the catalog does not know its GPUs. */
export function offeredSite(
  address: string,
  { gpu }: Pick<Offer, "gpu">,
  machines: number,
  sharding: Sharding,
): WorkerSite | null {
  if (gpu === null) return null;
  const { device } = findDevice(gpu.name, gpu.memoryBytes === 0 ? undefined : gpu.memoryBytes / 2 ** 30);
  if (device === null) return null;
  const card: Card = {
    name: device.name,
    memoryBytes: device.memoryBytes.expected,
    usedBytes: 0,
    capability: Number(device.capability) || null,
  };
  const cards = Array<Card>(gpu.count * machines).fill(card);
  const placement = placementOn({ kind: "cuda", driver: "", cards }, { recompute: "none", sharding });
  return { address, cards, placement };
}

/** The GPUs of a cluster, as if they were in one machine. */
async function clusterCards(
  address: string,
  runtime: Places,
): Promise<Pick<RemoteMachine, "device" | "cards">> {
  const { cards } = await inspectCluster(address, runtime);
  if (cards.length === 0) return { device: "cpu", cards: { kind: "none" } };
  return { device: "cuda", cards: { kind: "cuda", driver: "", cards } };
}

/**
 * The placement of a run at a site. Uses the recomputation that the plan chose for these GPUs, otherwise the engine's.
 */
export function placementAt(
  { placement }: WorkerSite,
  plan: Plan,
  { training: { precision, masterDtype } }: Pick<Recipe, "training">,
): TorchPlacement {
  const own = plan.places.find(({ kind }) => kind === "own");
  const dtype = { auto: placement.dtype, bf16: "bfloat16", fp32: "float32" } as const;
  return {
    ...placement,
    // bfloat16 weights are multiplied in bfloat16
    dtype: masterDtype === "bfloat16" ? masterDtype : dtype[precision],
    recompute: own?.layout?.recompute ?? plan.schedule.recompute,
  };
}

/**
 * Divides a site into equal shares for runs in parallel, each with its own GPUs. Without GPUs every share is the whole
 * site, because the recipe divides the threads. A cluster places the processes of each share itself. Remaining GPUs
 * stay unused.
 *
 * @param visible value of `CUDA_VISIBLE_DEVICES`, if it is set
 */
export function siteShares(site: WorkerSite, parallel: number, visible?: string): readonly WorkerSite[] {
  const { host } = site.placement;
  if (host !== undefined && isRayAddress(host.address)) {
    const processes = Math.floor(site.placement.processes / parallel);
    const { minProcesses: _, ...rest } = host;
    const share = { ...site, cards: site.cards.slice(0, processes) };
    return Array(parallel).fill({ ...share, placement: { ...site.placement, processes, host: rest } });
  }
  const each = Math.floor(site.cards.length / parallel);
  const names = visible?.split(",").map((name) => name.trim()) ?? [...site.cards.keys()].map(String);
  return Array.from({ length: parallel }, (_, at) => {
    if (parallel === 1 || each === 0) return site;
    const [from, to] = [at * each, (at + 1) * each];
    const placement = { ...site.placement, processes: each, cards: names.slice(from, to) };
    return { ...site, cards: site.cards.slice(from, to), placement };
  });
}

/** `REMOTE_PRICE_MISSING`: without a price, hours on another machine do not count as cost. */
export function unpricedSite({ address }: WorkerSite, { machine }: Recipe): Finding[] {
  if (address === "here" || machine.usdPerHour > 0) return [];
  return [findingOf("REMOTE_PRICE_MISSING", "warning", { address }, [], 1)];
}

/** Maximum cost of a run on another machine, even if this computer fails. */
export interface WorstCase {
  /** `null` if the run has no cap. */
  readonly capUsd: Usd | null;
  readonly leaseUsd: Usd;
  readonly leaseSeconds: Seconds;
  readonly usdPerHour: Usd;
}

/**
 * Computes the maximum cost: the cap plus one lease, after which the worker stops on its own. Returns `null` for this
 * machine or an unknown price. The machine itself costs money until it is switched off.
 */
export function worstCaseOf(
  { placement: { host } }: WorkerSite,
  { machine, budget }: Recipe,
): WorstCase | null {
  if (host === undefined || machine.usdPerHour <= 0) return null;
  const usdPerHour = usd(machine.usdPerHour);
  const leaseSeconds = seconds(host.leaseSeconds);
  const caps = [
    ...(budget.usd === null ? [] : [usd(budget.usd)]),
    ...(budget.minutes === null ? [] : [cost(usdPerHour, seconds(60 * budget.minutes))]),
  ];
  const capUsd = caps.length === 0 ? null : (Math.min(...caps) as Usd);
  return { capUsd, leaseUsd: cost(usdPerHour, leaseSeconds), leaseSeconds, usdPerHour };
}

/** The GPUs of a site as a place to plan for; `null` if there are none or the catalog does not know them. */
export async function ownMachine(
  { address, cards, placement }: WorkerSite,
  { machine }: Recipe,
  output: string,
  runtime: Runtime,
): Promise<OwnMachine | null> {
  const [card] = cards;
  const { device } = card ? findDevice(card.name, card.memoryBytes / 2 ** 30) : { device: null };
  if (device === null) return null;
  const free = Math.min(...cards.map(({ memoryBytes, usedBytes }) => memoryBytes - usedBytes));
  const price = { name: machine.source || "recipe", asOf: null, isUserOwn: true };
  return {
    placement: {
      device,
      own: address,
      offer: {
        provider: "own",
        instance: address,
        device: device.name,
        deviceCount: cards.length,
        deviceMemoryBytes: bytes(free),
        vcpus: null,
        memoryBytes: null,
        region: "",
        pricing: "on-demand",
        usdPerHour: usd(machine.usdPerHour),
        source: price,
      },
    },
    sharding: placement.sharding ?? "none",
    finished: await finishedOnCards(runtime, output, device.name, cards.length),
  };
}
