/** @file The rungs of a search: the amounts of training after which trials are compared. */
import { problem } from "../../problem/index.ts";
import type { PromotionName, RungSettings } from "../settings.ts";

/** Default reduction factor: one in this many trials of a rung is promoted. */
export const defaultFactor = 3;

/**
 * Computes the rungs in ascending units of training; the last one is a full run.
 *
 * They are counted down from the full run, each shorter by the factor, while they stay at or above the minimum, so
 * that the last step is complete. If both ends are integers, so are the rungs.
 *
 * @throws {TunewiseError} `SEARCH_SETTING_INVALID` if the ends are not ascending and above 0, or the factor is not
 *   above 1
 * @source Li et al. 2020 (arXiv 1810.05934), section 3.1: rungs at r, r * eta, r * eta^2, up to R
 */
export function rungsOf(settings: RungSettings, promotion: PromotionName): number[] {
  const { minimum, maximum } = settings;
  const factor = settings.factor ?? defaultFactor;
  const found = `${minimum} to ${maximum} by ${factor}`;
  if (!(minimum > 0 && Number.isFinite(maximum) && minimum <= maximum)) {
    throw problem("SEARCH_SETTING_INVALID", {
      key: "rungs",
      found,
      reason: "the lowest rung must be above 0 and not above a full run",
      fix: "Give the units of training of the shortest trial and of a full run",
    });
  }
  if (!(factor >= 1.5 && factor <= 100)) {
    throw problem("SEARCH_SETTING_INVALID", {
      key: "rungs.factor",
      found,
      reason: "each rung must be 1.5 to 100 times as long as the one below",
      fix: "Leave the factor out, or use 3",
    });
  }
  if (promotion === "none") return [maximum];
  const whole = Number.isInteger(minimum) && Number.isInteger(maximum);
  const rungs: number[] = [];
  for (let units = maximum; units >= minimum * (1 - 1e-9); units /= factor) {
    const rung = whole ? Math.max(1, Math.round(units)) : units;
    if (rung !== rungs[0]) rungs.unshift(rung);
  }
  return rungs;
}
