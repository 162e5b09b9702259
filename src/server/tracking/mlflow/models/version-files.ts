/**
 * @file A file of a model's version, fetched by the model's name and the version's number.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, get_model_version_artifact_handler
 */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
import type { Route } from "../../route.ts";
import { keyInside } from "../artifact-path.ts";
import { fieldsOfQuery, neededText } from "../fields.ts";
import type { ArtifactPlaces } from "../places.ts";
import { sendArtifact } from "../send-artifact.ts";
import { aboutOf } from "../subjects.ts";
import { registeredName, versionNumber } from "./checks.ts";
import { keyBelow } from "./places.ts";
import { aboutVersion } from "./subjects.ts";
import { neededVersion } from "./version-routes.ts";

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
