/** @file Validates the settings of a search. */

import { type Usd, usdText } from "@tunewise/core/quantity";
import { problem } from "../problem/index.ts";
import { rungsOf } from "./promote/rungs.ts";
import type { SearchMoney, SearchSettings } from "./settings.ts";
import { axesOf } from "./space/axis.ts";
import { checkPoint, checkSpace } from "./space/check-space.ts";

/**
 * Rejects settings that no search can start with.
 *
 * @throws {TunewiseError} `SEARCH_SETTING_INVALID` for an impossible space, ladder or budget;
 *   `SEARCH_POINT_INVALID` for defaults outside the space
 */
export function checkSettings(settings: SearchSettings): void {
  checkSpace(settings.space);
  checkPoint(axesOf(settings.space), settings.defaults, true);
  rungsOf(settings.rungs, settings.promotion ?? "asha");
  for (const [isFine, key, found, reason, fix] of [
    ...moneyChecks(settings.money),
    ...otherChecks(settings),
  ]) {
    if (!isFine) throw problem("SEARCH_SETTING_INVALID", { key, found: String(found), reason, fix });
  }
}

/** Whether a setting is valid; its key, its value, what is wrong with it, and how to fix it. */
type Check = readonly [boolean, string, string | number | undefined, string, string];

function otherChecks({ maxTrials, noise, seed }: SearchSettings): Check[] {
  const isCount = maxTrials === undefined || (Number.isSafeInteger(maxTrials) && maxTrials > 0);
  const isSpread = noise === undefined || (noise >= 0 && Number.isFinite(noise));
  const leaveOut = "Leave it out if unknown";
  return [
    [Number.isSafeInteger(seed), "seed", seed, "it must be a whole number", "seed: 1"],
    [
      isCount,
      "max_trials",
      maxTrials,
      "it must be a whole number above 0",
      "Leave it out: the budget then decides",
    ],
    [isSpread, "noise", noise, "a standard deviation must be 0 or more", leaveOut],
  ];
}

function moneyChecks(money: SearchMoney): Check[] {
  const { budgetUsd, finalRunUsd, finalTrainingUsd = 0, idleUsd = 0, tickUsd } = money;
  const isPart = finalTrainingUsd >= 0 && 2 * finalTrainingUsd <= finalRunUsd;
  const part = `twice this amount must be within the ${usdText(finalRunUsd)} reserved for the final runs`;
  const isKept = idleUsd >= 0 && Number.isFinite(idleUsd);
  const isEnough = finalRunUsd >= 0 && finalRunUsd + idleUsd < budgetUsd;
  const kept = `${usdText((finalRunUsd + idleUsd) as Usd)} of it is reserved`;
  const shorten = "Raise the budget, or shorten the final run";
  const ranges = Object.entries({
    usd_per_hour: money.usdPerHour,
    seconds_per_unit: money.secondsPerUnit,
    start_seconds: money.startSeconds,
  }).map(([key, { low, expected, high }]): Check => {
    const rises = low >= 0 && low <= expected && expected <= high && Number.isFinite(high);
    const found = `${low}, ${expected}, ${high}`;
    return [rises, key, found, "low, expected and high must rise from 0 or above", "Give them in order"];
  });
  return [
    [isPart, "money.finalTrainingUsd", finalTrainingUsd, part, "Leave it out, or reserve more"],
    [isKept, "idle", idleUsd, "a reserve must be 0 or more", "Leave it out"],
    [isEnough, "budget", usdText(budgetUsd), kept, shorten],
    [tickUsd >= 0, "tick", usdText(tickUsd), "the cost of a tick must be 0 or more", "Meter more often"],
    ...ranges,
  ];
}
