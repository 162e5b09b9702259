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
 * Where artifacts lie. Keys are checked by `artifactKey` before they come here.
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

/** Longest key, in bytes of UTF-8. @source POSIX: PATH_MAX is at least 256, 4096 on Linux; a root comes before it */
const maxKeyBytes = 2048;
/** Longest part of a key. @source NAME_MAX of common file systems */
const maxPartBytes = 255;

/**
 * The key of a path that a client names, or `null` where it may not be named: absolute, leading upwards, with an empty
 * part, a backslash, a control letter, a drive, or marks that other programs read as a part of an address. The path is
 * decoded once before it comes here, and not again.
 *
 * @source the negative tests of MLflow's CVE-2023-6831, -6909, -6977, CVE-2024-1483, -2928, -3848
 */
export function artifactKey(path: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f\\#?%:*"<>|]/.test(path) || path.startsWith("/")) return null;
  if (Buffer.byteLength(path) > maxKeyBytes) return null;
  const parts = path.split("/");
  const isPlain = (part: string): boolean =>
    part !== "" &&
    part !== "." &&
    part !== ".." &&
    Buffer.byteLength(part) <= maxPartBytes &&
    part.trim() === part;
  return parts.every(isPlain) ? parts.join("/") : null;
}
