/** @file The port to the files that clients log. A key is a path below the store's root; no client chooses the root. */
import type { Readable } from "node:stream";

/** A file or a folder right below a key. */
export interface ArtifactEntry {
  /** The last part of its key. */
  readonly name: string;
  readonly isFolder: boolean;
  /** 0 for a folder. */
  readonly bytes: number;
}

/** An open file. */
export interface OpenArtifact {
  readonly bytes: number;
  readonly content: Readable;
}

/**
 * Where artifacts lie. Keys are checked by `artifactKey` before they come here, and hold names as clients give them;
 * how a store writes them down is its own matter.
 *
 * All methods may throw `ARTIFACT_STORE_FAILED`.
 */
export interface ArtifactStore {
  /** Shown to people: a folder or a bucket, without secrets. */
  readonly place: string;
  /** Writes a file as a whole: what breaks off leaves what was there before. Gives its bytes. */
  put(key: string, content: Readable): Promise<number>;
  /** `null` where there is no such file. `from` and `to` are the first byte and the one after the last. */
  open(key: string, range?: { readonly from: number; readonly to: number }): Promise<OpenArtifact | null>;
  /** Bytes of a file, or `null`. */
  size(key: string): Promise<number | null>;
  /** By name; empty where there is no such folder. */
  list(key: string): Promise<ArtifactEntry[]>;
  /** Removes a file, or a folder with all in it. Returns whether there was one. */
  remove(key: string): Promise<boolean>;
}

/** Longest path of a client, in bytes of UTF-8. @source POSIX: PATH_MAX is 4096 on Linux; a root comes before it */
const maxPathBytes = 2048;
/** Longest part of a plain key. @source NAME_MAX of common file systems */
const maxPartBytes = 255;

/**
 * The key of a path that a client names, or `null` where it may not be named: absolute, leading upwards, with an empty
 * part, a backslash, a NUL, or a drive or scheme before it. Any other letter may be in it: stores write those that a
 * file system does not take in another way. The path is decoded once before it comes here; since other programs may do
 * that again, it may lead upwards in none of its readings.
 *
 * @source the negative tests of MLflow's CVE-2023-6831, -6909, -6977, CVE-2024-1483, -2928, -3848
 */
export function artifactKey(path: string): string | null {
  if (Buffer.byteLength(path) > maxPathBytes || /[\0\\]|\p{Surrogate}/u.test(path)) return null;
  if (path.split("/").includes("")) return null;
  for (let [read, before] = [path, ""]; read !== before; [read, before] = [decoded(read), read]) {
    if (/^(?:\/|[a-z][a-z0-9+.-]*:\/)/i.test(read)) return null;
    if (read.split(/[/\\]/).some((part) => /^\.{1,2}$/.test(part.trim()))) return null;
  }
  return path;
}

/** What a program makes of a path that it takes for encoded; each round is shorter, or the last. */
function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/**
 * The key of a path that is read in the same way wherever it is a part of an address or a name: as `artifactKey`, and
 * without control letters and marks that other programs give a meaning.
 */
export function plainKey(path: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f#?%:*"<>|]/.test(path)) return null;
  const isPlain = (part: string): boolean => Buffer.byteLength(part) <= maxPartBytes && part.trim() === part;
  return path.split("/").every(isPlain) ? artifactKey(path) : null;
}
