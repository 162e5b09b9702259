/**
 * @file A trial made ready to train: model, rows and plan of the recipe at a point of the space.
 */
import { createHash } from "node:crypto";
import { emptyMarket, type Plan, type PlanInput, planRun } from "../../plan/index.ts";
import { findModel, type LoadedRecipe, type Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import type { SearchPoint } from "../../search/index.ts";
import { type PlannedRecipe, planRecipe } from "../plan/index.ts";
import { prepareApart } from "./prepare-apart.ts";
import { trainingSeconds } from "./search-money.ts";
import type { RecipeSpace } from "./space.ts";
import { variantOf } from "./variant.ts";

/** What trials are made from. */
export interface TrialSource {
  /** The recipe itself, read and planned once. */
  readonly planned: PlannedRecipe;
  readonly space: RecipeSpace;
  readonly host: Host;
}

/** Model, rows and plan; the model's files are open. */
export interface PreparedTrial {
  readonly prepared: Prepared;
  readonly plan: Plan;
}

/** Simulated outcomes of a trial's plan, whose money is not looked at. */
const fewestOutcomes = 100;

/** Keys that change no row: what was read for the recipe holds for such a trial. */
const rowless = /^(training\.|method\.|keep\.lambda$)/;

/**
 * Makes a variant of the recipe ready. Rows are read again only where a knob decides about rows; the model's files are
 * opened anew, since a sitting closes them.
 *
 * @param isSlice whether it trains on fewer of the same rows, which were checked already
 */
export async function prepareTrial(
  { planned, host }: TrialSource,
  loaded: LoadedRecipe,
  knobs: readonly string[],
  isSlice = false,
): Promise<PreparedTrial> {
  if (isSlice && knobs.every((path) => rowless.test(path))) {
    return { prepared: await prepareApart(loaded, host), plan: planRun(inputOf(planned.input, loaded)) };
  }
  if (!knobs.every((path) => rowless.test(path))) {
    const { prepared, input } = await planRecipe(loaded, host);
    return { prepared, plan: planRun(inputOf({ ...input, machine: planned.input.machine }, loaded)) };
  }
  const { recipe, folder } = loaded;
  const model = await findModel(recipe.model.source, recipe.model.revision, folder, host);
  const prepared = { ...planned.prepared, loaded, recipe, model };
  return { prepared, plan: planRun(inputOf(planned.input, loaded)) };
}

/**
 * How many times as long a whole training takes at a point as with the recipe's settings; 1 where the point cannot be
 * read. A point is planned once.
 */
export function costFactorOf({ planned, space }: TrialSource): (point: SearchPoint) => number {
  const known = new Map<string, number>();
  const own = trainingSeconds(planned.plan).expected;
  const factorOf = (point: SearchPoint): number => {
    const { loaded } = variantOf(planned.prepared.loaded, space, point);
    if (loaded === null || own <= 0) return 1;
    return trainingSeconds(planRun(inputOf(planned.input, loaded))).expected / own;
  };
  return (point) => {
    const key = JSON.stringify(point);
    const factor = known.get(key) ?? factorOf(point);
    known.set(key, factor);
    return factor;
  };
}

/**
 * The plan's input with another recipe, for this machine alone: what renting another one would cost was asked once, and
 * is no matter of single trials. Fewer training rows are the first of them.
 */
function inputOf(input: PlanInput, { recipe: given }: Pick<LoadedRecipe, "recipe">): PlanInput {
  const recipe = { ...given, plan: { ...given.plan, outcomes: fewestOutcomes } };
  const rows = recipe.data.rows.train ?? input.lengths.train.length;
  const recipeFingerprint = createHash("sha256").update(effectiveConfiguration(recipe)).digest("hex");
  return {
    ...input,
    recipe,
    market: emptyMarket,
    isSearched: true,
    lengths: { ...input.lengths, train: input.lengths.train.slice(0, rows) },
    basis: { ...input.basis, recipeFingerprint },
  };
}
