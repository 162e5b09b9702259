/**
 * @file Finds earlier runs that count as trials of a search: runs with the same rows, model and recipe except for the
 * searched hyperparameters. They cost nothing.
 */
import { join } from "node:path";
import { isTraining, type Run, trialOf } from "@tunewise/core/run";
import { runFolderAt, type Store } from "@tunewise/tracker";
import { executedSpec, findState } from "../../executors/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration, readConfiguration } from "../../recipe/index.ts";
import type { Hyperparameter, HyperparameterValue, KnownRun, SearchPoint } from "../../search/index.ts";
import { settingsOf } from "../runs/index.ts";
import { isTrainedAt, type StoredSite } from "./search-site.ts";
import { type DerivedValues, pointOf, type RecipeSpace } from "./space.ts";
import { variantOf } from "./variant.ts";

/** Maximum number of runs to examine. */
const maxRuns = 1000;

/** The search that needs known runs. */
interface Searched {
  /** Folder of the record. */
  readonly output: string;
  readonly prepared: Prepared;
  readonly space: RecipeSpace;
  readonly open: DerivedValues;
  /** The worker that trains the search; `null` for the engine. */
  readonly site: StoredSite | null;
}

/**
 * Returns known runs that were trained like the search's trials, newest first. A hyperparameter that removes rows
 * changes the data fingerprint, so no earlier run matches.
 */
export async function findKnownRuns(
  store: Store,
  { output, prepared, space, open, site }: Searched,
): Promise<KnownRun[]> {
  const { dataFingerprint, model } = prepared;
  const known = new Map<string, KnownRun>();
  for (const run of await store.listRuns({ dataFingerprint, limit: maxRuns })) {
    if (run.modelRevision !== model.revision || !isCandidate(run)) continue;
    const point = pointOfRun(run, prepared, space, open);
    const key = JSON.stringify(point);
    if (point === null || known.has(key)) continue;
    const spec = await executedSpec(join(output, run.folder));
    if (!isTrainedAt(site, spec?.placement ?? null)) continue;
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

/** Whether a run is a completed training run, or a paused trial of another search. */
function isCandidate(run: Run): boolean {
  if (isTraining(run)) return run.status === "completed";
  return trialOf(run) !== null && (run.status === "stopped" || run.status === "interrupted");
}

/** The point of the search space that matches a run's recipe; `null` if there is none. */
function pointOfRun(
  run: Run,
  { loaded }: Prepared,
  recipeSpace: RecipeSpace,
  open: DerivedValues,
): SearchPoint | null {
  const { recipe } = readConfiguration(run.configuration, "configuration.json");
  if (recipe === null) return null;
  const point = pointOf(recipe, recipeSpace, open);
  const isOwn = JSON.stringify(point) === JSON.stringify(recipeSpace.defaults);
  const isInside = Object.entries(recipeSpace.space).every(([path, knob]) =>
    contains(knob, point[path] as HyperparameterValue),
  );
  if (!isOwn && !isInside) return null;
  const variant = variantOf(loaded, recipeSpace, point).loaded;
  if (variant === null) return null;
  const [wanted, found] = [effectiveConfiguration(variant.recipe), run.configuration].map(trainingOf);
  return wanted === found ? point : null;
}

function contains(knob: Hyperparameter, value: HyperparameterValue): boolean {
  if (knob.kind === "choice") return knob.values.includes(value);
  return typeof value === "number" && value >= knob.low && value <= knob.high;
}

/** Settings that determine the training and the rows of its evaluation. */
function trainingOf(configuration: string): string {
  const settings = Object.entries(settingsOf(configuration));
  return JSON.stringify(
    settings.filter(([path]) => !/^(forgetting|safety|evaluation\.decoding)\b/.test(path)),
  );
}

/**
 * The run's losses by fraction of its steps, or `null` if none counts.
 *
 * @param from minimum fraction of the steps of a loss that counts: only the end if rungs are slices of the rows
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
