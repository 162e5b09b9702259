/**
 * @file Routes that transfer artifacts through the server, streamed to and from the store.
 *
 * @source mlflow/mlflow mlflow/protos/mlflow_artifacts.proto; mlflow/server/handlers.py, _upload_artifact and its
 *   neighbors
 */

import { z } from "zod";
import type { About, Call, Reply, Route } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { problem } from "../../problem/index.ts";
import { invalidPath, proxiedKey } from "./artifact-path.ts";
import { endpoint, pair } from "./endpoint.ts";
import { storable, textBy } from "./fields.ts";
import { mlflowRefusal } from "./refuse.ts";
import { file, noSuchFile, sendArtifact } from "./send-artifact.ts";
import { pathSubjects } from "./subjects.ts";
import { takeArtifact } from "./take-artifact.ts";

/** Maximum size of a file: more than the weights of any current model. */
const maxBytes = 4 * 1024 ** 4;

/** Routes of the proxy. */
export function artifactProxyRoutes(context: TrackingContext): Route[] {
  const about: About = { all: (_, call) => pathSubjects(context, pathOf(call)) };
  const base = { path: "mlflow-artifacts/artifacts/*path", about, maxBodyBytes: 0 } as const;
  return [
    ...endpoint({
      method: "GET",
      path: "mlflow-artifacts/artifacts",
      policy: "read",
      gives: "files:File[]",
      summary: "List files in a folder.",
      reads: z.object({ path: textBy((path = "") => storable("path", path), true) }),
      about: { all: ({ path }) => pathSubjects(context, path) },
      answer: ({ path }) => list(context, path),
    }),
    ...pair({
      ...base,
      method: "GET",
      policy: "read",
      summary: "Download a file. Supports range requests.",
      type: file,
      handle: async (_, call) => {
        return sendArtifact(context.artifacts, await keyOfThere(context, call), call.request);
      },
    }),
    ...pair({
      ...base,
      method: "PUT",
      policy: "write",
      summary: "Upload a file as a stream.",
      bodyType: file,
      handle: (_, call) => upload(context, pathOf(call), call),
    }),
    ...pair({
      ...base,
      method: "DELETE",
      policy: "write",
      summary: "Delete a file, or a folder with its contents.",
      handle: async (_, call) => remove(context, await keyOfThere(context, call)),
    }),
    ...["create", "complete", "abort"].flatMap((step) =>
      notOffered("POST", `mlflow-artifacts/mpu/${step}/*path`, about),
    ),
    ...notOffered("GET", "mlflow-artifacts/presigned/*path", about),
    ...notOffered("POST", "mlflow/artifacts/presigned-download-url", "nothing"),
  ];
}

/** Key of a file. Prefers one whose name includes the query's text over the one without it. */
async function keyOfThere(context: TrackingContext, call: Call): Promise<string> {
  const { key } = await proxiedKey(context.database, pathOf(call));
  if (!(call.request.url ?? "").includes("?") || (await context.artifacts.size(key)) !== null) return key;
  return (await proxiedKey(context.database, call.params["path"] ?? "")).key;
}

/** Path of a file. Clients do not encode a `?` in its name, so the rest of the name arrives as the query. */
function pathOf({ params, request: { url = "" } }: Call): string {
  const at = url.indexOf("?");
  if (at < 0 || at === url.length - 1) return params["path"] ?? "";
  try {
    return `${params["path"] ?? ""}?${decodeURIComponent(url.slice(at + 1))}`;
  } catch {
    throw invalidPath();
  }
}

/** Lists paths relative to the requested folder, as MLflow's client expects here. */
async function list(context: TrackingContext, path: string): Promise<object> {
  const { key } = await proxiedKey(context.database, path);
  const entries = await context.artifacts.list(key);
  return {
    files: entries.map(({ name, isFolder, bytes }) =>
      isFolder ? { path: name, is_dir: true } : { path: name, is_dir: false, file_size: bytes },
    ),
  };
}

/**
 * Stores an uploaded file.
 *
 * @throws {TunewiseError} `RUN_DELETED`
 */
async function upload(context: TrackingContext, path: string, { request }: Call): Promise<Reply> {
  const { key, folder, isDeleted } = await proxiedKey(context.database, path);
  if (key === folder) throw invalidPath();
  if (isDeleted) throw problem("RUN_DELETED", { id: folder.split("/")[1] ?? "" });
  await takeArtifact(context.artifacts, key, request, maxBytes);
  return { status: 200, body: {} };
}

/** Removes a file, or a folder with its contents. */
async function remove(context: TrackingContext, key: string): Promise<Reply> {
  if (await context.artifacts.remove(key)) return { status: 200, body: {} };
  throw noSuchFile();
}

/** Refuses multipart uploads and presigned URLs, which the store lacks; clients then send each file in one request. */
function notOffered(method: "GET" | "POST", path: string, about: About): Route[] {
  return pair({
    method,
    path,
    policy: "read",
    about,
    maxBodyBytes: 0,
    status: 501,
    summary: "Not implemented: replies 501, so that clients upload the file in one request.",
    handle: async () => {
      throw mlflowRefusal("NOT_IMPLEMENTED", "This server takes and gives artifacts whole.");
    },
  });
}
