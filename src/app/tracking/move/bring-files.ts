/**
 * @file Files of runs come in: by keys that are checked, within bounds, and only while the disk has room.
 */
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { problem } from "../../../problem/index.ts";
import { bytes as bytesOf, bytesText } from "../../../quantity/index.ts";
import {
  artifactKey,
  type FileOwner,
  type HistorySource,
  isDamage,
  type MovedFile,
} from "../../../track/index.ts";
import type { Desk } from "../desk.ts";
import type { ImportCount } from "./import-report.ts";

/** The room for files. */
export interface FileRoom {
  /** Bytes that may still be written; `null` where nobody knows, as in a bucket. */
  readonly freeBytes: () => Promise<number | null>;
}

/** Largest file: more than the weights of any model that is trained today. */
const fileBytesMost = 4 * 1024 ** 4;
/** What stays free, so that the store can go on writing. */
const keptFree = 1024 ** 3;

/** What the steps need. */
interface FileWork {
  readonly source: Pick<HistorySource, "files">;
  readonly desk: Desk;
  readonly count: ImportCount;
  readonly options: { readonly signal: AbortSignal };
}

/**
 * Brings the files of a run or a model; those that are here with the same size stay. Gives how many came.
 *
 * @param root key of the folder that they go to
 * @throws {TunewiseError} `MOVE_NO_ROOM`, `ARTIFACT_STORE_FAILED`
 */
export async function bringFiles(
  work: FileWork,
  room: FileRoom,
  owner: FileOwner,
  root: string,
): Promise<number> {
  let fresh = 0;
  for await (const file of work.source.files(owner)) {
    work.options.signal.throwIfAborted();
    if (isDamage(file)) work.count.leaveOut(`files of ${owner.of} ${owner.id}`, file.reason);
    else if (await bringFile(work, room, `file ${file.path} of ${owner.id}`, root, file)) fresh++;
  }
  return fresh;
}

/** Brings one file; gives whether it was not here. */
export async function bringFile(
  { desk, count }: Pick<FileWork, "desk" | "count">,
  room: FileRoom,
  what: string,
  root: string,
  file: MovedFile,
): Promise<boolean> {
  const key = artifactKey(file.path) === null ? null : artifactKey(`${root}/${file.path}`);
  if (key === null) {
    count.leaveOut(what, "its name is none that files may have here");
    return false;
  }
  if ((await desk.artifacts.size(key)) === file.bytes) {
    count.files.there++;
    return false;
  }
  if (file.bytes > fileBytesMost) {
    count.leaveOut(
      what,
      `it has ${bytesText(bytesOf(file.bytes))}, more than ${bytesText(bytesOf(fileBytesMost))}`,
    );
    return false;
  }
  await demandRoom(desk, room, file.bytes);
  let content: Readable;
  try {
    content = await file.open();
  } catch (error) {
    count.leaveOut(what, error instanceof Error ? error.message : String(error));
    return false;
  }
  const source = { failure: null as Error | null };
  try {
    count.files.bytes += await desk.artifacts.put(key, bounded(content, source));
  } catch (error) {
    if (source.failure === null) throw error;
    count.leaveOut(what, source.failure.message);
    return false;
  }
  count.files.fresh++;
  return true;
}

/** @throws {TunewiseError} `MOVE_NO_ROOM` */
async function demandRoom({ artifacts }: Desk, room: FileRoom, bytes: number): Promise<void> {
  const free = await room.freeBytes();
  if (free === null || free - bytes >= keptFree) return;
  throw problem("MOVE_NO_ROOM", {
    place: artifacts.place,
    free: bytesText(bytesOf(free)),
    needed: bytesText(bytesOf(bytes)),
  });
}

/** The same stream, which fails beyond the largest size whatever was announced; notes down why it failed. */
function bounded(content: Readable, source: { failure: Error | null }): Readable {
  const through = new PassThrough();
  let bytes = 0;
  content.once("error", (error) => {
    source.failure = error;
  });
  const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > fileBytesMost) {
        source.failure = new Error("the file is larger than any file may be");
        throw source.failure;
      }
      yield chunk;
    }
  };
  // An error reaches the reader through the stream that it reads.
  pipeline(content, counted, through).catch(() => undefined);
  return through;
}
