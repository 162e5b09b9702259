/** @file Selects the steps to trace next, so that the recommendation is based on traces. */
import { findDevice } from "../../catalog/index.ts";
import type { PlanInput } from "../input.ts";
import { type Fitted, layoutsOf, type Room, tryLayout } from "../place/fit.ts";
import { type Job, jobOf } from "../place/job.ts";
import { ownJob } from "../place/own.ts";
import type { PlaceEstimate } from "../place/place.ts";
import type { Plan } from "../plan.ts";
import { traceRequestOf } from "./request.ts";
import { type TraceRequest, traceKey } from "./trace.ts";

/** Max. machines whose steps are traced in one round. */
const machinesOfRound = 3;

/**
 * Selects the steps to trace next: for the recommended machine, and for the cheapest others that may fit, the fastest
 * layout that may fit and is not traced. If the user has own cards, only those are considered.
 *
 * @param input with the traces so far
 * @returns none once the recommendation and its alternatives are based on traces, or if nothing can be traced
 */
export function wantedTraces(input: PlanInput, plan: Plan): TraceRequest[] {
  const job = jobOf({ ...input, schedule: plan.schedule });
  const wanted = new Map<string, TraceRequest>();
  const seen = new Set<string>();
  const { own } = input;
  for (const place of own ? plan.places.filter(({ kind }) => kind === "own") : inOrder(plan)) {
    const room = roomOfPlace(place);
    if (room === null) continue;
    const key = `${room.device.name} ${room.devices}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > machinesOfRound) break;
    const request = nextTrace(own ? ownJob(job, own) : job, room);
    if (request !== null) wanted.set(traceKey(request), request);
  }
  return [...wanted.values()];
}

/** The recommended machine, its alternative, and the others that may fit, cheapest run first. */
function inOrder({ places, best, tradeOff }: Plan): PlaceEstimate[] {
  const named = [best, tradeOff?.cheaper, tradeOff?.quicker].flatMap((at) =>
    at === null || at === undefined ? [] : (places[at] ?? []),
  );
  const possible = places.filter(
    ({ kind, memory }) => kind === "rented" && memory !== null && mayFit(memory),
  );
  return [...named, ...possible.toSorted((a, b) => a.runUsd.expected - b.runUsd.expected)].filter(
    ({ kind }) => kind === "rented",
  );
}

function mayFit({ bytes, usableBytes }: NonNullable<PlaceEstimate["memory"]>): boolean {
  return bytes.low <= usableBytes;
}

function roomOfPlace({ device: name, deviceCount: devices, memory }: PlaceEstimate): Room | null {
  const { device } = findDevice(name);
  return device === null || memory === null ? null : { device, devices, usableBytes: memory.usableBytes };
}

/**
 * The fastest layout of a machine that may fit and is not traced; `null` if a faster one is traced and certainly fits.
 */
export function nextTrace(job: Job, room: Room): TraceRequest | null {
  const tried = layoutsOf(job, room)
    .map((layout) => tryLayout(job, room, layout))
    .filter(({ memory }) => memory.process.low <= room.usableBytes)
    .toSorted((a, b) => secondsOf(a) - secondsOf(b));
  const first = tried.find(({ by, fits }) => by === "rules" || fits === "yes");
  if (first === undefined || first.by === "traced") return null;
  return traceRequestOf(job, room.device, room.devices, first.layout);
}

function secondsOf({ speed }: Fitted): number {
  return speed.stepSeconds.expected;
}
