/**
 * @file Who watches a backup or a restore: told how far it is, and able to stop it.
 */

/** How far it is. */
export interface ArchiveProgress {
  readonly doing: "checking" | "rows" | "files";
  /** A table, or nothing. */
  readonly name: string;
  /** Rows of the table, files, or bytes that were checked. */
  readonly count: number;
}

/** Looks on; an aborted signal stops the work at its next step, by a throw of its reason. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: ArchiveProgress) => void) | undefined;
}
