/**
 * @file The port to the files that clients log. A key is a path below the store's root; no client chooses the root.
 */
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
  /** Removes a file, or a folder with all in it; gives whether there was one. */
  remove(key: string): Promise<boolean>;
}
