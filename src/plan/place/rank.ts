/**
 * @file All places of a plan in order: this machine, what fits by its total, what does not.
 */
import { usd } from "../../quantity/index.ts";
import type { Market } from "../input.ts";
import { estimateHosted, estimatePlace, type Spending } from "./estimate.ts";
import type { Fitted } from "./fit.ts";
import type { Job } from "./job.ts";
import type { HostedPlace, Place, PlaceEstimate } from "./place.ts";
import { type Patience, type Recommendation, recommend, runsWaitedFor } from "./recommend.ts";

/** Most machines of a market that are looked at: the cheapest of each kind come first. */
const mostPlaces = 400;

/** What a host holds beside the model: the system, Python and one process. */
const hostBesides = 8e9;

/** Devices of a machine that may be part of a cluster, and how many such machines are tried. */
const machineOfCluster = 8;
const clusterSizes = [2, 4, 8] as const;

/** Places in order, and which of them is recommended. */
export interface RankedPlaces extends Recommendation {
  readonly places: readonly PlaceEstimate[];
}

/** Estimates every place and ranks them. */
export function rankPlaces(
  here: PlaceEstimate,
  job: Job,
  market: Market,
  epochs: number,
  spending: Spending,
  patience: Omit<Patience, "runs">,
): RankedPlaces {
  const known = new Map<string, { fitted: Fitted; change: string | null }>();
  const single = cheapestOfEach(market.machines, job).map((place) =>
    estimatePlace(job, place, spending, known),
  );
  const clusters = clustersFor(job, market.machines, single);
  const rented = [...single, ...clusters.map((place) => estimatePlace(job, place, spending, known))];
  const hosted = hostedFor(job, market.hosted).map((offer) => estimateHosted(job, offer, epochs, spending));
  const others = [...rented, ...hosted].sort(compare);
  const places = [here, ...others];
  return { places, ...recommend(places, { ...patience, runs: runsWaitedFor(spending.assumed) }) };
}

/** Vendors whose row is for a model of this size; they train adapters. */
function hostedFor({ model, trained }: Job, hosted: readonly HostedPlace[]): HostedPlace[] {
  const { total } = model.parameters;
  return trained.kind === "full"
    ? []
    : hosted.filter(
        ({ parametersAbove, parametersUpTo }) =>
          total > parametersAbove && total <= (parametersUpTo ?? Number.POSITIVE_INFINITY),
      );
}

/** Machines taken together where one of them is too small: only large ones have a network for it. */
function clustersFor(job: Job, machines: readonly Place[], single: readonly PlaceEstimate[]): Place[] {
  if (single.some(({ fits, deviceCount }) => fits === "yes" && deviceCount >= machineOfCluster)) return [];
  if (job.sharding !== "auto" && job.sharding !== "fsdp" && job.sharding !== "zero-3") return [];
  const large = machines.filter(
    ({ offer, device }) => offer.deviceCount >= machineOfCluster && device.link === "nvlink",
  );
  return cheapestOfEach(large, job).flatMap(({ offer, device }) =>
    clusterSizes.map((count) => ({
      device,
      offer: {
        ...offer,
        machines: count,
        deviceCount: count * offer.deviceCount,
        usdPerHour: usd((count * offer.usdPerHour) / 1e6),
      },
    })),
  );
}

/**
 * One machine of each device, count and pricing: the cheapest whose host can hold the model while it is loaded, else
 * the cheapest.
 */
function cheapestOfEach(machines: readonly Place[], { model }: Job): Place[] {
  const loaded = 2 * model.parameters.total + hostBesides;
  const isRoomy = ({ offer }: Place): boolean => offer.memoryBytes === null || offer.memoryBytes >= loaded;
  const chosen = new Map<string, Place>();
  for (const place of machines) {
    const { device, offer } = place;
    const key = `${device.name} ${offer.deviceCount} ${offer.pricing}`;
    const known = chosen.get(key);
    const isBetter =
      known === undefined ||
      (isRoomy(place) === isRoomy(known) ? offer.usdPerHour < known.offer.usdPerHour : isRoomy(place));
    if (isBetter) chosen.set(key, place);
  }
  return [...chosen.values()].sort((a, b) => a.offer.usdPerHour - b.offer.usdPerHour).slice(0, mostPlaces);
}

function compare(a: PlaceEstimate, b: PlaceEstimate): number {
  const order = { yes: 0, tight: 1, no: 2 };
  if (a.fits !== b.fits) return order[a.fits] - order[b.fits];
  if (a.total && b.total) return a.total.p50 - b.total.p50;
  return a.usdPerHour - b.usdPerHour;
}
