/** @file Messages of `tunewise exec`: limits of a command, warnings, and how it ended. */

import { seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import type { LaunchEvent, LaunchOutcome, RunMeter, Unsaved } from "../../launch/index.ts";
import type { Console } from "../console.ts";
import { DONE, FAILED } from "../exit-codes.ts";
import { plain } from "../render/terminal.ts";

/** Limits of a command. */
export interface Limits {
  readonly rateUsdPerHour: Usd;
  readonly rateSource: string;
  /** Spending cap; `null` for none. */
  readonly capUsd: Usd | null;
  readonly tickMs: number;
  readonly graceMs: number;
}

/** `at $2.49 an hour: $20.00 last 8 h 2 min, then it has 60 s to save` */
export function limitText({ capUsd, rateUsdPerHour, graceMs }: Limits): string {
  const rate = `at ${usdText(rateUsdPerHour)} an hour`;
  if (capUsd === null) return `${rate}, without a budget`;
  const time = secondsText(seconds((capUsd / rateUsdPerHour) * 3600));
  return `${rate}: ${usdText(capUsd)} last ${time}, then it has ${secondsText(seconds(graceMs / 1000))} to save`;
}

/** Text of an event: a warning, a stop, a lost, silent or unwritten meter, or processes that outlived the command. */
export function eventText({ kind, meter, unsaved }: LaunchEvent): string {
  const spent = usdText((kind === "stop-asked" ? meter.stop : null)?.spentMicroUsd ?? meter.spentMicroUsd);
  const cap = meter.capUsd === null ? "" : ` of ${usdText(meter.capUsd)}`;
  switch (kind) {
    case "warning":
      return `tunewise: ${spent}${cap} are spent`;
    case "supervisor-lost":
      return `tunewise: the meter was lost at ${spent} and is started again`;
    case "supervisor-silent":
      return `tunewise: the meter stood still at ${spent} and is woken; the time between is counted`;
    case "outlived":
      return `tunewise: ${outlivedText(meter)}; time is counted until the last one ends; Ctrl-C asks them to end`;
    case "unsaved":
      return `tunewise: ${unsavedText(unsaved)}; the budget holds, and it is written once that is possible`;
    case "saved":
      return "tunewise: the meter is written again, and nothing of it was lost";
    case "stop-asked":
      return `tunewise: ${stopText(meter, `${spent}${cap}`)}`;
  }
}

function stopText({ stop, graceMs }: RunMeter, spent: string): string {
  const grace = secondsText(seconds(graceMs / 1000));
  const why = stop?.reason === "budget" ? `the budget is spent (${spent})` : "a stop was asked for";
  return `${why}; the command is asked to save and has ${grace}`;
}

/** `the command has ended with exit code 0, and 2 processes that it started go on (python 4711, sleep 4712)` */
function outlivedText({ commandExitCode, outlived }: RunMeter): string {
  const { count, some } = outlived ?? { count: 0, some: [] };
  const code = commandExitCode === null ? "" : ` with exit code ${commandExitCode}`;
  const names = some.map(({ pid, name }) => `${plain(name) || "process"} ${pid}`);
  const more = count > names.length ? ` and ${count - names.length} more` : "";
  const named = names.length === 0 ? "" : ` (${names.join(", ")}${more})`;
  const what = count === 1 ? "a process that it started goes on" : `${count} processes that it started go on`;
  return `the command has ended${code}, and ${what}${named}`;
}

/** `disk full: the meter is held in memory, 12 s unsaved` */
function unsavedText(unsaved: Unsaved | null): string {
  const { ms, code } = unsaved ?? { ms: 0, code: "unknown" };
  const why = code === "ENOSPC" || code === "EDQUOT" ? "disk full" : `the meter cannot be written (${code})`;
  return `${why}: the meter is held in memory, ${secondsText(seconds(ms / 1000))} unsaved`;
}

/** Prints how a command ended. */
export function showEnd(ending: LaunchOutcome, folder: string, console: Console): void {
  if (console.json) console.document(documentOf(ending, folder));
  else printEnd(ending, console);
}

function printEnd({ meter, exitCode, overshootUsd, unsaved }: LaunchOutcome, console: Console): void {
  const over = overshootUsd > 0 ? `, ${usdText(overshootUsd)} over the budget for saving and ending` : "";
  const time = secondsText(seconds(meter.meteredMs / 1000));
  console.info(`spent ${usdText(meter.spentMicroUsd)} in ${time}${over}; run ${meter.runId}`);
  if (meter.killed > 0) {
    console.info(
      `${processes(meter.killed)} of the run ${meter.killed === 1 ? "was" : "were"} ended by force`,
    );
  }
  if (meter.left > 0) {
    const [them, are] = meter.left === 1 ? ["it", "is"] : ["they", "are"];
    const then = `${them} ${are} still there, and the time is not counted any more`;
    console.error(`tunewise: ${processes(meter.left)} of the run could not be ended: ${then}`);
  }
  if (unsaved !== null) {
    const holder =
      meter.supervisor === null ? "" : `; process ${meter.supervisor.pid} waits for room to write it`;
    console.error(`tunewise: ${unsavedText(unsaved)}${holder}`);
  }
  const isOwn = meter.stop === null && exitCode !== null;
  if (isOwn && exitCode !== DONE && exitCode !== FAILED) {
    console.info(`the command ended with exit code ${exitCode}`);
  }
  if (meter.stop !== null && meter.outlived !== null && meter.commandExitCode !== null) {
    console.info(`the command itself had ended before, with exit code ${meter.commandExitCode}`);
  }
}

function processes(count: number): string {
  return count === 1 ? "1 process" : `${count} processes`;
}

function documentOf(
  { meter, exitCode, overshootUsd, unsaved }: LaunchOutcome,
  folder: string,
): Record<string, unknown> {
  return {
    run: meter.runId,
    folder,
    spent_micro_usd: meter.spentMicroUsd,
    seconds: meter.meteredMs / 1000,
    rate_micro_usd_per_hour: meter.rateUsdPerHour,
    rate_source: meter.rateSource,
    cap_micro_usd: meter.capUsd,
    overshoot_micro_usd: overshootUsd,
    stopped_by: meter.stop?.reason ?? null,
    exit_code: exitCode,
    command_exit_code: meter.commandExitCode,
    processes_left: meter.left,
    processes_killed: meter.killed,
    processes_outlived: meter.outlived?.count ?? 0,
    unsaved_seconds: unsaved === null ? 0 : unsaved.ms / 1000,
  };
}
