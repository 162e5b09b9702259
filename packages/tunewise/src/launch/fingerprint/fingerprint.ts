/** @file The fingerprint of a command: command lines with equal fingerprints give the same result. Pure. */
import { createHash } from "node:crypto";
import { isSeed, isVolatile, parseCommand } from "./arguments.ts";

/** The code a command runs. */
export interface CodeVersion {
  readonly commit: string;
  /** Hash of the diff of tracked files to the commit; `null` if there is no diff. */
  readonly changesSha256: string | null;
}

/** What determines the result of a command. */
export interface CommandParts {
  readonly command: readonly string[];
  /** Content hashes of the files that the command line names, by the word that names them. */
  readonly files: ReadonlyMap<string, string>;
  /** `null` if the folder is not under version control. */
  readonly code: CodeVersion | null;
}

/** SHA-256 hashes in hex, at two levels. */
export interface CommandFingerprint {
  /** The same experiment. */
  readonly exact: string;
  /** The same experiment, except for the seed. */
  readonly family: string;
}

/**
 * Computes the fingerprint of a command.
 *
 * It includes the program's name, the words in order, the options by name, the content of named files instead of their
 * names, and the code version. It excludes the order of options with different names, options that only say where
 * results are written, and file names. The order of options with the same name counts, because programs read them as
 * lists.
 */
export function fingerprintCommand({ command, files, code }: CommandParts): CommandFingerprint {
  const { program, words, options } = parseCommand(command);
  const contentOf = (word: string): string => {
    const hash = files.get(word);
    return hash === undefined ? `text:${word}` : `file:${hash}`;
  };
  const counted = options
    .filter(({ name }) => !isVolatile(name))
    .map(({ name, value }) => [name, value === null ? null : contentOf(value)] as const);
  // Sorting is stable, so options with the same name keep their order.
  const sorted = counted.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const family = {
    format: 1,
    program,
    words: words.map(({ value }) => contentOf(value)),
    options: sorted.filter(([name]) => !isSeed(name)),
    code: code === null ? null : [code.commit, code.changesSha256],
  };
  const seeds = sorted.filter(([name]) => isSeed(name));
  return { exact: sha256({ ...family, seeds }), family: sha256(family) };
}

function sha256(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
