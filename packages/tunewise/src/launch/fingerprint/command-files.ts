/** @file Hashes the inputs of a command line: the content of the files it names, and the version of the code. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { rowsIn } from "@tunewise/core/format";
import { openRegularFile } from "@tunewise/core/untrusted";
import { isVolatile, parseCommand } from "./arguments.ts";
import type { CodeVersion } from "./fingerprint.ts";

/** Max. size of the diff to a commit that is read. */
const maxChangesBytes = 1 << 28;

/**
 * Hashes the files that a command line names. Returns hashes by the word that names the file.
 *
 * @param cwd folder that relative names are resolved against
 */
export async function hashNamedFiles(command: readonly string[], cwd: string): Promise<Map<string, string>> {
  const { words, options } = parseCommand(command);
  const values = options.filter(({ name }) => !isVolatile(name)).map(({ value }) => value);
  const named = new Set([...words.map(({ value }) => value), ...values.filter((value) => value !== null)]);
  const hashes = new Map<string, string>();
  for (const word of named) {
    const path = resolve(cwd, word);
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) continue;
    // A file that cannot be read counts as a plain word; the command itself will report the error.
    const hash = await hashContent(path, found.size).catch(() => null);
    if (hash !== null) hashes.set(word, hash);
  }
  return hashes;
}

/**
 * The commit of a folder and the hash of the diff of tracked files; `null` without git or a commit. Untracked files
 * count only if the command names them, because they include the results of earlier runs.
 */
export async function readCodeVersion(cwd: string): Promise<CodeVersion | null> {
  try {
    const commit = (await git(cwd, ["rev-parse", "HEAD"])).toString().trim();
    const changes = await git(cwd, ["diff", "--no-ext-diff", "--no-color", "--binary", "HEAD"]);
    const hash = changes.length === 0 ? null : createHash("sha256").update(changes).digest("hex");
    return { commit, changesSha256: hash };
  } catch {
    return null;
  }
}

async function git(cwd: string, words: readonly string[]): Promise<Buffer> {
  const options = { cwd, encoding: "buffer", maxBuffer: maxChangesBytes } as const;
  return (await promisify(execFile)("git", [...words], options)).stdout;
}

/** Max. bytes of a file that are hashed; of a larger file, the beginning and the size count. */
const maxContentBytes = 2 ** 32;
/** Max. length of a line; a file with a longer one is hashed as a whole. */
const maxLineBytes = 1 << 24;
const modulus = 1n << 256n;

/**
 * Hash of a file, in hex digits.
 *
 * Lines of JSON Lines files are rows, and so are lines of tables after the first. The order of rows does not count;
 * repeated rows count each time. The hashes of rows are added, so that memory use stays small.
 *
 * @param bytes size of the file
 */
export async function hashContent(path: string, bytes: number): Promise<string> {
  const rows = rowsIn(path);
  if (rows === "whole" || bytes > maxContentBytes) return hashBytes(path, bytes);
  return (await hashRows(path, rows === "lines-below-names")) ?? hashBytes(path, bytes);
}

async function hashBytes(path: string, bytes: number): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of (await openRegularFile(path)).createReadStream({ end: maxContentBytes - 1 }))
    hash.update(chunk as Buffer);
  if (bytes > maxContentBytes) hash.update(`and ${bytes} bytes in all`);
  return hash.digest("hex");
}

/** Returns `null` if a line is too long for a row. */
async function hashRows(path: string, hasHead: boolean): Promise<string | null> {
  let [rest, sum, count, head] = [Buffer.alloc(0), 0n, 0, ""];
  const add = (line: Buffer): void => {
    const row = line.at(-1) === 13 ? line.subarray(0, -1) : line;
    if (row.length === 0) return;
    const digest = createHash("sha256").update(row).digest("hex");
    if (hasHead && head === "") head = digest;
    else [sum, count] = [(sum + BigInt(`0x${digest}`)) % modulus, count + 1];
  };
  for await (const chunk of (await openRegularFile(path)).createReadStream()) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, from)) {
      add(rest.subarray(from, end));
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > maxLineBytes) return null;
  }
  add(rest);
  return createHash("sha256")
    .update(`rows ${head} ${count} ${sum.toString(16)}`)
    .digest("hex");
}
