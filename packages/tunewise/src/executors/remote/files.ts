/** @file Transfers files of a run to and from another machine, identified and verified by content hash. */
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openRegularFile } from "@tunewise/core/untrusted";
import { hashOf } from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import type { Box } from "./box.ts";
import { isConnectionLost } from "./machine.ts";
import type { ListedFile } from "./replies.ts";

/** Maximum attempts over lost connections, maximum pause between two, and maximum total time. */
const [attemptsMost, pauseMostMs, lossesMostMs] = [10, 20_000, 300_000];
/** Maximum attempts to send a file whose content does not match its hash. */
const maxSpoiled = 3;

/** A file to send. */
export interface SentFile {
  /** Its path on the other machine, such as `run/execution/spec.json`. */
  readonly path: string;
  readonly source: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether other runs use it too. */
  readonly isShared: boolean;
}

/**
 * Describes a file to send.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function sentFile(path: string, source: string, isShared: boolean): Promise<SentFile> {
  const found = await hashOf(source);
  if (found === null) throw problem("RUN_FILE_UNREADABLE", { path: source, reason: "no such file" });
  return { path, source, isShared, bytes: Number(found.bytes), sha256: found.sha256 };
}

/**
 * Sends the files that the other machine lacks, and puts all files in their places.
 *
 * @param emptied folders whose content is replaced
 * @param note called once with the bytes to send
 * @throws {TunewiseError} `REMOTE_DISK_FULL`, `REMOTE_FAILED`, and the errors of `Box.ask`
 */
export async function sendFiles(
  box: Box,
  files: readonly SentFile[],
  emptied: readonly string[],
  note: (bytes: number) => void = () => undefined,
): Promise<void> {
  const distinct = [...new Map(files.map((file) => [`${file.isShared} ${file.sha256}`, file])).values()];
  const { signal } = box.asking;
  let isNoted = false;
  let spoiled = 0;
  await throughLosses(async () => {
    for (;;) {
      const { have } = await box.ask("missing", { files: distinct.map(described) });
      const lacking = distinct.flatMap((file, at) => {
        const { isWhole = false, bytes: from = 0 } = have[at] ?? {};
        return isWhole ? [] : [{ ...file, from }];
      });
      const bytes = lacking.reduce((sum, file) => sum + file.bytes - file.from, 0);
      if (!isNoted) {
        note(bytes);
        await requireRoom(box, bytes);
      }
      isNoted = true;
      if (lacking.length === 0) break;
      const request = { files: lacking.map((file) => ({ ...described(file), from: file.from })) };
      const reply = await box.ask("receive", request, contentOf(lacking));
      if (reply.spoiled === null) break;
      if (++spoiled >= maxSpoiled)
        throw problem("REMOTE_FAILED", {
          address: box.machine.address,
          what: "receive",
          reason: `a file arrived ${spoiled} times with different content than was sent`,
        });
    }
  }, signal);
  await throughLosses(() => box.ask("build", { files: files.map(described), emptied }), signal);
}

function described({ path, bytes, sha256, isShared }: SentFile): object {
  return { path, bytes, sha256, isShared };
}

async function* contentOf(
  files: readonly (SentFile & { readonly from: number })[],
): AsyncGenerator<Buffer, void, void> {
  for (const { source, from, bytes } of files) {
    if (from === bytes) continue;
    const file = await openRegularFile(source);
    for await (const part of file.createReadStream({ start: from, end: bytes - 1 })) yield part as Buffer;
  }
}

/** Requires enough free disk space before anything is sent. */
async function requireRoom(box: Box, bytes: number): Promise<void> {
  const { freeBytes, cache } = await box.ask("hello");
  if (bytes < freeBytes) return;
  const reason = `${megabytes(bytes)} must be sent, but only ${megabytes(freeBytes)} are free`;
  throw problem("REMOTE_DISK_FULL", { address: box.machine.address, path: cache, reason });
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

/** Retries work after lost connections. @param signal aborts it between two attempts */
export async function throughLosses<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined = undefined,
): Promise<Result> {
  const over = AbortSignal.timeout(lossesMostMs);
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionLost(error) || attempt >= attemptsMost || over.aborted) throw error;
      await sleep(Math.min(250 * 2 ** attempt, pauseMostMs), undefined, { signal });
    }
  }
}

/** Paths of files accepted from another machine: only formats that are read as data. */
const wanted =
  /^(execution\/(events\.jsonl|end\.json|worker\.log|fisher\.safetensors)|fisher\.safetensors|(checkpoints\/step-\d{1,12}|adapter|weights)\/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(json|jsonl|safetensors))$/;

/**
 * Downloads files of the run's folder. Each appears once it is complete and its hash matches. Files that are already
 * here are skipped.
 *
 * @param folder the run's folder on this machine
 * @param paths files and folders in it
 * @throws {TunewiseError} `REMOTE_FAILED`, `RUN_FILE_WRITE_FAILED`, and the errors of `Box.ask`
 */
export async function bringFiles(box: Box, folder: string, paths: readonly string[]): Promise<void> {
  const { files } = await throughLosses(() => box.ask("listing", { paths }), box.asking.signal);
  const found = files.filter(({ path }) => wanted.test(path));
  // manifests come last, since a checkpoint counts once its manifest exists
  const last = found.filter(({ path }) => basename(path) === "manifest.json");
  for (const file of [...found.filter((file) => !last.includes(file)), ...last])
    await bring(box, folder, file);
  if (paths.includes("checkpoints")) await dropOthers(join(folder, "checkpoints"), found);
}

async function bring(box: Box, folder: string, { path, bytes, sha256 }: ListedFile): Promise<void> {
  const target = join(folder, path);
  if ((await hashOf(target))?.sha256 === sha256) return;
  const draft = join(dirname(target), `.writing-${basename(target)}`);
  const failed = (cause: NodeJS.ErrnoException): Error =>
    problem("RUN_FILE_WRITE_FAILED", { path: target, folder, reason: cause.message }, { cause });
  await mkdir(dirname(target), { recursive: true });
  await rm(draft, { force: true });
  await throughLosses(async () => {
    const from = existsSync(draft) ? (await stat(draft)).size : 0;
    if (from >= bytes) return;
    for await (const part of box.read(path, from))
      await appendFile(draft, part).catch((cause: NodeJS.ErrnoException) => Promise.reject(failed(cause)));
  }, box.asking.signal);
  if (bytes === 0) await appendFile(draft, "");
  // a log may have grown since it was listed
  await truncate(draft, bytes).catch((cause: NodeJS.ErrnoException) => Promise.reject(failed(cause)));
  if ((await hashOf(draft))?.sha256 !== sha256) {
    await rm(draft, { force: true });
    const reason = "its content differs from the listed SHA-256";
    throw problem("REMOTE_FAILED", { address: box.machine.address, what: path, reason });
  }
  await rename(draft, target);
}

/** Removes checkpoints that the other machine has deleted, unless it has none. */
async function dropOthers(folder: string, found: readonly ListedFile[]): Promise<void> {
  const kept = new Set(found.flatMap(({ path }) => /^checkpoints\/(step-\d+)\//.exec(path)?.[1] ?? []));
  if (kept.size === 0) return;
  const here = await readdir(folder).catch((): string[] => []);
  for (const name of here.filter((one) => /^step-\d+$/.test(one) && !kept.has(one)))
    await rm(join(folder, name), { recursive: true, force: true });
}
