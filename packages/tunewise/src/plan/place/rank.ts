/** @file Ranks the placements of a plan: this machine, those that fit by total cost, then the others. */
import { usd } from "@tunewise/core/quantity";
import type { Market } from "../input.ts";
import { estimateHosted, estimatePlace, type Spending } from "./estimate.ts";
import type { Fitted } from "./fit.ts";
import type { Job } from "./job.ts";
import { estimateOwn } from "./own.ts";
import type { HostedPlacement, OwnMachine, PlaceEstimate, Placement } from "./place.ts";
import { type Patience, type Recommendation, recommend, runsWaitedFor } from "./recommend.ts";

/** Max. machines considered, the cheapest of each kind first. */
const maxPlaces = 400;

/** Host memory in addition to the model: the system, Python and one process. */
const hostBesides = 8e9;

/** Min. devices of a machine in a cluster, and the cluster sizes to try. */
const machineOfCluster = 8;
const clusterSizes = [2, 4, 8] as const;

/** Ranked placements with the recommendation. */
interface RankedPlaces extends Recommendation {
  readonly places: readonly PlaceEstimate[];
}

/** Estimates and ranks all placements. */
export function rankPlaces(
  { here, own }: { readonly here: PlaceEstimate; readonly own: OwnMachine | null },
  job: Job,
  market: Market,
  spending: Spending,
  { epochs, ...patience }: Omit<Patience, "runs"> & { readonly epochs: number },
): RankedPlaces {
  const known = new Map<string, { fitted: Fitted; change: string | null }>();
  const single = cheapestOfEach(market.machines, job).map((place) =>
    estimatePlace(job, place, spending, known),
  );
  const clusters = clustersFor(job, market.machines, single);
  const rented = [...single, ...clusters.map((place) => estimatePlace(job, place, spending, known))];
  const hosted = hostedFor(job, market.hosted).map((offer) => estimateHosted(job, offer, epochs, spending));
  const others = [...rented, ...hosted].sort(compare);
  const places = [here, ...(own ? [estimateOwn(job, own, spending)] : []), ...others];
  return { places, ...recommend(places, { ...patience, runs: runsWaitedFor(spending.assumed) }) };
}

/** Vendors that offer training for this model size; they only train adapters. */
function hostedFor({ model, trained }: Job, hosted: readonly HostedPlacement[]): HostedPlacement[] {
  const { total } = model.parameters;
  return trained.kind === "full"
    ? []
    : hosted.filter(
        ({ parametersAbove, parametersUpTo }) =>
          total > parametersAbove && total <= (parametersUpTo ?? Number.POSITIVE_INFINITY),
      );
}

/** Clusters, if a single machine is too small; only large machines have a suitable network. */
function clustersFor(
  job: Job,
  machines: readonly Placement[],
  single: readonly PlaceEstimate[],
): Placement[] {
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
 * Selects one machine per device, count and pricing: the cheapest whose host memory suffices for loading the model,
 * else the cheapest.
 */
function cheapestOfEach(machines: readonly Placement[], { model, stack }: Job): Placement[] {
  const loaded = stack.computeBytes * model.parameters.total + hostBesides;
  const isRoomy = ({ offer }: Placement): boolean =>
    offer.memoryBytes === null || offer.memoryBytes >= loaded;
  const chosen = new Map<string, Placement>();
  for (const place of machines) {
    const { device, offer } = place;
    const key = `${device.name} ${offer.deviceCount} ${offer.pricing}`;
    const known = chosen.get(key);
    const isBetter =
      known === undefined ||
      (isRoomy(place) === isRoomy(known) ? offer.usdPerHour < known.offer.usdPerHour : isRoomy(place));
    if (isBetter) chosen.set(key, place);
  }
  return [...chosen.values()].sort((a, b) => a.offer.usdPerHour - b.offer.usdPerHour).slice(0, maxPlaces);
}

/** Position of each fit in the ranking. */
const fitOrder: Readonly<Record<PlaceEstimate["fits"], number>> = { yes: 0, tight: 1, no: 2 };

/** Every rank rule in order of precedence: negative if `a` ranks first, 0 to leave it to the next rule. */
const rankRules: readonly ((a: PlaceEstimate, b: PlaceEstimate) => number)[] = [
  (a, b) => fitOrder[a.fits] - fitOrder[b.fits],
  (a, b) => (a.total && b.total ? a.total.p50 - b.total.p50 : a.usdPerHour - b.usdPerHour),
];

function compare(a: PlaceEstimate, b: PlaceEstimate): number {
  for (const rule of rankRules) {
    const order = rule(a, b);
    if (order !== 0) return order;
  }
  return 0;
}
