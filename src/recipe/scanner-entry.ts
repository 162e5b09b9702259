/** @file An entry of `safety.scanners`. */

/** A scanner of code: the one that comes along, or a command that writes SARIF. */
export type CodeScannerEntry =
  | "builtin"
  | {
      /** The command: words as a shell splits them; `{folder}`, `{output}` and `{recipe}` are filled in. */
      readonly sarif: string;
      /** In reports. Default: the program's name. */
      readonly name: string | null;
      /** For a portion of the code. */
      readonly maxSeconds: number;
      /** Resident memory, in MiB. */
      readonly maxMegabytes: number;
    };
