/** @file Where a run is computed, as library users name it, resolved as `tunewise run --on` and `--worker` are. */
import { resolve } from "node:path";
import type { Placement } from "@tunewise/core/run";
import {
  choosePlace,
  localSite,
  type PlannedRecipe,
  placeFacts,
  placementAt,
  placementOf,
  remoteSite,
  type WorkerSite,
} from "../app/plan/index.ts";
import { workerHere, workerPython } from "../app/worker/index.ts";
import { problem } from "../problem/index.ts";
import { isProviderAddress } from "../provision/index.ts";
import type { Runtime } from "../runtime/index.ts";

/**
 * Where to train. `engine`: the built-in engine on this machine. `torch`: the worker on PyTorch on this machine.
 * `here`: whichever of the two is faster. Otherwise the address of another machine (`ssh://user@host`) or of a Ray
 * cluster (`ray+http://head:8265`), which the worker computes on.
 *
 * @example
 * import type { TrainingPlace } from "tunewise/train";
 *
 * const places: TrainingPlace[] = ["engine", "ssh://gpu-box"];
 * console.log(places.length); // 2
 */
export type TrainingPlace = "here" | "engine" | WorkerPlace;

/** A place where the worker on PyTorch computes: on this machine, or at an address. */
export type WorkerPlace = "torch" | `${string}://${string}`;

/**
 * A place with its options.
 *
 * @example
 * import type { PlacementOptions } from "tunewise/train";
 *
 * const cluster: PlacementOptions = { on: "ray+http://head:8265", processes: { min: 2, max: 8 }, storage: "/mnt" };
 * console.log(cluster.on); // ray+http://head:8265
 */
export interface PlacementOptions<Place extends TrainingPlace = TrainingPlace> {
  readonly on: Place;
  /** `fsdp` divides weights and optimizer states over the GPUs; default: `none`, every GPU has all of them. */
  readonly sharding?: "fsdp" | "none";
  /** Number of processes, or its bounds on a cluster that may lose machines. Default: one per GPU. */
  readonly processes?: number | { readonly min: number; readonly max: number };
  /** Seconds that a worker on another machine continues without this process; default 600. */
  readonly leaseSeconds?: number;
  /** Command that the other machine runs when the lease ends, such as one that switches it off. */
  readonly onLeaseEnd?: string;
  /** Folder that the machines of a cluster share. */
  readonly storage?: string;
}

/** A requested place and what computes there. */
interface FoundPlace {
  readonly by: "engine" | "torch" | "either";
  /** Machine whose worker may compute; `null`: only the engine can. */
  readonly site: WorkerSite | null;
}

/**
 * Finds a place and inspects its machine.
 *
 * @throws {TunewiseError} `WORKER_NOT_INSTALLED`, `SHARDING_NEEDS_CARDS`, `USAGE_VALUE_INVALID` for an address
 *   at which machines are rented, and the errors of `remoteSite`
 */
export async function findPlace(
  choice: TrainingPlace | PlacementOptions,
  runtime: Runtime,
): Promise<FoundPlace> {
  const { on, sharding = "none", ...options } = typeof choice === "string" ? { on: choice } : choice;
  if (on === "engine") {
    if (sharding === "fsdp") throw problem("SHARDING_NEEDS_CARDS", { found: "the built-in engine" });
    return { by: "engine", site: null };
  }
  if (on === "torch") await workerPython(runtime);
  if (on === "torch") return { by: "torch", site: await localSite(sharding, runtime) };
  if (on === "here") {
    const { isInstalled } = await workerHere(runtime);
    return { by: "either", site: isInstalled ? await localSite(sharding, runtime) : null };
  }
  if (isProviderAddress(on))
    throw problem("USAGE_VALUE_INVALID", {
      name: "placement",
      expected: "engine, torch, here, or the address of a machine that exists",
      found: `"${on}", at which machines are rented`,
      fix: `tunewise run --on ${on}`,
    });
  return { by: "torch", site: await remoteSite(on, remoteOptions(options), sharding, runtime) };
}

function remoteOptions({
  processes,
  leaseSeconds,
  onLeaseEnd,
  storage,
}: Omit<PlacementOptions, "on" | "sharding">): Parameters<typeof remoteSite>[1] {
  const { min, max } = typeof processes === "object" ? processes : { min: processes ?? 1, max: processes };
  return {
    leaseSeconds: leaseSeconds ?? null,
    onLeaseEnd: onLeaseEnd ?? null,
    processes: max === undefined ? null : { least: min, most: max },
    storage: storage ?? null,
  };
}

/** The placement of a planned run at a place. */
export async function placeRun(
  planned: PlannedRecipe,
  { by, site }: FoundPlace,
  runtime: Runtime,
): Promise<Placement> {
  const { plan, prepared } = planned;
  const isTorch = by === "torch" || (by === "either" && (await isWorkerFaster(planned, runtime)));
  return isTorch && site !== null ? placementAt(site, plan, prepared.recipe) : placementOf(plan);
}

async function isWorkerFaster(planned: PlannedRecipe, runtime: Runtime): Promise<boolean> {
  const { loaded, recipe } = planned.prepared;
  const output = resolve(loaded.folder, recipe.output);
  return choosePlace(await placeFacts(planned, output, await workerHere(runtime), runtime)).by === "torch";
}
