/**
 * @file Where a search trains: with the engine here, or with the PyTorch worker here or on another machine. An
 * unfinished search continues where it began.
 */

import type { Seconds } from "@tunewise/core/quantity";
import type { Placement, TorchPlacement } from "@tunewise/core/run";
import { isRayAddress } from "../../executors/index.ts";
import { problem } from "../../problem/index.ts";
import { placementAt, placementOf, type WorkerSite } from "../plan/index.ts";

/** The machine with the worker that the command requests. */
export interface RequestedSite {
  /** `null` for the engine. */
  readonly site: WorkerSite | null;
  /** Chooses between the engine and the worker here for a new search; `null` if the command determines it. */
  readonly choose: (() => Promise<Placement["kind"]>) | null;
  /** Maximum time without a report from a trial while it trains; defaults to half an hour. */
  readonly stallSeconds?: Seconds | undefined;
}

/** The worker with which a search began, as stored. Trials with other precisions are not comparable. */
export type StoredSite = Pick<WorkerSite, "address"> & Pick<TorchPlacement, "device" | "dtype">;

/** An unfinished search. */
interface Unfinished {
  readonly id: string;
  /** `null` if the engine trains it. */
  readonly site: StoredSite | null;
}

/**
 * Resolves the site of a search: that of the unfinished search, or the requested one.
 *
 * @param path path of the recipe
 * @throws {TunewiseError} `SEARCH_SITE_CHANGED` if the command requests another site
 */
export async function settleSite(
  unfinished: Unfinished | null,
  { site, choose }: RequestedSite,
  path: string,
): Promise<WorkerSite | null> {
  if (unfinished === null) return choose === null || (await choose()) === "torch" ? site : null;
  const { id, site: begun } = unfinished;
  if (begun === null && (site === null || choose !== null)) return null;
  const asked = site && storedSite(site);
  if (begun !== null && asked !== null && siteText(begun) === siteText(asked)) return site;
  throw problem("SEARCH_SITE_CHANGED", {
    search: id,
    begun: siteText(begun),
    asked: siteText(asked),
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

/** The command-line flags that select a site. */
export function siteFlags({ address }: Pick<WorkerSite, "address">): string {
  return address === "here" ? "--worker torch" : `--on ${address}`;
}

/** Placement of a planned training at a site; `null` selects the engine. */
export function placeAt(
  site: WorkerSite | null,
  plan: Parameters<typeof placementOf>[0],
  recipe: Parameters<typeof placementAt>[2],
): Placement {
  return site === null ? placementOf(plan) : placementAt(site, plan, recipe);
}

/**
 * Whether a recorded run was trained like those of a search, so that losses are comparable and checkpoints can be
 * resumed.
 */
export function isTrainedAt(site: StoredSite | null, placement: Placement | null): boolean {
  if (placement?.kind !== "torch") return site === null;
  return site !== null && placement.device === site.device && placement.dtype === site.dtype;
}

/**
 * Refuses more parallel trials than a site supports.
 *
 * @param threads threads of this machine
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
      refuse(processes, `each needs a process, and the cluster would run ${processes}`);
    return;
  }
  if (address !== "here") refuse(1, `${address} runs one trial at a time`);
  if (device === "mps") refuse(1, "an Apple GPU runs one trial at a time");
  if (device === "cuda" && parallel > cards.length)
    refuse(cards.length, `each needs a GPU, and the machine has ${cards.length}`);
  if (device === "cpu" && parallel > threads)
    refuse(threads, `each needs a thread, and the machine has ${threads}`);
}
