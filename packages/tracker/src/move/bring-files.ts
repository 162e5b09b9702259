/** @file Imports files of runs. Validates keys, limits sizes, and leaves free space on the disk. */
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { bytes as bytesOf, bytesText } from "@tunewise/core/quantity";
import { artifactKey } from "../artifacts/artifact-store.ts";
import { problem } from "../problem/index.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { type FileOwner, type HistorySource, isDamage, type MovedFile } from "./history.ts";
import type { ImportCount } from "./import-report.ts";

/** Disk space for files. */
export interface DiskSpace {
  /** Free bytes; `null` if unknown, for example in a bucket. */
  readonly freeBytes: () => Promise<number | null>;
}

/** Maximum file size, more than the weights of any current model. */
const maxFileBytes = 4 * 1024 ** 4;
/** Bytes to leave free for the store. */
const reservedBytes = 1024 ** 3;

/** Common inputs of all steps. */
interface FileWork {
  readonly source: Pick<HistorySource, "files">;
  readonly context: TrackingContext;
  readonly count: ImportCount;
  readonly options: { readonly signal: AbortSignal };
}

/**
 * Imports the files of a run or model and returns how many are new. Existing files of the same size are kept.
 *
 * @param root key of the target folder
 * @throws {TunewiseError} `MOVE_NO_ROOM`, `ARTIFACT_STORE_FAILED`
 */
export async function copyFiles(
  work: FileWork,
  room: DiskSpace,
  owner: FileOwner,
  root: string,
): Promise<number> {
  let fresh = 0;
  for await (const file of work.source.files(owner)) {
    work.options.signal.throwIfAborted();
    if (isDamage(file)) work.count.leaveOut("files", `${owner.of} ${owner.id}`, file.reason);
    else if (await copyFile(work, room, `${file.path} of ${owner.id}`, root, file)) fresh++;
  }
  return fresh;
}

/** Imports one file and returns whether it is new. */
export async function copyFile(
  { context, count }: Pick<FileWork, "context" | "count">,
  room: DiskSpace,
  what: string,
  root: string,
  file: MovedFile,
): Promise<boolean> {
  const key = artifactKey(file.path) === null ? null : artifactKey(`${root}/${file.path}`);
  if (key === null) {
    count.leaveOut("files", what, "its name is none that files may have here");
    return false;
  }
  if ((await context.artifacts.size(key)) === file.bytes) {
    count.files.there++;
    return false;
  }
  if (file.bytes > maxFileBytes) {
    count.leaveOut(
      "files",
      what,
      `it has ${bytesText(bytesOf(file.bytes))}, more than ${bytesText(bytesOf(maxFileBytes))}`,
    );
    return false;
  }
  await requireSpace(context, room, file.bytes);
  let content: Readable;
  try {
    content = await file.open();
  } catch (error) {
    count.leaveOut("files", what, error instanceof Error ? error.message : String(error));
    return false;
  }
  const source = { failure: null as Error | null };
  try {
    count.files.bytes += await context.artifacts.put(key, bounded(content, source));
  } catch (error) {
    if (source.failure === null) throw error;
    count.leaveOut("files", what, source.failure.message);
    return false;
  }
  count.files.fresh++;
  return true;
}

/** Requires enough free space for a file. @throws {TunewiseError} `MOVE_NO_ROOM` */
async function requireSpace({ artifacts }: TrackingContext, room: DiskSpace, bytes: number): Promise<void> {
  const free = await room.freeBytes();
  if (free === null || free - bytes >= reservedBytes) return;
  throw problem("MOVE_NO_ROOM", {
    place: artifacts.place,
    free: bytesText(bytesOf(free)),
    needed: bytesText(bytesOf(bytes)),
  });
}

/** Limits a stream to the maximum size, even if a smaller size was announced, and records why it failed. */
function bounded(content: Readable, source: { failure: Error | null }): Readable {
  const through = new PassThrough();
  let bytes = 0;
  content.once("error", (error) => {
    source.failure = error;
  });
  const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxFileBytes) {
        source.failure = new Error("the file is larger than any file may be");
        throw source.failure;
      }
      yield chunk;
    }
  };
  // The reader receives errors from the stream itself.
  pipeline(content, counted, through).catch(() => undefined);
  return through;
}
