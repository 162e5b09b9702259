/** @file The section `safety`. */

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

/** Consequence of a run that forgets. */
export type ForgettingGate = "off" | "warn" | "fail" | "strict";

/** Measurement of whether the result became less safe. */
export interface SafetySection {
  /** What looks for insecure code, in rows and in answers. */
  readonly scanners: readonly CodeScannerEntry[];
  /** `auto`: if training answers contain code. */
  readonly code: "auto" | "on" | "off";
  /** `general`, or a file. */
  readonly codePrompts: string;
  /** `auto`: for free text through a chat template. */
  readonly refusals: "auto" | "on" | "off";
  readonly refusalPrompts: string;
  /** `null`: all. */
  readonly rows: { readonly code: number | null; readonly refusals: number | null };
  readonly maxNewTokens: number;
  /** Max. increase of the share of unsafe answers. */
  readonly maxRise: number;
  readonly gate: ForgettingGate;
}
