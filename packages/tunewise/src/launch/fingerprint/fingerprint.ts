/** @file The fingerprint of a command: two command lines with the same one would give the same result. Pure. */
import { createHash } from "node:crypto";
import { isSeed, isVolatile, parseCommand } from "./arguments.ts";

/** The code a command runs. */
export interface CodeVersion {
  readonly commit: string;
  /** Of what differs from the commit in tracked files; `null`: nothing does. */
  readonly changesSha256: string | null;
}

/** What determines the result of a command. */
export interface CommandParts {
  readonly command: readonly string[];
  /** Content hashes of the files that the command line names, by the word that names them. */
  readonly files: ReadonlyMap<string, string>;
  /** `null`: the folder is under no version control. */
  readonly code: CodeVersion | null;
}

/** SHA-256 in hex digits, at two levels. */
export interface CommandFingerprint {
  /** The same experiment. */
  readonly exact: string;
  /** The same but for its seed. */
  readonly family: string;
}

/**
 * The fingerprint of a command.
 *
 * Counted are the program's name, words in their order, options by name, the content of named files in place of
 * their names, and the code's version. Not counted are the order of options of different names, options that only say
 * where results go, and file names. The order of options of one name counts, as programs read lists so.
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
  // Sorting is stable, so that options of one name keep their order.
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
