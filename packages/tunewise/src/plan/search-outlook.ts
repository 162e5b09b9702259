/** @file Estimates the cost of searching the learning rate, shown if it has not been searched yet. */
import { cost, range, type Seconds, seconds, type Usd, usd } from "@tunewise/core/quantity";
import type { Schedule, SearchOutlook, TimeEstimate } from "./plan.ts";

/**
 * A default search: nine trials for a ninth of the steps; one in three continues to a third, and one of those to the
 * end.
 */
const usual = { trials: 9, rungs: [1 / 9, 1 / 3, 1], factor: 3, rangeSteps: 60, rangePaysFrom: 10 } as const;

/**
 * Estimates a search from the times of the run on this machine.
 *
 * @param isSearched whether trials of this model on these rows were recorded
 * @returns `null` if the rate was already searched, or there are no evaluations to compare
 * @source Li et al. 2020 (arXiv 1810.05934), section 3.1: trials and amounts of training at the rungs
 */
export function searchOutlook(
  time: TimeEstimate,
  { steps, evaluations }: Pick<Schedule, "steps" | "evaluations">,
  usdPerHour: Usd,
  isSearched: boolean,
): SearchOutlook | null {
  if (isSearched || steps === 0 || evaluations === 0) return null;
  const { rungs, trials, factor } = usual;
  const trainings = rungs.reduce(
    (sum, end, at) => sum + Math.floor(trials / factor ** at + 1e-9) * (end - (rungs[at - 1] ?? 0)),
    0,
  );
  const stretches = rungs.reduce((sum, _, at) => sum + Math.floor(trials / factor ** at + 1e-9), 0);
  const part = (end: "low" | "expected" | "high", names: readonly string[]): number =>
    time.parts.filter(({ name }) => names.includes(name)).reduce((sum, one) => sum + one.seconds[end], 0);
  const at = (end: "low" | "expected" | "high"): Seconds =>
    seconds(
      trainings * part(end, ["train", "save"]) +
        stretches * (part(end, ["start", "importance"]) + part(end, ["validate"]) / evaluations),
    );
  const length = range(at("low"), at("expected"), at("high"));
  const money = (span: Seconds): Usd => (usdPerHour > 0 ? cost(usdPerHour, span) : usd(0));
  const isLong = steps >= usual.rangePaysFrom * usual.rangeSteps;
  return {
    trials,
    seconds: length,
    usd: range(money(length.low), money(length.expected), money(length.high)),
    timesRun: time.seconds.expected > 0 ? length.expected / time.seconds.expected : 0,
    rangeTest: isLong
      ? {
          steps: usual.rangeSteps,
          seconds: seconds(
            (usual.rangeSteps / steps) * part("expected", ["train"]) + part("expected", ["start"]),
          ),
        }
      : null,
  };
}
