/**
 * @file The file of a run's meter, so that a crash loses no record of money spent, and the stop file beside it, by
 * which any process asks the run to stop.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MeteredTime, type Usd } from "@tunewise/core/quantity";
import { budgetWarnShare } from "../../guard/index.ts";
import type { Machine, ProcessIdentity } from "../machine.ts";

/** Why a command was asked to stop: its budget, Ctrl-C, a scheduler's signal, a request from outside, or because
 * supervisors could not be started. */
export type StopReason = "budget" | "interrupt" | "terminate" | "request" | "meter-lost";

/** A run of a command, as stored in its file. Timestamps are for people; durations come from the monotonic clock. */
export interface RunMeter extends Meter {
  readonly formatVersion: 1;
  readonly runId: string;
  /** Machine that its processes run on. */
  readonly host: string;
  /** For people: truncated and without secrets. */
  readonly command: string;
  readonly rateSource: string;
  /** Rate times metered time, for readers that do not compute it. */
  readonly spentMicroUsd: Usd;
  readonly status: "starting" | "running" | "stopping" | "ended";
  readonly tickMs: number;
  readonly graceMs: number;
  readonly startedAt: string;
  readonly tickedAt: string;
  readonly endedAt: string | null;
  /** Last tick, by the clock that all processes of a boot share. */
  readonly tickedMs: number;
  /** The process that a person started. */
  readonly front: ProcessIdentity;
  /** The process that ticks. */
  readonly supervisor: ProcessIdentity | null;
  /** Number of supervisors so far. */
  readonly supervisors: number;
  /** Leader of the command's process group. */
  readonly leader: ProcessIdentity | null;
  /** Processes of the run that have left its group. */
  readonly strays: readonly ProcessIdentity[];
  /** Whether 80 % of the cap was reached. */
  readonly warned: boolean;
  readonly stop: {
    readonly reason: StopReason;
    readonly at: string;
    readonly atMs: number;
    /** Money spent when the stop was requested. */
    readonly spentMicroUsd: Usd;
    /** Whether the command has been signaled, or needs no signal because it is killed. */
    readonly told: boolean;
  } | null;
  /** The command's own exit code; `null` if it was killed or the code is unknown. */
  readonly commandExitCode: number | null;
  /** Processes of the run that could not be killed: they still run, but their time is no longer metered. */
  readonly left: number;
  /** Processes that kept running after the command had ended, the first few by name; paid for until they end. */
  readonly outlived: { readonly count: number; readonly some: readonly Outliving[] } | null;
  /** Processes that were ended by SIGKILL. */
  readonly killed: number;
  /** The run's control group; `null` if it has none. */
  readonly cgroup: string | null;
}

/** A process that outlived its command. */
interface Outliving {
  readonly pid: number;
  /** Name of its program; empty if the system does not provide it. */
  readonly name: string;
}

/** Defaults of properties that meters of an older version lack. */
const unknownThen: Pick<RunMeter, "outlived" | "killed" | "cgroup"> = {
  outlived: null,
  killed: 0,
  cgroup: null,
};

/** Max. size of a file that is read. */
const maxMeterBytes = 1 << 20;

/** Path of the meter in a run's folder. */
export function meterFile(folder: string): string {
  return join(folder, "meter.json");
}

/** Reads the meter of a run; `null` if there is no readable one. */
export function readMeter(folder: string): RunMeter | null {
  try {
    const text = readFileSync(meterFile(folder), "utf8");
    if (text.length > maxMeterBytes) return null;
    return meterFrom(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Validates a value from a file or from another process as a meter; `null` if it is not one. */
export function meterFrom(value: unknown): RunMeter | null {
  return isMeter(value) ? { ...unknownThen, ...value } : null;
}

/** Writes the meter atomically; computes the money spent from the metered time. */
export async function saveMeter(
  folder: string,
  meter: RunMeter,
  machine: Pick<Machine, "writeWhole">,
): Promise<RunMeter> {
  const whole = { ...meter, spentMicroUsd: spentUsd(meter) };
  await machine.writeWhole(meterFile(folder), `${JSON.stringify(whole, null, 1)}\n`);
  return whole;
}

/** Distinguishes a meter from foreign files and other versions. Own files are never partial: writes are atomic. */
function isMeter(value: unknown): value is RunMeter {
  if (typeof value !== "object" || value === null) return false;
  const {
    formatVersion,
    runId,
    status,
    meteredMs,
    rateUsdPerHour,
    capUsd,
    tickMs,
    graceMs,
    tickedMs,
    strays,
    leader,
    stop,
  } = value as Record<keyof RunMeter, unknown>;
  const isCount = (one: unknown): boolean => typeof one === "number" && Number.isFinite(one) && one >= 0;
  return (
    formatVersion === 1 &&
    typeof runId === "string" &&
    ["starting", "running", "stopping", "ended"].includes(String(status)) &&
    [meteredMs, rateUsdPerHour, tickMs, graceMs, tickedMs].every(isCount) &&
    (capUsd === null || isCount(capUsd)) &&
    Array.isArray(strays) &&
    strays.every(isIdentity) &&
    (leader === null || isIdentity(leader)) &&
    typeof stop === "object"
  );
}

/** Rejects ids below 2: a signal to them would reach a process group, all processes, or the init process. */
function isIdentity(value: unknown): boolean {
  const { pid, start } = (value ?? {}) as Partial<Record<keyof ProcessIdentity, unknown>>;
  return Number.isInteger(pid) && Number(pid) > 1 && typeof start === "string";
}

/** Path of the stop file; it exists once a stop was requested. */
export function stopFile(folder: string): string {
  return join(folder, "stop.json");
}

/** Whether a stop was requested; a server passes this on to W&B's clients. */
export function isStopRequested(folder: string): boolean {
  return existsSync(stopFile(folder));
}

/** Asks a run to save and stop; its supervisor sees it within a tick. */
export async function askStop(
  folder: string,
  reason: StopReason,
  machine: Pick<Machine, "writeWhole" | "now">,
): Promise<void> {
  const text = JSON.stringify({ reason, at: machine.now().toISOString() });
  await machine.writeWhole(stopFile(folder), `${text}\n`);
}

/** The values that determine a run's cost. */
export interface Meter {
  readonly rateUsdPerHour: Usd;
  /** `null` for no cap. */
  readonly capUsd: Usd | null;
  /** Milliseconds metered so far, by all supervisors of the run together. */
  readonly meteredMs: number;
}

/** Cost of the metered time. */
export function spentUsd({ rateUsdPerHour, meteredMs }: Meter): Usd {
  return MeteredTime.ofSeconds(rateUsdPerHour, meteredMs / 1000).spent;
}

/** `stop` at the cap, `warn` from 80 % of it on. */
export function checkCap(meter: Meter): "go-on" | "warn" | "stop" {
  if (meter.capUsd === null) return "go-on";
  const spent = spentUsd(meter);
  if (spent >= meter.capUsd) return "stop";
  return spent >= budgetWarnShare * meter.capUsd ? "warn" : "go-on";
}

/** Milliseconds until a share of the cap is reached; infinite if it never is. */
export function msUntilShare({ rateUsdPerHour, capUsd, meteredMs }: Meter, share: number): number {
  if (capUsd === null || rateUsdPerHour === 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, ((share * capUsd) / rateUsdPerHour) * 3_600_000 - meteredMs);
}

/** Money spent beyond the cap while the command saved and ended. */
export function overshootUsd(meter: Meter): Usd {
  const over = meter.capUsd === null ? 0 : spentUsd(meter) - meter.capUsd;
  return Math.max(0, over) as Usd;
}
