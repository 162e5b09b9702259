/**
 * @file Artifacts through the server: files go to the store as they arrive, and come from it as they are read.
 *
 * @source mlflow/mlflow mlflow/protos/mlflow_artifacts.proto; mlflow/server/handlers.py, _upload_artifact and its
 *   neighbors
 */
import { Readable } from "node:stream";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { problem } from "../../../problem/index.ts";
import { type About, type Call, Refused, type Reply, type Route } from "../route.ts";
import { invalidPath, proxiedKey } from "./artifact-path.ts";
import { textField } from "./fields.ts";
import { MlflowError } from "./refuse.ts";
import { getPair, json, pair } from "./route-pair.ts";
import { sendArtifact } from "./send-artifact.ts";
import { type FieldsAbout, pathSubjects } from "./subjects.ts";

/** Largest file: more than the weights of any model that is trained today. */
const bytesMost = 4 * 1024 ** 4;

/** Routes of the proxy. */
export function artifactProxyRoutes(desk: TrackingContext): Route[] {
  const path = "mlflow-artifacts/artifacts/*path";
  const about: About = { all: (call) => pathSubjects(desk, named(call)) };
  const base = { path, about, bodyBytesMost: 0 } as const;
  const named = ({ words }: Call): string => words["path"] ?? "";
  const inField: FieldsAbout = { all: (fields) => pathSubjects(desk, textField(fields, "path") ?? "") };
  return [
    ...getPair("mlflow-artifacts/artifacts", inField, (fields) =>
      list(desk, textField(fields, "path") ?? ""),
    ),
    ...pair({
      ...base,
      method: "GET",
      policy: "read",
      handle: async (call) => {
        const { key } = await proxiedKey(desk.database, named(call));
        return sendArtifact(desk.artifacts, key, call.request);
      },
    }),
    ...pair({ ...base, method: "PUT", policy: "write", handle: (call) => upload(desk, named(call), call) }),
    ...pair({ ...base, method: "DELETE", policy: "write", handle: (call) => remove(desk, named(call)) }),
    ...["create", "complete", "abort"].flatMap((step) =>
      notOffered("POST", `mlflow-artifacts/mpu/${step}/*path`, about),
    ),
    ...notOffered("GET", "mlflow-artifacts/presigned/*path", about),
    ...notOffered("POST", "mlflow/artifacts/presigned-download-url", "nothing"),
  ];
}

/** Paths relative to the folder that was asked for, as MLflow's client expects them here. */
async function list(desk: TrackingContext, path: string): Promise<Reply> {
  const { key } = await proxiedKey(desk.database, path);
  const entries = await desk.artifacts.list(key);
  return json({
    files: entries.map(({ name, isFolder, bytes }) =>
      isFolder ? { path: name, is_dir: true } : { path: name, is_dir: false, file_size: bytes },
    ),
  });
}

/**
 * Takes in a file.
 *
 * @throws {TunewiseError} `RUN_DELETED`
 */
async function upload(desk: TrackingContext, path: string, { request }: Call): Promise<Reply> {
  const { key, folder, isDeleted } = await proxiedKey(desk.database, path);
  if (key === folder) throw invalidPath();
  if (isDeleted) throw problem("RUN_DELETED", { id: folder.split("/")[1] ?? "" });
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw new Refused(415, "compressed", "The body must not be compressed.");
  }
  if (Number(request.headers["content-length"] ?? 0) > bytesMost) throw tooLarge();
  // A body of a given length is never longer than that; one that comes in chunks is counted.
  const isCounted = request.headers["content-length"] === undefined;
  await desk.artifacts.put(key, isCounted ? Readable.from(counted(request)) : request);
  return json({});
}

async function* counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > bytesMost) throw tooLarge();
    yield chunk;
  }
}

function tooLarge(): Refused {
  return new Refused(413, "body_too_large", `A file may have ${bytesMost} bytes at most.`);
}

/** Removes a file or a folder with all in it. */
async function remove(desk: TrackingContext, path: string): Promise<Reply> {
  const { key } = await proxiedKey(desk.database, path);
  if (await desk.artifacts.remove(key)) return json({});
  throw new MlflowError("RESOURCE_DOES_NOT_EXIST", "There is no such artifact.");
}

/** Uploads in parts and signed addresses need a store of that kind; clients then send files whole. */
function notOffered(method: "GET" | "POST", path: string, about: About): Route[] {
  return pair({
    method,
    path,
    policy: "read",
    about,
    bodyBytesMost: 0,
    handle: async () => {
      throw new MlflowError("NOT_IMPLEMENTED", "This server takes and gives artifacts whole.");
    },
  });
}
