/**
 * @file Routes that list files of logged models and versions, and send them as attachments.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _list_logged_model_artifacts, get_logged_model_artifact_handler and
 *   get_model_version_artifact_handler
 */

import { z } from "zod";
import { fieldsRoute, type Route } from "../../../http/index.ts";
import { findLoggedModel, findProject } from "../../../index.ts";
import { keyInside } from "../artifact-path.ts";
import { endpoint, pair } from "../endpoint.ts";
import { requiredText, textBy } from "../fields.ts";
import { keyBelow, type MlflowContext, modelAddress } from "../places.ts";
import { mlflowRefusal } from "../refuse.ts";
import { file, sendArtifact } from "../send-artifact.ts";
import { aboutModel, aboutVersion } from "../subjects.ts";
import { modelId, versionFields } from "./checks.ts";
import { neededVersion } from "./version-routes.ts";

/** Two routes, under both prefixes. */
export function modelFileRoutes(context: MlflowContext): Route[] {
  const base = { method: "GET", policy: "read", about: aboutModel(context) } as const;
  return [
    ...endpoint({
      ...base,
      path: "mlflow/logged-models/:id/artifacts/directories",
      summary: "List files of a logged model in a folder.",
      gives: "root_uri files:File[]",
      reads: z.object({ artifact_directory_path: textBy((path = "") => path) }),
      answer: ({ artifact_directory_path }, { params }) =>
        list(context, modelId(params), artifact_directory_path),
    }),
    ...pair(
      fieldsRoute({
        ...base,
        path: "mlflow/logged-models/:id/artifacts/files",
        maxBodyBytes: 0,
        summary: "Download a file of a logged model.",
        type: file,
        reads: z.object({ artifact_file_path: filePath }),
        handle: async ({ artifact_file_path }, { params, request }) => {
          const address = await addressOf(context, modelId(params));
          return sendArtifact(
            context.artifacts,
            keyBelow(context.places, address, artifact_file_path),
            request,
          );
        },
      }),
    ),
  ];
}

const filePath = textBy((path) => {
  if (path) return path;
  throw mlflowRefusal("BAD_REQUEST", 'Request must include the "artifact_file_path" query parameter.');
}, true);

async function addressOf({ database, places }: MlflowContext, id: string): Promise<string> {
  const model = await findLoggedModel(database, id);
  const project = await findProject(database, { number: model.project });
  if (!project) throw new Error("Internal: a model without its project");
  return modelAddress(places, project, model.id);
}

async function list(context: MlflowContext, id: string, folder: string): Promise<object> {
  const path = folder.replace(/\/$/, "");
  const address = await addressOf(context, id);
  const entries = await context.artifacts.list(keyBelow(context.places, address, path));
  const files = entries.map(({ name, isFolder, bytes }) => ({
    path: path === "" ? name : `${path}/${name}`,
    is_dir: isFolder,
    file_size: isFolder ? undefined : bytes,
  }));
  return { root_uri: address, files: files.length > 0 ? files : undefined };
}

/** The route of versions' files, which has no prefix. Sends only files of this server's own store. */
export function versionFileRoute(context: MlflowContext): Route {
  return fieldsRoute({
    method: "GET",
    path: "/model-versions/get-artifact",
    policy: "read",
    maxBodyBytes: 0,
    about: aboutVersion(context),
    summary: "Download a file of a model version.",
    type: file,
    reads: z.object({ path: requiredText, ...versionFields }),
    handle: async ({ path, name, version: number }, { request }) => {
      // refuses a path outside the folder, whichever the version
      keyInside("", path);
      const version = await neededVersion(context.database, name, number);
      return sendArtifact(
        context.artifacts,
        keyInside(keyBelow(context.places, version.address, ""), path),
        request,
      );
    },
  });
}
