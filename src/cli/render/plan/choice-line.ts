/** @file Why a place is recommended: what it trades, money for time, in the figures of the table above it. */
import type { PlaceEstimate, Plan } from "../../../plan/index.ts";
import { plain } from "../place.ts";
import { briefMoney, briefTime } from "./ranges.ts";

/** One sentence; empty where no place is both quicker and more expensive. */
export function choiceLine({ places, best, tradeOff }: Plan): string {
  const cheaper = tradeOff ? places[tradeOff.cheaper] : undefined;
  const quicker = tradeOff ? places[tradeOff.quicker] : undefined;
  if (!tradeOff || !cheaper?.seconds || !quicker?.seconds) return "";
  const { usdPerHourSaved, costOfDelayUsdPerHour: delay } = tradeOff;
  const isWorth = best === tradeOff.quicker && usdPerHourSaved < delay;
  const isDear = best === tradeOff.cheaper && usdPerHourSaved > delay;
  const link = isWorth ? "less than" : isDear ? "more than" : "beside";
  return (
    `${takes(cheaper)}, or ${takes(quicker)}: an hour saved costs ${briefMoney(usdPerHourSaved)}, ` +
    `${link} the ${briefMoney(delay)} that an hour of waiting is worth (--cost-of-delay)`
  );
}

function takes(place: PlaceEstimate): string {
  const time = place.seconds ? briefTime(place.seconds.expected) : "an unknown time";
  return `${time} for ${briefMoney(place.runUsd.expected)} on ${nameOf(place)}`;
}

function nameOf({ kind, name, pricing, provider }: PlaceEstimate): string {
  if (kind === "here") return "this machine";
  return `${plain(name)}${pricing === "spot" ? " spot" : ""} (${plain(provider)})`;
}
