/** @file The placements of a plan as rows: this machine, the best few, the fastest, a vendor, near misses. */

import { type Bytes, bytesText, usdText } from "@tunewise/core/quantity";
import type { PlaceEstimate, Plan } from "../../../plan/index.ts";
import { plain } from "../terminal.ts";
import { shortMoney, shortTime } from "./ranges.ts";

/** Which placements a card shows. */
export type PlacesShown = "few" | "all";

/** Maximum rows of the short table by kind. */
const most = { fitting: 6, hosted: 2, misfits: 2 } as const;

/** Rows, with a mark on the recommended one. */
export function placeRows(plan: Plan, shown: PlacesShown): string[][] {
  const places = shown === "all" ? plan.places : few(plan);
  const best = plan.best === null ? undefined : plan.places[plan.best];
  return places.map((place) => [place === best ? ">" : " ", ...cellsOf(place)]);
}

function few({ places }: Plan): PlaceEstimate[] {
  const [here, ...others] = places;
  const fitting = others.filter(({ kind, fits }) => kind === "rented" && fits === "yes");
  const devices = firstOfEach(fitting, ({ device }) => device).slice(0, most.fitting);
  const fastest = fitting.reduce<PlaceEstimate | null>(
    (a, b) => (a === null || (b.seconds?.expected ?? 0) < (a.seconds?.expected ?? 0) ? b : a),
    null,
  );
  const hosted = others.filter(({ kind }) => kind === "hosted").slice(0, most.hosted);
  const misfits = firstOfEach(
    others.filter(({ kind, fits }) => kind === "rented" && fits !== "yes"),
    ({ device }) => device,
  );
  const near = [...misfits].sort((a, b) => Number(b.change !== null) - Number(a.change !== null));
  const chosen = [
    ...(here ? [here] : []),
    ...others.filter(({ kind }) => kind === "own"),
    ...devices,
    ...(fastest && isMuchFaster(fastest, devices) ? [fastest] : []),
    ...hosted,
    ...near.slice(0, fitting.length === 0 ? most.fitting : most.misfits),
  ];
  return places.filter((place) => chosen.includes(place));
}

/** Maximum share of the other placements' time that counts as much faster. */
const muchFaster = 0.6;

function isMuchFaster(place: PlaceEstimate, others: readonly PlaceEstimate[]): boolean {
  const time = ({ seconds }: PlaceEstimate): number => seconds?.expected ?? Number.POSITIVE_INFINITY;
  return others.every((other) => time(place) < muchFaster * time(other));
}

function firstOfEach<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function cellsOf(place: PlaceEstimate): string[] {
  const { fits, memory, seconds, runUsd, total, change } = place;
  const size = memory === null ? "" : sizeOf(memory.bytes.expected, memory.usableBytes);
  const money = total === null || isFree(place) ? "" : `${usdText(total.p50)} (${usdText(total.p90)})`;
  if (fits === "no") return [whereOf(place), fits, size, remedy(change), "", ""];
  const time = seconds === null ? "not stated" : shortTime(seconds);
  return [
    whereOf(place),
    fits,
    size,
    time,
    isFree(place) ? "no price" : shortMoney(runUsd),
    money,
    fits === "tight" ? (change ?? "") : "",
  ];
}

/** Whether a placement is this machine, without a price and any other cost, so that only time matters. */
function isFree({ kind, usdPerHour, total }: PlaceEstimate): boolean {
  return kind === "here" && usdPerHour === 0 && !total?.p90;
}

/** Short name of a placement: `1x L4 here`, `1x L4 spot, aws`. */
export function whereOf({ kind, usdPerHour, name, pricing, provider, instance }: PlaceEstimate): string {
  if (kind === "here") return `this machine${usdPerHour > 0 ? ` at ${usdText(usdPerHour)}/h` : ""}`;
  if (kind === "own") return `${plain(name)} ${instance === "here" ? "here" : `at ${plain(instance)}`}`;
  if (kind === "hosted") return `${plain(name)} (hosted)`;
  return `${plain(name)} ${pricing === "spot" ? "spot, " : ""}${plain(provider)}`;
}

/** `17.5 of 25.4 GB`, with the unit only once if both have the same. */
function sizeOf(needed: Bytes, usable: Bytes): string {
  const [left, right] = [bytesText(needed), bytesText(usable)];
  const unit = / \w+$/.exec(right)?.[0] ?? "";
  return `${left.endsWith(unit) ? left.slice(0, -unit.length) : left} of ${right}`;
}

function remedy(change: string | null): string {
  return change === null ? "no setting makes it fit" : `fits with ${change}`;
}
