/**
 * @file Converts a path given by a client to the key of a file, which always lies inside its run's folder.
 *
 * @source the negative tests of MLflow's CVE-2023-6831, -6909, -6977, -6753, -6976, CVE-2023-3765, CVE-2025-11201
 */

import type { HttpError } from "../../http/index.ts";
import { artifactKey, findTrackedRun, type Reader, readProjectsOf } from "../../index.ts";
import { problem } from "../../problem/index.ts";
import { requireRunId } from "./find.ts";
import { invalidParameter } from "./refuse.ts";

/** The error for a forbidden path. @source mlflow/mlflow mlflow/utils/uri.py, validate_path_is_safe */
export function invalidPath(): HttpError {
  return invalidParameter("Invalid path");
}

/**
 * Returns the key of a path inside a folder, or of the folder itself if the path is empty.
 *
 * @throws {HttpError} for a forbidden path
 */
export function keyInside(folder: string, path: string | undefined): string {
  const bare = (path ?? "").replace(/\/$/, "");
  if (bare === "" || bare === ".") return folder;
  const key = artifactKey(bare);
  if (key === null) throw invalidPath();
  return `${folder}/${key}`;
}

/** Target of a path of the proxy. */
export interface ProxiedPath {
  readonly key: string;
  /** Folder of the run, model or trace. */
  readonly folder: string;
  /** Whether the run is deleted, so that nothing may be written to it. */
  readonly isDeleted: boolean;
}

/**
 * Returns the key of a path of the proxy: `<experiment>/<run>/artifacts/...` of an existing run,
 * `<experiment>/models/<model>/artifacts/...`, or the same with `traces` of an existing trace.
 *
 * @throws {HttpError} for any other path
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `TRACE_NOT_FOUND`
 */
export async function proxiedKey(reader: Reader, path: string): Promise<ProxiedPath> {
  const key = artifactKey(path.replace(/\/$/, ""));
  if (key === null) throw invalidPath();
  const model = /^(?:0|[1-9]\d{0,14})\/models\/[a-zA-Z0-9][\w-]{0,255}\/artifacts(?=\/|$)/.exec(key);
  if (model) return { key, folder: checked(key, model[0]), isDeleted: false };
  const [traced, experiment, trace] =
    /^(0|[1-9]\d{0,14})\/traces\/([a-zA-Z0-9][\w-]{0,127})\/artifacts(?=\/|$)/.exec(key) ?? [];
  if (traced !== undefined && trace !== undefined) {
    const found = (await readProjectsOf(reader, "trace", [trace])).get(trace);
    if (found === undefined) throw problem("TRACE_NOT_FOUND", { id: trace });
    if (String(found) !== experiment) throw invalidPath();
    return { key, folder: checked(key, traced), isDeleted: false };
  }
  const [folder, project, id] = /^(\d{1,15})\/([^/]+)\/artifacts(?=\/|$)/.exec(key) ?? [];
  if (folder === undefined || project === undefined || id === undefined) throw invalidPath();
  const run = await findTrackedRun(reader, requireRunId(id));
  if (String(run.project) !== project) throw invalidPath();
  return { key, folder: checked(key, folder), isDeleted: run.stage === "deleted" };
}

/** Requires that the part of a key below its folder is itself a valid path for clients. @throws {HttpError} */
function checked(key: string, folder: string): string {
  if (key !== folder && artifactKey(key.slice(folder.length + 1)) === null) throw invalidPath();
  return folder;
}
