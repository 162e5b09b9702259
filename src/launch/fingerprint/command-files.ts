/**
 * @file What a command line stands on: files it names, and the version of the code around it.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { isVolatile, parseCommand } from "./arguments.ts";
import { hashContent } from "./content-hash.ts";
import type { CodeVersion } from "./fingerprint.ts";

/** Largest difference to a commit that is read. */
const changesBytesMost = 1 << 28;

/**
 * Hashes the files that a command line names, by the words that name them.
 *
 * @param cwd folder that relative names start from
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
    // A file that cannot be read is a word like any other; the command itself will complain about it.
    const hash = await hashContent(path, found.size).catch(() => null);
    if (hash !== null) hashes.set(word, hash);
  }
  return hashes;
}

/**
 * The commit of a folder and the hash of what differs from it in tracked files; `null` without git or a commit. New
 * files count only where the command names them: the results of earlier runs lie among them.
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
  const options = { cwd, encoding: "buffer", maxBuffer: changesBytesMost } as const;
  return (await promisify(execFile)("git", [...words], options)).stdout;
}
