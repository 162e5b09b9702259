/**
 * @file What `tunewise exec` tells of a command: its limits, warnings, and how it ended.
 */
import type { LaunchEvent, RunMeter } from "../../launch/index.ts";
import { seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import { DONE, FAILED } from "../exit-codes.ts";
import type { Face } from "../face.ts";

/** What a command may cost and take. */
export interface Limits {
  readonly rateUsdPerHour: Usd;
  readonly rateSource: string;
  /** `null`: no cap. */
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

/** A warning, a stop, a lost meter. */
export function eventText({ kind, meter }: LaunchEvent): string {
  const spent = usdText((kind === "stop-asked" ? meter.stop : null)?.spentMicroUsd ?? meter.spentMicroUsd);
  const cap = meter.capUsd === null ? "" : ` of ${usdText(meter.capUsd)}`;
  if (kind === "warning") return `tunewise: ${spent}${cap} are spent`;
  if (kind === "supervisor-lost") return `tunewise: the meter was lost at ${spent} and is started again`;
  const grace = secondsText(seconds(meter.graceMs / 1000));
  const why =
    meter.stop?.reason === "budget" ? `the budget is spent (${spent}${cap})` : "a stop was asked for";
  return `tunewise: ${why}; the command is asked to save and has ${grace}`;
}

/** How a command ended. */
export interface Ending {
  readonly meter: RunMeter;
  readonly exitCode: number | null;
  readonly overshootUsd: Usd;
}

/** Tells how a command ended. */
export function showEnd(ending: Ending, folder: string, face: Face): void {
  if (face.json) face.document(documentOf(ending, folder));
  else tellEnd(ending, face);
}

function tellEnd({ meter, exitCode, overshootUsd }: Ending, face: Face): void {
  const over = overshootUsd > 0 ? `, ${usdText(overshootUsd)} over the budget for saving and ending` : "";
  const time = secondsText(seconds(meter.meteredMs / 1000));
  face.talk(`spent ${usdText(meter.spentMicroUsd)} in ${time}${over}; run ${meter.runId}`);
  if (meter.left > 0) face.complain(`tunewise: ${meter.left} processes of the run are still there`);
  if (exitCode !== DONE && exitCode !== FAILED && meter.stop === null && exitCode !== null) {
    face.talk(`the command ended with exit code ${exitCode}`);
  }
}

function documentOf({ meter, exitCode, overshootUsd }: Ending, folder: string): Record<string, unknown> {
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
  };
}
