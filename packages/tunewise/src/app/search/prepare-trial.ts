/** @file Prepares a trial for training: the model, rows and plan of the recipe at a point of the search space. */
import { createHash } from "node:crypto";
import type { Seconds } from "@tunewise/core/quantity";
import type { Placement } from "@tunewise/core/run";
import { emptyMarket, type PlanInput, planRun } from "../../plan/index.ts";
import { findRecipeModel, type LoadedRecipe, type Prepared, prepare } from "../../prepare/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { SearchPoint } from "../../search/index.ts";
import { type PlannedRecipe, planRecipe, type WorkerSite } from "../plan/index.ts";
import { trainingSeconds } from "./search-money.ts";
import { placeAt } from "./search-site.ts";
import type { RecipeSpace } from "./space.ts";
import { variantOf } from "./variant.ts";

/** The common source of all trials. */
export interface TrialSource {
  /** The recipe, read and planned once. */
  readonly planned: PlannedRecipe;
  readonly space: RecipeSpace;
  readonly runtime: Runtime;
  /** The machine with the worker, or a trial's share of it; `null` for the engine. */
  readonly site: WorkerSite | null;
  /** Maximum time without a report from a trial while it trains. */
  readonly stallSeconds: Seconds | undefined;
}

/** A planned trial and its placement. The model's files are open. Its findings were shown before the search. */
export interface PreparedTrial extends PlannedRecipe {
  readonly placement: Placement;
  readonly stallSeconds: Seconds | undefined;
}

/** Number of simulated outcomes in a trial's plan, whose cost estimate is not used. */
const minOutcomes = 100;

/** Keys that do not affect rows, so that a trial can reuse the recipe's rows. */
const rowIndependent = /^(training\.|method\.|keep\.lambda$)/;

/**
 * Prepares a variant of the recipe. Reads rows again only if a hyperparameter affects them. Opens the model's files
 * again, because an execution closes them.
 *
 * @param isSlice whether the trial trains on a subset of the rows, which were checked before
 */
export async function prepareTrial(
  source: TrialSource,
  loaded: LoadedRecipe,
  knobs: readonly string[],
  isSlice = false,
): Promise<PreparedTrial> {
  const ready = await preparedAndInput(source, loaded, knobs, isSlice);
  const input = inputOf(ready.input, loaded);
  const plan = planRun(input);
  const placement = placeAt(source.site, plan, loaded.recipe);
  const { stallSeconds } = source;
  return { prepared: ready.prepared, input, plan, findings: [], placement, stallSeconds };
}

async function preparedAndInput(
  { planned, runtime }: TrialSource,
  loaded: LoadedRecipe,
  knobs: readonly string[],
  isSlice: boolean,
): Promise<Pick<PlannedRecipe, "prepared" | "input">> {
  if (!knobs.every((path) => rowIndependent.test(path))) {
    const { prepared, input } = await planRecipe(loaded, runtime);
    const { machine, own = null } = planned.input;
    return { prepared, input: { ...input, machine, own } };
  }
  const { input } = planned;
  if (isSlice) return { prepared: await prepareForTraining(loaded, runtime), input };
  const { recipe } = loaded;
  const model = await findRecipeModel(loaded, runtime);
  return { prepared: { ...planned.prepared, loaded, recipe, model }, input };
}

/**
 * Training time at a point relative to the recipe's own settings, according to the engine's plan even if the worker
 * computes. Returns 1 if the point is not a valid recipe. Plans each point once.
 */
export function costFactorAt({
  planned,
  space,
}: Pick<TrialSource, "planned" | "space">): (point: SearchPoint) => number {
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
 * The plan's input with another recipe, without rental prices, which are the same for all trials. A smaller training
 * set is a prefix of the rows.
 */
function inputOf(input: PlanInput, { recipe: given }: Pick<LoadedRecipe, "recipe">): PlanInput {
  const recipe = { ...given, plan: { ...given.plan, outcomes: minOutcomes } };
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

/**
 * Finds the model and reads the rows for a trial's own process. Does not check the data, which the search has done, or
 * prepare forgetting and safety, which only final runs measure.
 */
export async function prepareForTraining(loaded: LoadedRecipe, runtime: Runtime): Promise<Prepared> {
  const { recipe } = loaded;
  const bare = {
    ...recipe,
    checks: { ...recipe.checks, depth: "exact" as const, benchmarks: [] },
    forgetting: { ...recipe.forgetting, measure: false },
    safety: { ...recipe.safety, code: "off" as const, refusals: "off" as const },
  };
  const prepared = await prepare({ ...loaded, recipe: bare }, runtime);
  return { ...prepared, loaded, recipe };
}
