/**
 * @file Where a search trains: by the engine here, or by the worker on PyTorch here or on another machine. An
 * unfinished search goes on where it began.
 */

import type { Seconds } from "@tunewise/core/quantity";
import type { Placement, TorchPlacement } from "@tunewise/core/run";
import { isRayAddress } from "../../executors/index.ts";
import { problem } from "../../problem/index.ts";
import { placementAt, placementOf, type WorkerSite } from "../plan/index.ts";

/** The machine with the worker that a call names. */
export interface AskedSite {
  /** `null`: the engine is to train. */
  readonly site: WorkerSite | null;
  /** Chooses between the engine and the worker here, for a new search; `null`: the call has chosen. */
  readonly choose: (() => Promise<Placement["kind"]>) | null;
  /** How long a trial may report nothing while it trains; defaults to half an hour. */
  readonly stallSeconds?: Seconds | undefined;
}

/** The worker that a search began with, as it is stored. Trials in another precision cannot be compared. */
export type StoredSite = Pick<WorkerSite, "address"> & Pick<TorchPlacement, "device" | "dtype">;

/** An unfinished search. */
interface Unfinished {
  readonly id: string;
  /** `null`: the engine trains it. */
  readonly site: StoredSite | null;
}

/**
 * The site of a search: that of the unfinished one, or what the call asks for.
 *
 * @param path of the recipe
 * @throws {TunewiseError} `SEARCH_SITE_CHANGED` if the call names another one
 */
export async function settleSite(
  unfinished: Unfinished | null,
  { site, choose }: AskedSite,
  path: string,
): Promise<WorkerSite | null> {
  if (unfinished === null) return choose === null || (await choose()) === "torch" ? site : null;
  const { id, site: begun } = unfinished;
  if (begun === null && (site === null || choose !== null)) return null;
  const asked = site && storedSite(site);
  if (begun !== null && asked !== null && siteText(begun) === siteText(asked)) return site;
  throw problem("SEARCH_SITE_CHANGED", {
    ...{ search: id, begun: siteText(begun), asked: siteText(asked) },
    command: ["tunewise search", path, ...(begun ? [siteFlags(begun)] : [])].join(" "),
  });
}

/** A site as a search stores it. */
export function storedSite({ address, placement: { device, dtype } }: WorkerSite): StoredSite {
  return { address, device, dtype };
}

function siteText(site: StoredSite | null): string {
  if (site === null) return "the engine";
  return `the worker on PyTorch ${site.address === "here" ? "" : "at "}${site.address} (${site.device}, ${site.dtype})`;
}

/** The flags that name a site. */
export function siteFlags({ address }: Pick<WorkerSite, "address">): string {
  return address === "here" ? "--worker torch" : `--on ${address}`;
}

/** Where and how a planned training is computed at a site; `null`: by the engine. */
export function placeAt(
  site: WorkerSite | null,
  plan: Parameters<typeof placementOf>[0],
  recipe: Parameters<typeof placementAt>[2],
): Placement {
  return site === null ? placementOf(plan) : placementAt(site, plan, recipe);
}

/** Whether a recorded run was trained like those of a search, so that losses compare and checkpoints can be resumed. */
export function isTrainedAt(site: StoredSite | null, placement: Placement | null): boolean {
  if (placement?.kind !== "torch") return site === null;
  return site !== null && placement.device === site.device && placement.dtype === site.dtype;
}

/**
 * Rejects more trials at once than a site computes.
 *
 * @param threads of this machine
 * @throws {TunewiseError} `SEARCH_PARALLEL_TOO_MANY`
 */
export function requireSiteCapacity(
  { address, cards, placement: { device, processes } }: WorkerSite,
  parallel: number,
  threads: number,
): void {
  const refuse = (most: number, reason: string): never => {
    throw problem("SEARCH_PARALLEL_TOO_MANY", { parallel, most, reason });
  };
  if (parallel === 1) return;
  if (isRayAddress(address)) {
    if (parallel > processes)
      refuse(processes, `each needs a process, and ${processes} are to compute there`);
    return;
  }
  if (address !== "here") refuse(1, `${address} computes one run at a time`);
  if (device === "mps") refuse(1, "Apple's graphics processor computes one run at a time");
  if (device === "cuda" && parallel > cards.length)
    refuse(cards.length, `each needs a card, and the machine has ${cards.length}`);
  if (device === "cpu" && parallel > threads)
    refuse(threads, `each needs a thread, and the machine has ${threads}`);
}
