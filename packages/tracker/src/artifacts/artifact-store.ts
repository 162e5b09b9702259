/**
 * @file The interface to the files that clients log. A key is a path below the store's root; clients cannot choose the
 * root.
 */
import type { Readable } from "node:stream";

/** A file or folder directly below a key. */
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
 * Where artifacts are stored. Keys have passed `artifactKey` and contain names as clients gave them. Each store chooses
 * its own encoding of them.
 *
 * All methods may throw `ARTIFACT_STORE_FAILED`.
 */
export interface ArtifactStore {
  /** For display: a folder or a bucket, without secrets. */
  readonly place: string;
  /** Writes a file atomically: after a failed write, the previous file is still there. Returns the size in bytes. */
  put(key: string, content: Readable): Promise<number>;
  /** Returns `null` if there is no such file. `from` is the first byte, `to` the byte after the last. */
  open(key: string, range?: { readonly from: number; readonly to: number }): Promise<OpenArtifact | null>;
  /** Size of a file in bytes, or `null`. */
  size(key: string): Promise<number | null>;
  /** Sorted by name; empty if there is no such folder. */
  list(key: string): Promise<ArtifactEntry[]>;
  /** Removes a file, or a folder with its contents. Returns whether it existed. */
  remove(key: string): Promise<boolean>;
}

/**
 * Maximum length of a client's path, in bytes of UTF-8.
 *
 * @source POSIX: PATH_MAX is 4096 on Linux, including the root
 */
const maxPathBytes = 2048;
/** Maximum length of one part of a plain key. @source NAME_MAX of common file systems */
const maxPartBytes = 255;

/**
 * The key for a path given by a client, or `null` if the path is refused: absolute, with dot segments, an empty part, a
 * backslash, a NUL, or a leading drive or scheme. All other characters are allowed; stores encode those that a file
 * system rejects. The path has been decoded once before this call. Since other programs may decode it again, no
 * repeated decoding may produce a refused path.
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

/** Percent-decodes a path, as other programs may do. Each pass shortens the path or is the last. */
function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/**
 * Like `artifactKey`, but also refuses control characters and characters that have a special meaning in URLs or file
 * names, so that every program reads the key the same way.
 */
export function plainKey(path: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern looks for control characters
  if (/[\u0000-\u001f\u007f#?%:*"<>|]/.test(path)) return null;
  const isPlain = (part: string): boolean => Buffer.byteLength(part) <= maxPartBytes && part.trim() === part;
  return path.split("/").every(isPlain) ? artifactKey(path) : null;
}
