/**
 * @file The end of a search: its best settings and the recipe's own trained to the end and judged on the same test
 * rows, row by row.
 */

import { join } from "node:path";
import { compareWays, metricKinds } from "../../evaluate/index.ts";
import type { Usd } from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { FinalScore, SearchRate } from "../../report/index.ts";
import type { EventBody, RunStatus } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import { readJudgedRows } from "../../scoring/index.ts";
import { runFolderAt } from "../../track/index.ts";
import { type BegunRun, finish, train, withSession } from "../train/index.ts";
import type { PreparedTrial } from "./prepare-trial.ts";
import { capOf } from "./train-stretch.ts";

/** How a final run is made. */
export interface FinalRequest {
  /** What the run may cost in all, its stretches included. */
  readonly capUsd: Usd;
  readonly rate: SearchRate;
  /** Whether the base, forgetting and safety are looked at too: once for a search is enough. */
  readonly isWhole: boolean;
}

/** Goes on with a trial's run from where it was paused, to its end, and judges it as any run. */
export async function finishTrial(
  place: BegunRun,
  { prepared, plan }: PreparedTrial,
  { capUsd, rate, isWhole }: FinalRequest,
  host: Host,
  watch: (event: EventBody) => void,
): Promise<RunStatus> {
  const capped = { ...prepared.recipe, budget: capOf(capUsd, rate) };
  const recipe = isWhole ? capped : withoutExtras(capped);
  const forgetting = isWhole ? prepared.forgetting : null;
  const request = { ...place, prepared: { ...prepared, recipe, forgetting }, plan, host, watch };
  const { status } = await withSession(request, async (session) => finish(session, await train(session)));
  return status;
}

function withoutExtras(recipe: Recipe): Recipe {
  return {
    ...recipe,
    evaluation: { ...recipe.evaluation, base: false, byHeart: 0 },
    safety: { ...recipe.safety, code: "off", refusals: "off" },
  };
}

/**
 * The winner minus the recipe's own settings on the rows that both were judged on; `null` where one was not judged, or
 * on other rows.
 */
export async function compareFinals(
  output: string,
  own: string,
  winner: string,
  recipe: Recipe,
): Promise<readonly FinalScore[] | null> {
  const read = (run: string) => readJudgedRows(runFolderAt(join(output, "runs", run)));
  const [before, after] = [await read(own), await read(winner)];
  if (before === null || after === null) return null;
  if (JSON.stringify(before.questions) !== JSON.stringify(after.questions)) return null;
  return recipe.task.metrics.flatMap((metric) => {
    const [from, to] = [before.outcomes[metric], after.outcomes[metric]];
    if (!from || !to) return [];
    const alone = (rows: typeof from): number => metricKinds[metric].aggregate(rows, null);
    const difference = compareWays(metric, [from], [to], { seed: recipe.search.seed });
    return [{ metric, ...difference, own: alone(from), winner: alone(to) }];
  });
}
