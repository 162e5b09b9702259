/** @file Finds a run's parent, and the settings in which the two differ. */
import {
  findTrackedRunOrNull,
  type Reader,
  readAncestors,
  readParams,
  type TrackedRun,
} from "@tunewise/tracker";
import { type ShownText, type Some, shownText, some } from "./bounds.ts";

/**
 * Relation to the parent:
 * - `mlflow-parent`: the run that the client names as parent
 * - `repeat`: an earlier run of the same experiment
 * - `other-seed`: the same experiment with another seed
 * - `previous`: the previous run in the project
 */
export type ParentKind = "mlflow-parent" | "repeat" | "other-seed" | "previous";

/** A setting in which two runs differ; `null` for a run that lacks it. */
export interface Difference {
  readonly key: string;
  readonly own: ShownText | null;
  readonly parent: ShownText | null;
}

/** The parent of a run. */
export interface Parent {
  readonly id: string;
  readonly name: string;
  readonly kind: ParentKind;
  readonly differs: Some<Difference>;
}

const maxDifferences = 200;
const valueChars = 500;

/**
 * Finds the parent of a run, as named by its client or otherwise by similarity. Returns `null` if there is none.
 *
 * A parent in another project is not returned, because the reader may not be allowed to read that project.
 *
 * @param tags tags of the run
 */
export async function readParent(
  reader: Reader,
  run: TrackedRun,
  tags: ReadonlyMap<string, string>,
): Promise<Parent | null> {
  const found = await findParent(reader, run, tags);
  if (!found) return null;
  const [own, parent] = [await readParams(reader, run.number), await readParams(reader, found.run.number)];
  const { id, name } = found.run;
  return { id, name, kind: found.kind, differs: some(differencesOf(own, parent), maxDifferences) };
}

async function findParent(
  reader: Reader,
  run: TrackedRun,
  tags: ReadonlyMap<string, string>,
): Promise<{ readonly run: TrackedRun; readonly kind: ParentKind } | null> {
  const named = tags.get("mlflow.parentRunId");
  const parent = named === undefined ? null : await findTrackedRunOrNull(reader, named);
  if (parent && parent.project === run.project && parent.id !== run.id)
    return { run: parent, kind: "mlflow-parent" };
  const { same, family, previous } = await readAncestors(reader, run);
  if (same) return { run: same, kind: "repeat" };
  if (family) return { run: family, kind: "other-seed" };
  return previous ? { run: previous, kind: "previous" } : null;
}

function differencesOf(
  own: Readonly<Record<string, string>>,
  parent: Readonly<Record<string, string>>,
): Difference[] {
  const keys = [...new Set([...Object.keys(own), ...Object.keys(parent)])].sort();
  const shown = (value: string | undefined): ShownText | null =>
    value === undefined ? null : shownText(value, valueChars);
  return keys
    .filter((key) => own[key] !== parent[key])
    .map((key) => ({ key, own: shown(own[key]), parent: shown(parent[key]) }));
}
