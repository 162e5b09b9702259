/**
 * @file Routes that list a run's artifacts by its id, and transfer single files.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _list_artifacts and get_artifact_handler
 */

import { z } from "zod";
import { type Call, fieldsRoute, type Reply, type Route } from "../../http/index.ts";
import { findProject, type TrackedRun } from "../../index.ts";
import { invalidPath, keyInside } from "./artifact-path.ts";
import { endpoint } from "./endpoint.ts";
import { requiredText, storable, text, textBy } from "./fields.ts";
import { findActiveRun, findRun, runFields } from "./find.ts";
import { experimentPlace, type MlflowContext, runKey, runPlace } from "./places.ts";
import { invalidParameter } from "./refuse.ts";
import { file, sendArtifact } from "./send-artifact.ts";
import { aboutRun } from "./subjects.ts";
import { takeArtifact } from "./take-artifact.ts";

/** Routes of runs' artifacts. */
export function runArtifactRoutes(context: MlflowContext): Route[] {
  const { database, artifacts } = context;
  const about = aboutRun(context);
  return [
    ...endpoint({
      method: "GET",
      path: "mlflow/artifacts/list",
      policy: "read",
      about,
      reads: listFields,
      summary: "List files of a run in a folder.",
      gives: "root_uri files:File[]",
      answer: (fields) => list(context, fields),
    }),
    fieldsRoute({
      method: "GET",
      path: "/get-artifact",
      policy: "read",
      about,
      maxBodyBytes: 0,
      summary: "Download a file of a run.",
      reads: z.object({ path: requiredText, ...runFields }),
      type: file,
      handle: async ({ path, ...fields }, { request }) => {
        const run = await findRun(database, fields);
        const key = keyInside(runKey(run), path);
        await placeOf(context, run);
        return sendArtifact(artifacts, key, request);
      },
    }),
    fieldsRoute({
      method: "POST",
      path: "/ajax-api/2.0/mlflow/upload-artifact",
      policy: "write",
      about,
      summary: "Upload a file from a web page, at most 10 MiB.",
      bodyType: file,
      maxBodyBytes: 0,
      reads: uploadFields,
      fieldsIn: "query",
      handle: (fields, call) => upload(context, fields, call),
    }),
  ];
}

/** Maximum size of a page's upload. @source mlflow/mlflow mlflow/server/handlers.py, upload_artifact_handler */
const maxUploadBytes = 10 * 1024 ** 2;

const uploadFields = z.object({
  run_uuid: textBy((id) => specified("run_uuid", id), true),
  path: textBy((path) => specified("path", path), true),
});

function specified(name: string, value: string | undefined): string {
  if (value) return storable(name, value);
  throw invalidParameter(`Request must specify ${name}.`);
}

async function upload(
  context: MlflowContext,
  { run_uuid, path }: z.infer<typeof uploadFields>,
  { request }: Call,
): Promise<Reply> {
  const run = await findActiveRun(context.database, { run_uuid });
  const key = keyInside(runKey(run), path);
  if (key === runKey(run)) throw invalidPath();
  const bytes = Number(request.headers["content-length"] ?? 0);
  if (bytes === 0) throw invalidParameter("Request must specify data.");
  if (bytes > maxUploadBytes) {
    throw invalidParameter(`Artifact size is too large. Max size is ${maxUploadBytes} bytes.`);
  }
  await placeOf(context, run);
  await takeArtifact(context.artifacts, key, request, maxUploadBytes);
  return { status: 200, body: {} };
}

const listFields = z.object({ ...runFields, path: text });

async function list(
  context: MlflowContext,
  { path, ...fields }: z.infer<typeof listFields>,
): Promise<object> {
  const run = await findRun(context.database, fields);
  const root = runKey(run);
  const folder = keyInside(root, path);
  const place = await placeOf(context, run);
  const inside = folder === root ? "" : `${folder.slice(root.length + 1)}/`;
  const entries = await context.artifacts.list(folder);
  return {
    root_uri: place,
    files: entries.map(({ name, isFolder, bytes }) => ({
      path: inside + name,
      is_dir: isFolder,
      ...(isFolder ? {} : { file_size: bytes }),
    })),
  };
}

/** Address of the run's artifacts. @throws {HttpError} 400 if they are not in this server's own store */
async function placeOf(context: MlflowContext, run: TrackedRun): Promise<string> {
  const project = await findProject(context.database, { number: run.project });
  if (project?.artifactRoot) {
    throw invalidParameter("The artifacts of this run do not lie in this server.");
  }
  return runPlace(experimentPlace(context.places, { number: run.project, artifactRoot: null }), run);
}
