/**
 * @file A run's artifacts by its id: listed, and single files fetched.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _list_artifacts and get_artifact_handler
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { findProject, type TrackedRun } from "../../../track/index.ts";
import type { Call, Reply, Route } from "../route.ts";
import { invalidPath, keyInside } from "./artifact-path.ts";
import { type Fields, fieldsOfQuery, neededText, textField } from "./fields.ts";
import { findActiveRun, findRun } from "./find.ts";
import { type ArtifactPlaces, experimentPlace, runKey, runPlace } from "./places.ts";
import { MlflowError } from "./refuse.ts";
import { getPair, json } from "./route-pair.ts";
import { sendArtifact } from "./send-artifact.ts";
import { aboutOf, aboutRun } from "./subjects.ts";

/** Routes of runs' artifacts. */
export function runArtifactRoutes(desk: TrackingContext, places: ArtifactPlaces): Route[] {
  const inQuery = aboutOf(aboutRun(desk), ({ query }) => fieldsOfQuery(query));
  return [
    ...getPair("mlflow/artifacts/list", aboutRun(desk), (fields) => list(desk, places, fields)),
    {
      method: "GET",
      path: "/get-artifact",
      policy: "read",
      about: inQuery,
      bodyBytesMost: 0,
      handle: async ({ query, request }) => {
        const fields = fieldsOfQuery(query);
        const path = neededText(fields, "path");
        const run = await findRun(desk.database, fields);
        const key = keyInside(runKey(run), path);
        await placeOf(desk, places, run);
        return sendArtifact(desk.artifacts, key, request);
      },
    },
    {
      method: "POST",
      path: "/ajax-api/2.0/mlflow/upload-artifact",
      policy: "write",
      about: inQuery,
      bodyBytesMost: 0,
      handle: (call) => upload(desk, places, call),
    },
  ];
}

/** Small files of pages in a browser. @source mlflow/mlflow mlflow/server/handlers.py, upload_artifact_handler */
const uploadBytesMost = 10 * 1024 ** 2;

async function upload(
  desk: TrackingContext,
  places: ArtifactPlaces,
  { query, request }: Call,
): Promise<Reply> {
  const refused = (message: string): MlflowError => new MlflowError("INVALID_PARAMETER_VALUE", message);
  const fields = fieldsOfQuery(query);
  if (!textField(fields, "run_uuid")) throw refused("Request must specify run_uuid.");
  const path = textField(fields, "path");
  if (!path) throw refused("Request must specify path.");
  const run = await findActiveRun(desk.database, fields);
  const key = keyInside(runKey(run), path);
  if (key === runKey(run)) throw invalidPath();
  const bytes = Number(request.headers["content-length"] ?? 0);
  if (bytes === 0) throw refused("Request must specify data.");
  if (bytes > uploadBytesMost)
    throw refused(`Artifact size is too large. Max size is ${uploadBytesMost} bytes.`);
  await placeOf(desk, places, run);
  await desk.artifacts.put(key, request);
  return json({});
}

async function list(desk: TrackingContext, places: ArtifactPlaces, fields: Fields): Promise<Reply> {
  const run = await findRun(desk.database, fields);
  const root = runKey(run);
  const folder = keyInside(root, textField(fields, "path"));
  const place = await placeOf(desk, places, run);
  const inside = folder === root ? "" : `${folder.slice(root.length + 1)}/`;
  const entries = await desk.artifacts.list(folder);
  return json({
    root_uri: place,
    files: entries.map(({ name, isFolder, bytes }) => ({
      path: inside + name,
      is_dir: isFolder,
      ...(isFolder ? {} : { file_size: bytes }),
    })),
  });
}

/** Where the run's artifacts lie: in this server's own store, or nothing can be said about them. */
async function placeOf(desk: TrackingContext, places: ArtifactPlaces, run: TrackedRun): Promise<string> {
  const project = await findProject(desk.database, { number: run.project });
  if (project?.artifactRoot) {
    throw new MlflowError("INVALID_PARAMETER_VALUE", "The artifacts of this run do not lie in this server.");
  }
  return runPlace(experimentPlace(places, { number: run.project, artifactRoot: null }), run);
}
