/**
 * @file A version's source as a path of this machine. Only a server that shares its folder with clients takes one, for
 * MLflow's own tests; and only with the run or the model whose files it names.
 *
 * @source CVE-2023-1177, CVE-2023-2780; mlflow/mlflow mlflow/server/handlers.py, _validate_source_run
 */
import { posix } from "node:path";
import { pathToFileURL } from "node:url";
import type { ArtifactPlaces } from "../places.ts";
import { MlflowError } from "../refuse.ts";
import type { AskedSource } from "./asked-source.ts";

/**
 * The address of a source that is a path, by its letters alone; `null` for any other source, and on a server that
 * shares no folder.
 *
 * @throws {MlflowError} for a path without a run and a model, and for one of another machine
 */
export function localAddress({ own }: ArtifactPlaces, asked: AskedSource): string | null {
  if (!own.startsWith("file:")) return null;
  const [, host = "", path] = /^(?:file:(?:\/\/([^/]*))?)?(\/.*)$/i.exec(asked.source) ?? [];
  if (path === undefined) return null;
  if (host !== "" && host !== "localhost") {
    throw new MlflowError("INTERNAL_ERROR", `${asked.source.slice(0, 200)} is not a valid remote uri.`);
  }
  if (asked.run === null && asked.model === null) throw refusedPath(asked);
  return pathToFileURL(posix.normalize(path).replace(/(?<=.)\/$/, "")).href;
}

/** The error for a path that is none of the run's or the model's. */
export function refusedPath({ source, model }: AskedSource): MlflowError {
  const owner = model === null ? "run" : "model";
  return new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `Invalid model version source: '${source.slice(0, 200)}'. To use a local path as a model version source, the ` +
      `${owner}_id request parameter has to be specified, and the path has to lie in the artifact directory of that ` +
      `${owner}.`,
  );
}
