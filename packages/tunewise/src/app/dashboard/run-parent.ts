/** @file Where a run comes from, and the settings in which it differs from that. */
import {
  findTrackedRunOrNull,
  type Reader,
  readAncestors,
  readParams,
  type TrackedRun,
} from "@tunewise/tracker";
import { type ShownText, type Some, shownText, some } from "./bounds.ts";

/**
 * `mlflow-parent` the run that its client names · `repeat` the same experiment before · `other-seed` the same but for
 * what is chance · `previous` the run before it in its project.
 */
export type ParentKind = "mlflow-parent" | "repeat" | "other-seed" | "previous";

/** A setting in which two runs differ; `null`: one of them does not have it. */
export interface Difference {
  readonly key: string;
  readonly own: ShownText | null;
  readonly parent: ShownText | null;
}

/** The run that another one comes from. */
export interface Parent {
  readonly id: string;
  readonly name: string;
  readonly kind: ParentKind;
  readonly differs: Some<Difference>;
}

const differencesMost = 200;
const valueChars = 500;

/**
 * The parent of a run, as its client names it, else by what both are; `null`: there is none.
 *
 * A parent of another project is not told: who may read this one may not be allowed to read that.
 *
 * @param tags of the run
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
  return { id, name, kind: found.kind, differs: some(differencesOf(own, parent), differencesMost) };
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
