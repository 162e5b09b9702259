/** @file The table of all exit codes. */

/** An exit code and its meaning. */
export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
}

/** Completed without blocking findings. */
export const DONE = 0;
/** Failed. */
export const FAILED = 1;
/** Completed, but a check, guard or limit failed. */
export const CHECK_SAID_NO = 2;
/** Invalid usage, recipe or input file. */
export const BAD_USAGE = 64;
/** Interrupted; state saved. */
export const INTERRUPTED = 130;

/**
 * Every code a command can end with.
 *
 * @source 64: BSD sysexits `EX_USAGE`; 130: 128 plus SIGINT, as shells report it
 */
export const exitCodes: readonly ExitCode[] = [
  { code: DONE, meaning: "success" },
  { code: FAILED, meaning: "failed" },
  { code: CHECK_SAID_NO, meaning: "completed, but a check, guard or limit failed" },
  {
    code: 3,
    meaning: "needs confirmation and there is no terminal: pass --yes with a budget, or an approved plan",
  },
  { code: 4, meaning: "credentials missing" },
  { code: BAD_USAGE, meaning: "invalid usage, recipe, data or model file" },
  { code: INTERRUPTED, meaning: "interrupted; state saved" },
];
