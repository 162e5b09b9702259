/** @file Lists the files of a run of any client, and opens them by the listed path. */
import {
  type ArtifactStore,
  artifactKey,
  findProject,
  folderArtifacts,
  isDraft,
  listArtifactFiles,
  listRunArtifacts,
  type OpenArtifact,
  referenceMd5,
  runFilesKey,
  type TrackedRun,
  wandbContentKey,
} from "@tunewise/tracker";
import type { Some } from "./bounds.ts";
import { type DashboardContext, folderOf } from "./dashboard-context.ts";

/** Kind of a file, by its name only. */
export type FileKind = "image" | "audio" | "video" | "table" | "text" | "model" | "other";

/** A file of a run. */
export interface RunFile {
  /** The path for `findRunFile`. */
  readonly path: string;
  readonly bytes: number;
  readonly kind: FileKind;
}

/** The first files of a run. `elsewhere` is where its client stores them if not here. */
export interface RunFiles extends Some<RunFile> {
  readonly elsewhere: string | null;
}

/** Maximum files in a response. `total` counts no further. */
const maxFiles = 2_000;
const maxDepth = 12;
/** Prefix of W&B artifacts: `artifacts/COLLECTION/v3/FILE`. */
const artifactFolder = "artifacts";

/** Lists the files of a run. */
export async function listRunFiles(context: DashboardContext, run: TrackedRun): Promise<RunFiles> {
  const files: RunFile[] = [];
  for (const { store, root } of await placesOf(context, run)) await walk(store, root, "", files, 0);
  for (const file of await wandbFiles(context, run)) {
    if (files.length < maxFiles) files.push({ ...file, kind: kindOf(file.path) });
  }
  const project = await findProject(context.database, { number: run.project });
  const isElsewhere = run.client === "mlflow" && project?.artifactRoot != null;
  return {
    items: files,
    total: files.length,
    elsewhere: isElsewhere ? (project?.artifactRoot ?? null) : null,
  };
}

/** A file that can be opened, and its name. */
export interface OpenRunFile {
  readonly bytes: number;
  readonly name: string;
  readonly open: (range?: { readonly from: number; readonly to: number }) => Promise<OpenArtifact | null>;
}

/** Finds a file by its listed path. Returns `null` if it does not exist. */
export async function findRunFile(
  context: DashboardContext,
  run: TrackedRun,
  path: string,
): Promise<OpenRunFile | null> {
  const key = artifactKey(path);
  if (key === null || key.split("/").some(isHidden)) return null;
  const name = key.slice(key.lastIndexOf("/") + 1);
  for (const { store, root } of await placesOf(context, run)) {
    const full = root === "" ? key : `${root}/${key}`;
    const bytes = await store.size(full);
    if (bytes !== null) return { bytes, name, open: (range) => store.open(full, range) };
  }
  const content = (await wandbFiles(context, run)).find((file) => file.path === key);
  if (!content) return null;
  return { bytes: content.bytes, name, open: (range) => context.artifacts.open(content.key, range) };
}

interface Place {
  readonly store: ArtifactStore;
  /** Key prefix of the files' paths. */
  readonly root: string;
}

/** Locations of a run's files: its folder, and the artifacts that its client logged. */
async function placesOf(context: DashboardContext, run: TrackedRun): Promise<Place[]> {
  const folder = folderOf(context, run);
  const own = folder ? [{ store: folderArtifacts(folder.path, context.newId), root: "" }] : [];
  return [...own, { store: context.artifacts, root: runFilesKey(run) }];
}

/** Whether a file is internal to the process that writes the run, or a draft. */
function isHidden(name: string): boolean {
  return name.startsWith(".") || isDraft(name) || /^(lock|tick)(\.|$)/.test(name);
}

async function walk(
  store: ArtifactStore,
  root: string,
  inside: string,
  files: RunFile[],
  depth: number,
): Promise<void> {
  if (depth > maxDepth) return;
  const key = [root, inside].filter((part) => part !== "").join("/");
  for (const { name, isFolder, bytes } of await store.list(key)) {
    if (files.length >= maxFiles) return;
    const path = inside === "" ? name : `${inside}/${name}`;
    if (isHidden(name) || artifactKey(path) === null) continue;
    if (isFolder) await walk(store, root, path, files, depth + 1);
    else files.push({ path, bytes, kind: kindOf(name) });
  }
}

interface ContentFile {
  readonly path: string;
  readonly bytes: number;
  /** Key in the artifact store. */
  readonly key: string;
}

/** Files of the artifacts that a W&B run logged. */
async function wandbFiles({ database }: DashboardContext, run: TrackedRun): Promise<ContentFile[]> {
  if (run.client !== "wandb") return [];
  const files: ContentFile[] = [];
  for (const { number, project, collection, version } of await listRunArtifacts(database, run.number)) {
    const page = { after: "", limit: maxFiles - files.length };
    if (page.limit <= 0) break;
    for (const { name, md5, bytes } of await listArtifactFiles(database, number, page)) {
      if (md5 === referenceMd5) continue;
      const path = artifactKey(`${artifactFolder}/${collection}/v${version}/${name}`);
      if (path !== null) files.push({ path, bytes, key: wandbContentKey(project, md5) });
    }
  }
  return files;
}

const kinds: readonly (readonly [FileKind, RegExp])[] = [
  ["image", /\.(png|jpe?g|gif|webp|avif|bmp|svg|tiff?)$/i],
  ["audio", /\.(wav|mp3|ogg|oga|flac|m4a)$/i],
  ["video", /\.(mp4|webm|mov)$/i],
  ["table", /\.(csv|tsv|parquet|table\.json|(partitioned|joined)-table\.json)$/i],
  ["model", /\.(safetensors|gguf|onnx|bin|pt|pth|ckpt|pkl)$/i],
  ["text", /\.(txt|md|json|jsonl|ya?ml|log|py|toml|html?)$/i],
];

function kindOf(name: string): FileKind {
  return kinds.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
}
