/**
 * @file Files of logged models and of versions: listed, and sent as attachments.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _list_logged_model_artifacts, get_logged_model_artifact_handler and
 *   get_model_version_artifact_handler
 */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
import { findLoggedModel, findProject } from "../../../../track/index.ts";
import type { Route } from "../../route.ts";
import { keyInside } from "../artifact-path.ts";
import { fieldsOfQuery, neededText } from "../fields.ts";
import type { ArtifactPlaces } from "../places.ts";
import { MlflowError } from "../refuse.ts";
import { sendArtifact } from "../send-artifact.ts";
import { aboutOf } from "../subjects.ts";
import { modelId, registeredName, versionNumber } from "./checks.ts";
import { bothPaths } from "./endpoint.ts";
import { keyBelow, modelAddress } from "./places.ts";
import { aboutModel, aboutVersion } from "./subjects.ts";
import { neededVersion } from "./version-routes.ts";

/** Two routes, under both prefixes. */
export function modelFileRoutes(desk: TrackingContext, places: ArtifactPlaces): Route[] {
  const about = aboutOf(aboutModel(desk), () => ({}));
  const route = (path: string, handle: Route["handle"]): Route[] =>
    bothPaths(path).map((full) => ({
      method: "GET",
      path: full,
      policy: "read",
      about,
      bodyBytesMost: 0,
      handle,
    }));
  return [
    ...route("logged-models/:id/artifacts/directories", async ({ words, query }) => ({
      status: 200,
      body: await list(desk, places, modelId(words), query.get("artifact_directory_path") ?? ""),
    })),
    ...route("logged-models/:id/artifacts/files", async ({ words, query, request }) => {
      const path = query.get("artifact_file_path") ?? "";
      if (path === "") {
        const message = 'Request must include the "artifact_file_path" query parameter.';
        throw new MlflowError("BAD_REQUEST", message);
      }
      const address = await addressOf(desk, places, modelId(words));
      return sendArtifact(desk.artifacts, keyBelow(places, address, path), request);
    }),
  ];
}

async function addressOf({ database }: TrackingContext, places: ArtifactPlaces, id: string): Promise<string> {
  const model = await findLoggedModel(database, id);
  const project = await findProject(database, { number: model.project });
  if (!project) throw new Error("Internal: a model without its project");
  return modelAddress(places, project, model.id);
}

async function list(
  desk: TrackingContext,
  places: ArtifactPlaces,
  id: string,
  folder: string,
): Promise<object> {
  const path = folder.replace(/\/$/, "");
  const address = await addressOf(desk, places, id);
  const entries = await desk.artifacts.list(keyBelow(places, address, path));
  const files = entries.map(({ name, isFolder, bytes }) => ({
    path: path === "" ? name : `${path}/${name}`,
    is_dir: isFolder,
    file_size: isFolder ? undefined : bytes,
  }));
  return { root_uri: address, files: files.length > 0 ? files : undefined };
}

/** The route, which has no prefix. What a version's address names is this server's, or nothing is sent. */
export function versionFileRoute(desk: TrackingContext, places: ArtifactPlaces): Route {
  return {
    method: "GET",
    path: "/model-versions/get-artifact",
    policy: "read",
    about: aboutOf(aboutVersion(desk), ({ query }) => fieldsOfQuery(query)),
    bodyBytesMost: 0,
    handle: async ({ query, request }) => {
      const fields = fieldsOfQuery(query);
      const path = neededText(fields, "path");
      // A path that leads elsewhere is refused whatever the version is.
      keyInside("", path);
      const version = await neededVersion(desk.database, registeredName(fields), versionNumber(fields));
      return sendArtifact(desk.artifacts, keyInside(keyBelow(places, version.address, ""), path), request);
    },
  };
}
