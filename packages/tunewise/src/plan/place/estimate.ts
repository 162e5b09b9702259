/** @file Estimates one placement: whether the job fits, its duration, and its total cost. */
import {
  type Bytes,
  bytesText,
  countOf,
  type Range,
  range,
  type Seconds,
  seconds,
  usd,
} from "@tunewise/core/quantity";
import { groundsOf } from "../evidence.ts";
import type { SpendAssumptions } from "../money/assumptions.ts";
import type { Draws } from "../money/draws.ts";
import { freeRun, type RunSpend, simulateSpend } from "../money/simulate.ts";
import { certain, type Factor, mapRange, rangeOf, sumRanges, times } from "../range-arithmetic.ts";
import { heldFormats, hostBytes } from "../stack/states.ts";
import { changeToFit } from "./change.ts";
import { rentConstants } from "./constants.ts";
import { durationOf } from "./duration.ts";
import { type Fitted, fitJob, type Room, roomOf } from "./fit.ts";
import type { Job } from "./job.ts";
import type { HostedPlacement, PlaceEstimate, PlaceMemory, Placement } from "./place.ts";

/** Inputs of the cost, independent of the placement. */
export interface Spending {
  readonly assumed: SpendAssumptions;
  readonly draws: Draws;
}

/** Estimates a rented machine. `known` caches the layouts of equal devices. */
export function estimatePlace(
  job: Job,
  { offer, device, own }: Placement,
  spending: Spending,
  known: Map<string, { fitted: Fitted; change: string | null }>,
): PlaceEstimate {
  const room = roomOf(device, offer.deviceCount, offer.deviceMemoryBytes);
  const each = offer.deviceCount / (offer.machines ?? 1);
  const key = `${device.name} ${room.devices} ${room.usableBytes}`;
  const found = known.get(key) ?? laidOut(job, room);
  known.set(key, found);
  const { fitted, change } = found;
  const memory = memoryOf(fitted, room, hostBytes(fitted.worst, each), offer.memoryBytes);
  const isHostTooSmall = memory.hostUsableBytes !== null && memory.hostBytes > memory.hostUsableBytes;
  const fits = isHostTooSmall && fitted.fits === "yes" ? "tight" : fitted.fits;
  const duration = durationOf(job, fitted, device, own !== undefined);
  const run: RunSpend = {
    ...duration,
    usdPerHour: offer.usdPerHour / 1e6,
    rework: offer.pricing === "spot" ? rentConstants.spotRework : certain(1),
    usdPerRun: 0,
  };
  const time = times(sumRanges([duration.train, duration.judge, duration.start]), run.rework);
  return {
    name: nameOf(offer, device.name),
    ...(own === undefined
      ? { kind: "rented", provider: offer.provider, instance: offer.instance, pricing: offer.pricing }
      : { kind: "own", provider: "own", instance: own, pricing: "own" }),
    region: offer.region,
    device: device.name,
    deviceCount: offer.deviceCount,
    usdPerHour: offer.usdPerHour,
    price: offer.source,
    memory,
    restsOn: groundsOf(job, device.name, { by: fitted.by, tokensPerSecond: job.tokensPerSecond }),
    fits,
    change: fits === "tight" && isHostTooSmall ? `${bytesText(memory.hostBytes)} of host memory` : change,
    layout: fitted.layout,
    seconds: secondsOf(time),
    runUsd: rangeOf(
      mapRange(time, (length) => (run.usdPerHour * length) / 3600),
      usd,
    ),
    total: fits === "no" ? null : simulateSpend(run, spending.assumed, spending.draws),
  };
}

function nameOf({ machines = 1, deviceCount }: Placement["offer"], device: string): string {
  const each = `${deviceCount / machines}x ${device}`;
  return machines > 1 ? `${countOf(machines, "machine")} of ${each}` : each;
}

function laidOut(job: Job, room: Room): { fitted: Fitted; change: string | null } {
  const fitted = fitJob(job, room);
  return { fitted, change: fitted.fits === "yes" ? null : changeToFit(job, room) };
}

function memoryOf(
  { memory, worst }: Fitted,
  { usableBytes }: Room,
  host: Bytes,
  hostUsable: Bytes | null,
): PlaceMemory {
  const biggest = memory.peak.terms.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  return {
    bytes: memory.process,
    usableBytes,
    hostBytes: host,
    hostUsableBytes: hostUsable,
    biggestTerm: biggest.name,
    phase: memory.peak.name,
    formats: heldFormats(worst),
    terms: memory.peak.terms,
  };
}

function secondsOf(time: Factor): Range<Seconds> {
  return range(seconds(time.low), seconds(time.expected), seconds(time.high));
}

/**
 * Estimates hosted training, billed by tokens of all epochs and validations, or by rows times the maximum length.
 *
 * @source planning reference, section 7.2: billed tokens = epochs x training + evaluations x validation
 */
export function estimateHosted(
  job: Job,
  offer: HostedPlacement,
  epochs: number,
  spending: Spending,
): PlaceEstimate {
  const one = job.padded(1);
  const trainTokens = one.count * one.length * (1 - one.paddedShare);
  const validation = job.validation.reduce((sum, { tokens }) => sum + tokens, 0);
  const billed =
    offer.billing === "padded-rows"
      ? (epochs * one.count + job.evaluations * job.validation.length) * job.maxLength
      : epochs * trainTokens + job.evaluations * validation;
  const perRun = (billed / 1e6) * (offer.usdPerMillionTokens / 1e6);
  const run: RunSpend = { ...freeRun, usdPerRun: perRun };
  return {
    kind: "hosted",
    name: offer.vendor,
    provider: offer.vendor,
    instance: offer.name,
    region: "",
    pricing: "per-token",
    device: "",
    deviceCount: 0,
    usdPerHour: usd(0),
    price: offer.source,
    memory: null,
    restsOn: null,
    fits: "yes",
    change: null,
    layout: null,
    seconds: null,
    runUsd: rangeOf(certain(perRun), usd),
    total: simulateSpend(run, spending.assumed, spending.draws),
  };
}
