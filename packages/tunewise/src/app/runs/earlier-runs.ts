/** @file Compares a new run with earlier ones, so that nobody pays twice for the same run unintentionally. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Usd, usdText } from "@tunewise/core/quantity";
import { isTraining, type Run } from "@tunewise/core/run";
import { checkSharedBudgets, type Store, storePath } from "@tunewise/tracker";
import { compareSettings } from "../../guard/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { type Finding, problem, TunewiseError } from "../../problem/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { isDead } from "./dead-runs.ts";
import { decisiveSettings, experimentOf } from "./experiment.ts";
import { withStore } from "./find-run.ts";

/** Maximum number of earlier runs to compare. */
const maxCompared = 500;
/** Maximum number of findings. */
const maxFindings = 3;

/**
 * Searches the record for duplicates before anything is spent.
 *
 * @param purpose `run` records a refusal; `look` does not, because no run was requested
 * @returns findings about runs that differ only in the seed or in one setting
 * @throws {TunewiseError} `RUN_DUPLICATE` if the same experiment was completed or is running, unless `force` gives a
 *   reason; `SHARED_BUDGET_SPENT`
 */
export async function findEarlierRuns(
  prepared: Prepared,
  runtime: Runtime,
  force: string | null,
  purpose: "run" | "look" = "run",
): Promise<Finding[]> {
  const { recipe, loaded, model, dataFingerprint } = prepared;
  const output = resolve(loaded.folder, recipe.output);
  if (!existsSync(storePath(output))) return [];
  const now = experimentOf(prepared, effectiveConfiguration(recipe), runtime.versions["tunewise"] ?? "");
  return withStore(runtime, output, async (store) => {
    await requireSharedBudget(store, recipe.name, runtime);
    const related = (await store.listRuns({ dataFingerprint, limit: maxCompared })).filter(
      (run) => run.modelRevision === model.revision && isComparable(run),
    );
    const findings: Finding[] = [];
    for (const run of related) {
      const kinship = compareSettings(decisiveSettings(prepared, run.configuration), now.settings);
      const isSame = kinship.kind === "same" && !(await isDead(run, output, runtime));
      if (isSame && force === null) {
        if (purpose === "run") await noteRefused(store, run, now.fingerprint, runtime);
        throw await duplicateProblem(store, run);
      }
      if (kinship.kind === "seed" || kinship.kind === "near") {
        const apart = kinship.kind === "near" ? kinship.apart : null;
        findings.push(await nearFinding(store, run, apart));
      }
    }
    return findings.slice(0, maxFindings);
  });
}

/**
 * Refuses a prepared run if a shared budget is spent.
 *
 * @throws {TunewiseError} `SHARED_BUDGET_SPENT`
 */
export async function requireBudgetLeft({ recipe, loaded }: Prepared, runtime: Runtime): Promise<void> {
  const output = resolve(loaded.folder, recipe.output);
  if (!existsSync(storePath(output))) return;
  await withStore(runtime, output, (store) => requireSharedBudget(store, recipe.name, runtime));
}

/**
 * Refuses a run if a shared budget is spent.
 *
 * @throws {TunewiseError} `SHARED_BUDGET_SPENT`
 */
export async function requireSharedBudget(store: Store, project: string, runtime: Runtime): Promise<void> {
  const { budgets } = await store.standing(project, null, runtime.now().getTime());
  const verdict = checkSharedBudgets(budgets);
  if (verdict.act === "stop") throw problem("SHARED_BUDGET_SPENT", { sentence: verdict.sentence });
}

/** Failed and stopped runs may be repeated, so they are not compared. */
function isComparable(run: Run): boolean {
  const { status } = run;
  return isTraining(run) && (status === "completed" || status === "running");
}

/** Records a refusal. If the store cannot, the duplicate is refused anyway. */
export async function noteRefused(
  store: Pick<Store, "noteRefusal">,
  earlier: Run,
  fingerprint: string,
  runtime: Pick<Runtime, "now">,
): Promise<void> {
  const ms = runtime.now().getTime();
  await store.noteRefusal({ ms, person: "", fingerprint, earlier: earlier.id }).catch((error: unknown) => {
    if (!TunewiseError.is(error)) throw error;
  });
}

/** The error for a duplicate, with result and cost of the earlier run. */
export async function duplicateProblem(store: Store, run: Run): Promise<TunewiseError> {
  const result =
    (await resultOf(store, run)) ?? (run.status === "running" ? "it is still running" : "it has no score");
  const price = usdText(run.spentMicroUsd as Usd);
  return problem("RUN_DUPLICATE", { id: run.id, date: run.createdAt.slice(0, 10), result, price });
}

async function nearFinding(
  store: Store,
  run: Run,
  apart: { readonly setting: string; readonly before: string | null; readonly now: string | null } | null,
): Promise<Finding> {
  const result = (await resultOf(store, run)) ?? "it has no score yet";
  const difference = apart
    ? `${apart.setting} (${apart.before ?? "not set"} there, ${apart.now ?? "not set"} here)`
    : "its seed";
  return {
    code: apart ? "RUN_NEAR_DUPLICATE" : "RUN_SEED_ALONE",
    severity: "warning",
    title: apart ? "One setting apart from an earlier run" : "The same as an earlier run but for the seed",
    detail: `Run ${run.id} differs in ${difference} alone: ${result}, for ${usdText(run.spentMicroUsd as Usd)}.`,
    where: [],
    count: 1,
    fix: apart
      ? `look whether a difference would show outside that interval: tunewise runs show ${run.id}`
      : "several seeds show how much of a difference is chance; compare them with tunewise compare",
  };
}

/** For example `accuracy 0.702 (0.655 to 0.744)`; `null` without a score. */
async function resultOf(store: Store, run: Run): Promise<string | null> {
  const scores = await store.scores(run.id);
  const tuned = scores.find(({ arm }) => arm === "tuned");
  if (!tuned) return null;
  const interval =
    tuned.low === null || tuned.high === null
      ? ""
      : ` (${tuned.low.toPrecision(3)} to ${tuned.high.toPrecision(3)})`;
  return `${tuned.metric} ${tuned.value.toPrecision(3)}${interval}`;
}
