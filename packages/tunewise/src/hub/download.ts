/**
 * @file Downloads one file: resumes after interruptions, verifies the hash, and renames the file only when complete.
 *
 * The incomplete file is NAME.part. Its content up to its length is always valid, and every writer starts at its end
 * (or at 0 with the same bytes). Two processes can therefore write to it at once: they write the same bytes to the
 * same offsets.
 */
import { createHash } from "node:crypto";
import { constants, type FileHandle, mkdir, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { renameSynced, writeAll } from "@tunewise/core/files";
import { openPositionedFile, writeProblem } from "@tunewise/engine/weights";
import { problem } from "../problem/index.ts";
import {
  checkAccess,
  defaultRetryPolicy,
  type HubAccess,
  type HubResponse,
  hubHost,
  networkReason,
  type RetryPolicy,
  requestHub,
} from "./connection.ts";
import type { HubFile } from "./listing.ts";
import type { SourceContext } from "./source-context.ts";

/** What to download, and to which path. */
export interface Download {
  readonly address: string;
  /** Final path. */
  readonly target: string;
  readonly file: HubFile;
  /** Repository, named in errors. */
  readonly id: string;
  readonly onProgress?: SourceContext["onProgress"] | undefined;
}

/** A broken connection or a response that a retry may improve. */
class Interrupted extends Error {}

/**
 * Downloads a file unless it already exists.
 *
 * @throws {TunewiseError} `MODEL_DOWNLOAD_FAILED` after several consecutive attempts without progress,
 *   `MODEL_DOWNLOAD_DAMAGED` for a wrong size or hash, `MODEL_ACCESS_DENIED`, `MODEL_FILE_WRITE_FAILED`; or the abort
 *   reason
 */
export async function downloadFile(
  access: HubAccess,
  download: Download,
  patience: RetryPolicy = defaultRetryPolicy,
): Promise<void> {
  const { target, file } = download;
  if ((await sizeOf(target)) === file.bytes) return;
  try {
    await mkdir(dirname(target), { recursive: true });
    await fillPart(access, download, patience);
    await verifyPart(access, download);
    await finish(target);
  } catch (error) {
    throw writeProblem(target, error);
  }
}

/** Retries until NAME.part has its full length; only consecutive attempts without progress count. */
async function fillPart(access: HubAccess, download: Download, patience: RetryPolicy): Promise<void> {
  const part = `${download.target}.part`;
  let failures = 0;
  // An empty file needs no request, but the rename needs a NAME.part.
  if (download.file.bytes === 0) await (await open(part, "a")).close();
  for (;;) {
    const before = await usableLength(part, download.file.bytes);
    if (before === download.file.bytes) return;
    try {
      await fetchOnce(access, download, part, before, patience);
      return;
    } catch (error) {
      access.signal?.throwIfAborted();
      if (!(error instanceof Interrupted)) throw error;
      failures = (await usableLength(part, download.file.bytes)) > before ? 1 : failures + 1;
      if (failures >= patience.attempts) {
        const about = { file: download.file.name, host: hubHost(access), detail: error.message };
        throw problem("MODEL_DOWNLOAD_FAILED", about, { cause: error });
      }
      await pause(patience.pauseMilliseconds * 2 ** (failures - 1), undefined, { signal: access.signal });
    }
  }
}

async function fetchOnce(
  access: HubAccess,
  download: Download,
  part: string,
  from: number,
  patience: RetryPolicy,
): Promise<void> {
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  // Compressed responses could not be resumed by offset.
  headers["accept-encoding"] = "identity";
  let answer: HubResponse;
  try {
    answer = await requestHub(access, download.address, headers, patience);
  } catch (error) {
    throw new Interrupted(networkReason(error), { cause: error });
  }
  const handle = await open(part, constants.O_CREAT | constants.O_WRONLY);
  try {
    const start = startOf(access, answer.response, download, from);
    await writeBody(answer, handle, start, download);
    await handle.sync();
  } finally {
    answer.close();
    await handle.close();
  }
}

/** Offset of the body: `from` if the server honors the range, otherwise 0. */
function startOf(access: HubAccess, response: Response, download: Download, from: number): number {
  checkAccess(access, download.id, response.status);
  if (response.status === 200) return 0;
  if (response.status === 206) {
    const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
    if (range?.[1] === String(from)) return from;
    throw new Interrupted("the server sent a different part of the file than requested");
  }
  const detail = `the server returned ${response.status}`;
  if (isRetryable(response.status)) throw new Interrupted(detail);
  throw problem("MODEL_DOWNLOAD_FAILED", { file: download.file.name, host: hubHost(access), detail });
}

/** Whether a retry may help: server errors, timeouts, too many requests, a rejected range. */
function isRetryable(status: number): boolean {
  return status >= 500 || status === 408 || status === 416 || status === 429;
}

async function writeBody(
  answer: HubResponse,
  handle: FileHandle,
  start: number,
  download: Download,
): Promise<void> {
  const { name: file, bytes: totalBytes } = download.file;
  let position = start;
  const chunks = answer.response.body?.[Symbol.asyncIterator]();
  for (;;) {
    const chunk = await nextChunk(chunks);
    if (chunk === null) break;
    answer.progress();
    // A server that never stops sending must not fill the disk. The hash verifies the bytes that were kept.
    const kept = chunk.subarray(0, Math.max(0, totalBytes - position));
    await writeAll(handle, kept, position);
    position += kept.byteLength;
    download.onProgress?.({ file, doneBytes: position, totalBytes });
    if (kept.byteLength < chunk.byteLength) return;
  }
  if (position < totalBytes)
    throw new Interrupted(`the connection ended at byte ${position} of ${totalBytes}`);
}

async function nextChunk(chunks: AsyncIterator<Uint8Array> | undefined): Promise<Uint8Array | null> {
  try {
    const next = await chunks?.next();
    return next === undefined || next.done === true ? null : next.value;
  } catch (error) {
    throw new Interrupted(networkReason(error), { cause: error });
  }
}

/** Reads the part back from disk and compares its hash. */
async function verifyPart(access: HubAccess, { target, file }: Download): Promise<void> {
  const part = `${target}.part`;
  const open = await openPositionedFile(part).catch(() => null);
  // Another process has completed and renamed it in the meantime.
  if (open === null && (await sizeOf(target)) === file.bytes) return;
  const found = open === null ? "nothing" : await hashOf(open, file);
  if (found === file.hash.value) return;
  await rm(part, { force: true });
  const detail = `its ${file.hash.kind} is ${found} instead of ${file.hash.value}`;
  throw problem("MODEL_DOWNLOAD_DAMAGED", { file: file.name, host: hubHost(access), detail });
}

async function hashOf(open: Awaited<ReturnType<typeof openPositionedFile>>, file: HubFile): Promise<string> {
  try {
    const hash = createHash(file.hash.kind === "sha256" ? "sha256" : "sha1");
    // @source git-scm.com Git Internals, "Object Storage": a blob's hash covers "blob LENGTH\0" and the content
    if (file.hash.kind === "git-sha1") hash.update(`blob ${open.size}\0`);
    await open.hashInto(hash);
    return hash.digest("hex");
  } finally {
    await open.close();
  }
}

async function finish(target: string): Promise<void> {
  try {
    await renameSynced(`${target}.part`, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || (await sizeOf(target)) === null) throw error;
  }
}

/** Length of NAME.part; one that is longer than the file is discarded. */
async function usableLength(part: string, bytes: number): Promise<number> {
  const length = (await sizeOf(part)) ?? 0;
  if (length <= bytes) return length;
  await rm(part, { force: true });
  return 0;
}

async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}
