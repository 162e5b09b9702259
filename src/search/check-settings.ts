/** @file Validates the settings of a search. */
import { problem } from "../problem/index.ts";
import { type Usd, usdText } from "../quantity/index.ts";
import { rungsOf } from "./promote/rungs.ts";
import type { SearchSettings } from "./settings.ts";
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
  checkMoney(settings);
  const { maxTrials, noise, seed } = settings;
  refuseUnless(Number.isSafeInteger(seed), "seed", seed, "it must be a whole number", "seed: 1");
  refuseUnless(
    maxTrials === undefined || (Number.isSafeInteger(maxTrials) && maxTrials > 0),
    ...([
      "max_trials",
      maxTrials,
      "it must be a whole number above 0",
      "Leave it out: the money decides",
    ] as const),
  );
  refuseUnless(
    noise === undefined || (noise >= 0 && Number.isFinite(noise)),
    ...([
      "noise",
      noise,
      "a standard deviation is not below 0",
      "Leave it out where it is not known",
    ] as const),
  );
}

function checkMoney({ money }: SearchSettings): void {
  const { budgetUsd, finalRunUsd, finalTrainingUsd = 0, idleUsd = 0, tickUsd } = money;
  refuseUnless(
    finalTrainingUsd >= 0 && 2 * finalTrainingUsd <= finalRunUsd,
    ...([
      "money.finalTrainingUsd",
      String(finalTrainingUsd),
      `two of it are part of the ${usdText(finalRunUsd)} kept back for the final runs`,
    ] as const),
    "Leave it out, or keep back more",
  );
  refuseUnless(
    idleUsd >= 0 && Number.isFinite(idleUsd),
    ...(["idle", String(idleUsd), "what is kept back is not below 0", "Leave it out"] as const),
  );
  refuseUnless(
    finalRunUsd >= 0 && finalRunUsd + idleUsd < budgetUsd,
    ...([
      "budget",
      usdText(budgetUsd),
      `${usdText((finalRunUsd + idleUsd) as Usd)} of it are kept back`,
    ] as const),
    "Raise the budget, or shorten the final run",
  );
  refuseUnless(
    tickUsd >= 0,
    "tick",
    usdText(tickUsd),
    "a tick costs nothing or something",
    "Meter more often",
  );
  for (const [key, { low, expected, high }] of [
    ["usd_per_hour", money.usdPerHour],
    ["seconds_per_unit", money.secondsPerUnit],
    ["start_seconds", money.startSeconds],
  ] as const) {
    const rises = low >= 0 && low <= expected && expected <= high && Number.isFinite(high);
    const found = `${low}, ${expected}, ${high}`;
    refuseUnless(rises, key, found, "low, expected and high must rise from 0 or above", "Give them in order");
  }
}

function refuseUnless(
  isFine: boolean,
  key: string,
  found: string | number | undefined,
  reason: string,
  fix: string,
): void {
  if (!isFine) throw problem("SEARCH_SETTING_INVALID", { key, found: String(found), reason, fix });
}
