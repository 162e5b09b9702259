/**
 * @file Content of an `mlruns` folder that is not imported: traces, files that MLflow does not write, and links and
 * special files, which an untrusted folder may contain to make a reader open something else.
 *
 * @source mlflow/mlflow mlflow/store/tracking/file_store.py
 */
import type { Dirent } from "node:fs";
import { join, relative, sep } from "node:path";
import { type Damage, type NotCarried, Tally } from "../history.ts";
import { entriesOf, maxDepth, registryFolder, trash, versionFolder } from "./folder-files.ts";
import { unreadKind } from "./local-files.ts";

/** Lists what the other readers of the folder skip. Artifacts of runs are listed by the reader of files. */
export async function* leftoversIn(root: string): AsyncGenerator<NotCarried | Damage> {
  const [traces, files] = [new Tally("traces"), new Tally("files that are not MLflow's")];
  yield* walk(root, [], { root, traces, files });
  for (const tally of [traces, files]) if (tally.count > 0) yield tally.total();
}

interface Walk {
  readonly root: string;
  readonly traces: Tally;
  readonly files: Tally;
}

/** @param path names of the folders from the root to this one, without the trash folder */
async function* walk(folder: string, path: readonly string[], found: Walk): AsyncGenerator<Damage> {
  for (const entry of await entriesOf(folder)) {
    const { name } = entry;
    const full = join(folder, name);
    const shown = relative(found.root, full).split(sep).join("/");
    const inside = path.length === 0 && name === trash ? path : [...path, name];
    if (isFilesFolder(path, name)) continue;
    if (entry.isDirectory() && path.length === 1 && name === "traces") {
      for (const trace of await entriesOf(full)) if (trace.isDirectory()) found.traces.add(trace.name);
    } else if (entry.isDirectory() && path.length < maxDepth) yield* walk(full, inside, found);
    else if (entry.isDirectory())
      yield { kind: "damage", what: shown, reason: `it lies deeper than ${maxDepth} folders` };
    else if (!entry.isFile()) yield { kind: "damage", what: shown, reason: `it is ${unreadKind(entry)}` };
    else if (!isExpected(path, entry)) found.files.add(shown);
  }
}

/** Whether a folder contains artifacts: `EXPERIMENT/RUN/artifacts` or `EXPERIMENT/models/MODEL/artifacts`. */
function isFilesFolder(path: readonly string[], name: string): boolean {
  const isModel = path.length === 3 && path[1] === "models";
  return name === "artifacts" && path[0] !== registryFolder && (path.length === 2 || isModel);
}

/** Whether MLflow writes a file at this path: a document, or a value of a run, a model or a version. */
function isExpected(path: readonly string[], { name }: Dirent): boolean {
  const [top, , third = ""] = path;
  if (top === undefined) return false;
  const isDocument = name === "meta.yaml";
  if (top !== registryFolder)
    return isDocument || path.length > (path[1] === "models" ? 3 : 2) || path[1] === "tags";
  if (versionFolder.test(third)) return isDocument || path.length > 3;
  return (isDocument && path.length === 2) || third === "tags" || third === "aliases";
}
