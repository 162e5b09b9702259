/**
 * @file Runs of before a search that are trials of it already: the recipe in everything but the knobs, on the same rows
 * and model. They are taken from the record and cost nothing.
 */
import { join } from "node:path";
import { findState } from "../../executors/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration, readConfiguration } from "../../recipe/index.ts";
import type { Run } from "../../run/index.ts";
import type { Hyperparameter, HyperparameterValue, KnownRun, SearchPoint } from "../../search/index.ts";
import { runFolderAt, type Store } from "../../track/index.ts";
import { isTraining, settingsOf, trialOf } from "../runs/index.ts";
import { type LeftOpen, pointOf, type RecipeSpace } from "./space.ts";
import { variantOf } from "./variant.ts";

/** How many runs are looked through. */
const looked = 1000;

/**
 * Known runs, newest first. Rows that a knob takes away make another fingerprint of the data: with such a knob none is
 * known.
 */
export async function knownRuns(
  store: Store,
  output: string,
  prepared: Prepared,
  space: RecipeSpace,
  open: LeftOpen,
): Promise<KnownRun[]> {
  const { dataFingerprint, model } = prepared;
  const known = new Map<string, KnownRun>();
  for (const run of await store.listRuns({ dataFingerprint, limit: looked })) {
    if (run.modelRevision !== model.revision || !mayCount(run)) continue;
    const point = samePoint(run, prepared, space, open);
    const key = JSON.stringify(point);
    if (point === null || known.has(key)) continue;
    const found = await knownRun(
      store,
      output,
      run,
      point,
      prepared.recipe.search.fidelity === "rows" ? 1 : 0,
    );
    if (found !== null) known.set(key, found);
  }
  return [...known.values()];
}

/** Whole trainings, and trials of other searches that were paused. */
function mayCount(run: Run): boolean {
  if (isTraining(run)) return run.status === "completed";
  return trialOf(run) !== null && (run.status === "stopped" || run.status === "interrupted");
}

/** The point at which the recipe is this run; `null`: it is not, wherever the knobs stand. */
function samePoint(
  run: Run,
  { loaded }: Prepared,
  recipeSpace: RecipeSpace,
  open: LeftOpen,
): SearchPoint | null {
  const { recipe } = readConfiguration(run.configuration, "configuration.json");
  if (recipe === null) return null;
  const point = pointOf(recipe, recipeSpace, open);
  const isOwn = JSON.stringify(point) === JSON.stringify(recipeSpace.defaults);
  const isInside = Object.entries(recipeSpace.space).every(([path, knob]) =>
    holds(knob, point[path] as HyperparameterValue),
  );
  if (!isOwn && !isInside) return null;
  const variant = variantOf(loaded, recipeSpace, point).loaded;
  if (variant === null) return null;
  const [wanted, found] = [effectiveConfiguration(variant.recipe), run.configuration].map(trainingOf);
  return wanted === found ? point : null;
}

function holds(knob: Hyperparameter, value: HyperparameterValue): boolean {
  if (knob.kind === "choice") return knob.values.includes(value);
  return typeof value === "number" && value >= knob.low && value <= knob.high;
}

/** Settings that decide what is trained and on which rows it is judged. */
function trainingOf(configuration: string): string {
  const settings = Object.entries(settingsOf(configuration));
  return JSON.stringify(
    settings.filter(([path]) => !/^(forgetting|safety|evaluation\.decoding)\b/.test(path)),
  );
}

/**
 * The run's losses by share of its steps; `null` where it has none that counts.
 *
 * @param from share of the steps from which on they count: only the end does where rungs are slices of the rows
 */
async function knownRun(
  store: Store,
  output: string,
  run: Run,
  point: SearchPoint,
  from: number,
): Promise<KnownRun | null> {
  const events = await store.events(run.id);
  const start = events.findLast(({ kind }) => kind === "run-start");
  if (start?.kind !== "run-start" || start.steps === 0) return null;
  const { steps } = start;
  const losses = await store.metricHistory(run.id, "validation/loss");
  const curve = losses.flatMap(({ step, value }) =>
    Number.isFinite(value) && step / steps >= from ? [[step / steps, value] as const] : [],
  );
  if (curve.length === 0) return null;
  const saved =
    run.status === "completed" ? null : await findState(runFolderAt(join(output, "runs", run.id)));
  return { kind: "known-run", run: run.id, point, curve, savedAt: (saved?.info.step ?? 0) / steps };
}
