/** @file Finds the arms of a recipe that can run on this machine, and reports what the others lack. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Example } from "@tunewise/core/rows";
import { isTraining, type Run, trainingOf } from "@tunewise/core/run";
import { openRuns, runFolderAt, type Store, storePath } from "@tunewise/tracker";
import { type Arm, type ArmLine, armLines, curveLines } from "../../baselines/index.ts";
import { dataFingerprintOf, type LoadedRecipe, type Prepared } from "../../prepare/index.ts";
import { type Finding, findingOf, problem } from "../../problem/index.ts";
import { effectiveConfiguration, type Recipe, readConfiguration } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type FoundRun, settingsOf } from "../runs/index.ts";

/** Arms with their runs. */
export interface FoundArms {
  readonly lines: readonly ArmLine[];
  /** By the arm's id. */
  readonly runs: ReadonlyMap<string, FoundRun>;
  readonly findings: readonly Finding[];
}

/**
 * Excludes arms that cannot answer. Each gets a finding that states what it needs.
 *
 * @throws {TunewiseError} `ARMS_NONE`
 */
export async function findArms(prepared: Prepared, runtime: Runtime): Promise<FoundArms> {
  const { environment } = runtime;
  const runs = new Map<string, FoundRun>();
  const findings: Finding[] = [];
  const lines: ArmLine[] = [];
  const leaveOut = (line: ArmLine, reason: string, fix: string): void => {
    findings.push(findingOf("ARM_LEFT_OUT", "warning", { arm: line.name, reason, fix }, [], 1));
  };
  for (const line of [...armLines(prepared.recipe), ...curveLines(curveSizes(prepared))]) {
    const [first] = line.candidates;
    const run = await runBehind(first, prepared, runtime);
    if (first.model === "tuned" && run === null) {
      leaveOut(line, "no completed run has the settings of this recipe", "tunewise try --train");
    } else if (run !== null && !hasSameBaseFormat(run.run, prepared.recipe)) {
      leaveOut(
        line,
        `${run.run.id} stores its base model in another format`,
        "set method.kind to that of the run",
      );
    } else if (first.model === "api" && !hasKey(first.endpoint?.key ?? null, environment)) {
      const key = first.endpoint?.key ?? "";
      leaveOut(line, `the environment variable ${key} is not set`, `export ${key}=...`);
    } else if (first.model === "api" && prepared.examples.test.some(usesTools)) {
      const fix = "remove the arm from the recipe, or use test rows without tools";
      leaveOut(line, "test rows have tools, which are not sent to endpoints yet", fix);
    } else {
      lines.push(line);
      if (run !== null) for (const arm of line.candidates) runs.set(arm.id, run);
    }
  }
  const [missing] = findings;
  if (lines.length === 0 && missing) {
    const { detail, fix } = missing;
    throw problem("ARMS_NONE", { count: findings.length, first: detail, fix });
  }
  return { lines, runs, findings };
}

async function runBehind(arm: Arm, prepared: Prepared, runtime: Runtime): Promise<FoundRun | null> {
  if (arm.model !== "tuned") return null;
  const rows = arm.trainedRows;
  return findTrainedRun(
    rows === null ? prepared : await preparedOnFewerRows(prepared, rows, runtime),
    arm.run,
  );
}

function usesTools({ messages, tools }: Example): boolean {
  return tools !== undefined || messages.some(({ toolCalls }) => toolCalls !== undefined);
}

function hasKey(name: string | null, environment: Runtime["environment"]): boolean {
  return name === null || (environment[name] ?? "") !== "";
}

/** Maximum number of runs to examine. */
const maxRuns = 1000;

/** Training runs on the same data whose models were scored on the test rows. */
export async function scoredRuns(output: string, dataFingerprint: string): Promise<Run[]> {
  if (!existsSync(storePath(output))) return [];
  const store = await openRuns(output);
  try {
    const runs = await store.listRuns({ dataFingerprint, limit: maxRuns });
    return runs.filter((run) => Object.keys(trainingOf(run)?.tuned ?? {}).length > 0);
  } finally {
    await store.close();
  }
}

/** Finds the training run in the recipe's output folder. Returns `null` if there is none. */
export async function findTrainedRun(
  prepared: Pick<Prepared, "loaded" | "recipe" | "model" | "dataFingerprint">,
  named: string | null = null,
): Promise<FoundRun | null> {
  const output = resolve(prepared.loaded.folder, prepared.recipe.output);
  if (named === null && !existsSync(storePath(output))) return null;
  const store = await openRuns(output);
  try {
    return await findTunedRun(store, output, prepared, named);
  } finally {
    await store.close();
  }
}

/** Returns the newest completed run with the recipe's training settings, ignoring the seed, or `null`. */
async function findTunedRun(
  store: Store,
  output: string,
  prepared: Pick<Prepared, "recipe" | "model" | "dataFingerprint">,
  named: string | null,
): Promise<FoundRun | null> {
  const found = named === null ? await newest(store, prepared) : await store.findRun(named);
  return found && { run: found, output, folder: runFolderAt(join(output, "runs", found.id)) };
}

async function newest(
  store: Store,
  { recipe, model, dataFingerprint }: Pick<Prepared, "recipe" | "model" | "dataFingerprint">,
): Promise<Run | null> {
  const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: maxRuns });
  const wanted = trainingSettings(effectiveConfiguration(recipe));
  return (
    runs.find(
      (run) =>
        isTraining(run) &&
        run.modelRevision === model.revision &&
        trainingSettings(run.configuration) === wanted,
    ) ?? null
  );
}

/** Settings that determine the trained weights, as text. Excludes the seed and evaluation settings. */
function trainingSettings(configuration: string): string {
  const { recipe } = readConfiguration(configuration, "configuration.json");
  if (recipe === null) return configuration;
  const settings = Object.entries(settingsOf(effectiveConfiguration(recipe))).filter(
    ([path]) => path !== "training.seed" && !/^(evaluation|forgetting|safety|task\.metrics)\b/.test(path),
  );
  return JSON.stringify(settings);
}

/**
 * Whether a run uses the base model in the same format (quantized or not) as this recipe, so that both can share it.
 */
export function hasSameBaseFormat(run: Run, { method }: Recipe): boolean {
  const { recipe } = readConfiguration(run.configuration, "configuration.json");
  return recipe !== null && (recipe.method.kind === "qlora") === (method.kind === "qlora");
}

/** Minimum training rows for a point of the learning curve. */
const minRows = 8;

/** Limits the recipe to its first `rows` training rows. */
function withTrainRows(loaded: LoadedRecipe, rows: number): LoadedRecipe {
  const { recipe } = loaded;
  const data = { ...recipe.data, rows: { ...recipe.data.rows, train: rows } };
  return { ...loaded, recipe: { ...recipe, data } };
}

/** Training-set sizes of the learning curve, ascending, without the full set. */
export function curveSizes({ recipe, examples }: Pick<Prepared, "recipe" | "examples">): number[] {
  const all = examples.train.length;
  const sizes = recipe.decision.learningCurve.map((share) => Math.round(share * all));
  return [...new Set(sizes)].filter((rows) => rows >= minRows && rows < all).sort((a, b) => a - b);
}

/** One recipe per point of the learning curve. */
export function curveRecipes(prepared: Pick<Prepared, "loaded" | "recipe" | "examples">): LoadedRecipe[] {
  return curveSizes(prepared).map((rows) => withTrainRows(prepared.loaded, rows));
}

/** The inputs that identify a run on that many rows. */
export async function preparedOnFewerRows(
  prepared: Prepared,
  rows: number,
  runtime: Runtime,
): Promise<Pick<Prepared, "loaded" | "recipe" | "model" | "dataFingerprint">> {
  const loaded = withTrainRows(prepared.loaded, rows);
  const dataFingerprint = await dataFingerprintOf(loaded, runtime, prepared.reference);
  return { loaded, recipe: loaded.recipe, model: prepared.model, dataFingerprint };
}
