/** @file The section `safety`. */

/** A code scanner: the built-in one, or a command that writes SARIF. */
export type CodeScannerEntry =
  | "builtin"
  | {
      /** The command, split into words as by a shell. `{folder}`, `{output}` and `{recipe}` are replaced. */
      readonly sarif: string;
      /** Name in reports; default: the program's name. */
      readonly name: string | null;
      /** Time limit for one batch of code. */
      readonly maxSeconds: number;
      /** Max. resident memory, in MiB. */
      readonly maxMegabytes: number;
    };

/** Consequence for a run that forgets. */
export type ForgettingGate = "off" | "warn" | "fail" | "strict";

/** Measurement of whether the result has become less safe. */
export interface SafetySection {
  /** Scanners for insecure code in rows and in answers. */
  readonly scanners: readonly CodeScannerEntry[];
  /** `auto`: measured if training answers contain code. */
  readonly code: "auto" | "on" | "off";
  /** `general`, or a file. */
  readonly codePrompts: string;
  /** `auto`: measured for free text through a chat template. */
  readonly refusals: "auto" | "on" | "off";
  readonly refusalPrompts: string;
  /** Max. prompts of each kind; `null`: all. */
  readonly rows: { readonly code: number | null; readonly refusals: number | null };
  readonly maxNewTokens: number;
  /** Max. increase of the share of unsafe answers. */
  readonly maxRise: number;
  readonly gate: ForgettingGate;
}
