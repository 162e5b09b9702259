/** @file `tunewise/plan`: loads a recipe, estimates memory, time and cost, and approves the plan for a run. */
import { resolve } from "node:path";
import type { PlannedRecipe } from "../app/plan/index.ts";
import { findEarlierRuns } from "../app/runs/index.ts";
import { packageVersion } from "../catalog/index.ts";
import { type Finding, TunewiseError } from "../problem/index.ts";
import { createRuntime as createNodeRuntime, type Runtime } from "../runtime/index.ts";

export {
  type ApprovedPlan,
  approve,
  type Consent,
  type PlannedRecipe,
  type PlanResult,
  planRecipe,
  planWithoutWeights,
} from "../app/plan/index.ts";
export { type Plan, readPlan, writePlan } from "../plan/index.ts";
export { type LoadedRecipe, loadRecipe, type RecipeOverrides } from "../prepare/index.ts";
export { type Finding, type ProblemCode, TunewiseError } from "../problem/index.ts";
export type { Recipe } from "../recipe/index.ts";
export type { Runtime } from "../runtime/index.ts";

/**
 * Options of `createRuntime`.
 *
 * @example
 * import { createRuntime, type RuntimeOptions } from "tunewise/plan";
 *
 * const options: RuntimeOptions = { signal: AbortSignal.timeout(60_000) };
 * console.log(createRuntime(options).signal.aborted); // false
 */
export interface RuntimeOptions {
  /** Folder that relative paths are resolved against. Default: the working directory of the process. */
  readonly cwd?: string;
  /** Abort it to interrupt a run; the run saves a checkpoint first. Default: never aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Creates the environment that every function runs in: working directory, clock, environment variables, network and
 * processes of this machine. Opens and sends nothing until a function needs it.
 *
 * @returns the runtime to pass to other functions; clocks are in seconds, sizes in bytes
 * @example
 * import { createRuntime } from "tunewise/plan";
 *
 * const runtime = createRuntime({ cwd: "/srv/tickets" });
 * console.log(runtime.cwd); // /srv/tickets
 */
export function createRuntime({ cwd = ".", signal }: RuntimeOptions = {}): Runtime {
  return createNodeRuntime(resolve(cwd), signal ?? new AbortController().signal, packageVersion());
}

/**
 * Finds earlier runs in the same output folder that a planned run would repeat. Call it before anything is spent.
 *
 * @returns `RUN_DUPLICATE` (error) if the same experiment ran or is running; `runRecipe` refuses such a run unless
 *   `force` gives a reason. `RUN_SEED_ALONE` and `RUN_NEAR_DUPLICATE` (warnings) for runs that differ only in the seed
 *   or in one setting. Empty if no run is similar.
 * @throws {TunewiseError} `SHARED_BUDGET_SPENT` if a budget of the recipe's project is used up
 * @example
 * import { createRuntime, findDuplicates, loadRecipe, planRecipe } from "tunewise/plan";
 *
 * const runtime = createRuntime();
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml", runtime), runtime);
 * for (const { code } of await findDuplicates(planned, runtime)) console.log(code); // RUN_SEED_ALONE
 */
export async function findDuplicates({ prepared }: PlannedRecipe, runtime: Runtime): Promise<Finding[]> {
  try {
    return await findEarlierRuns(prepared, runtime, null, "look");
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "RUN_DUPLICATE") throw error;
    const { code, kind, message: detail, fix } = error;
    return [{ code, severity: "error", title: kind.title, detail, where: [], count: 1, fix }];
  }
}
