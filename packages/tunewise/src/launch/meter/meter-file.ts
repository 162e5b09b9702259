/**
 * @file The file that holds a run's meter, so that no crash forgets what was spent, and the flag beside it by which
 * anybody asks the run to stop.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MeteredTime, type Usd } from "@tunewise/core/quantity";
import { budgetWarnShare } from "../../guard/index.ts";
import type { Machine, ProcessIdentity } from "../machine.ts";

/** Why a command was asked to stop: its budget, Ctrl-C, a scheduler's signal, a request from outside, or no
 * supervisor to be had. */
export type StopReason = "budget" | "interrupt" | "terminate" | "request" | "meter-lost";

/** A run of a command, as its file holds it. Instants are for people; durations come from the steady clock. */
export interface RunMeter extends Meter {
  readonly formatVersion: 1;
  readonly runId: string;
  /** Where its processes are. */
  readonly host: string;
  /** For people: without secrets, cut. */
  readonly command: string;
  readonly rateSource: string;
  /** The same as rate times metered time, for readers without arithmetic. */
  readonly spentMicroUsd: Usd;
  readonly status: "starting" | "running" | "stopping" | "ended";
  readonly tickMs: number;
  readonly graceMs: number;
  readonly startedAt: string;
  readonly tickedAt: string;
  readonly endedAt: string | null;
  /** On the clock that all processes of a boot share. */
  readonly tickedMs: number;
  /** The process that a person started. */
  readonly front: ProcessIdentity;
  /** The process that ticks. */
  readonly supervisor: ProcessIdentity | null;
  /** How many there have been. */
  readonly supervisors: number;
  /** Leader of the command's process group. */
  readonly leader: ProcessIdentity | null;
  /** Processes of the run that have left its group. */
  readonly strays: readonly ProcessIdentity[];
  /** Whether 80 % were reached. */
  readonly warned: boolean;
  readonly stop: {
    readonly reason: StopReason;
    readonly at: string;
    readonly atMs: number;
    /** Spent when the stop was asked for. */
    readonly spentMicroUsd: Usd;
    /** Whether the command has had its signal. */
    readonly told: boolean;
  } | null;
  /** The command's own exit code; `null` where it was ended, or where that is not known. */
  readonly commandExitCode: number | null;
  /** Processes of the run that could not be ended: they are there, and their time is not counted any more. */
  readonly left: number;
  /** Processes that went on when the command itself had ended, the first few by name; paid for until they end. */
  readonly outlived: { readonly count: number; readonly some: readonly Outliving[] } | null;
  /** Processes that were ended with a signal that nobody can refuse. */
  readonly killed: number;
  /** The run's control group; `null`: it has none. */
  readonly cgroup: string | null;
}

/** A process that outlived its command. */
interface Outliving {
  readonly pid: number;
  /** Of its program; empty where the system does not tell. */
  readonly name: string;
}

/** What meters of an older version lack. */
const unknownThen: Pick<RunMeter, "outlived" | "killed" | "cgroup"> = {
  outlived: null,
  killed: 0,
  cgroup: null,
};

/** Longest file that is read. */
const maxMeterBytes = 1 << 20;

/** Where the meter of a run's folder lies. */
export function meterFile(folder: string): string {
  return join(folder, "meter.json");
}

/** The meter of a run, or `null` where there is none that can be read. */
export function readMeter(folder: string): RunMeter | null {
  try {
    const text = readFileSync(meterFile(folder), "utf8");
    if (text.length > maxMeterBytes) return null;
    return meterFrom(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A value that may be a meter, from a file or from another process; `null`: it is none. */
export function meterFrom(value: unknown): RunMeter | null {
  return isMeter(value) ? { ...unknownThen, ...value } : null;
}

/** Writes the meter as a whole; spent money follows from its time. */
export async function saveMeter(
  folder: string,
  meter: RunMeter,
  machine: Pick<Machine, "writeWhole">,
): Promise<RunMeter> {
  const whole = { ...meter, spentMicroUsd: spentUsd(meter) };
  await machine.writeWhole(meterFile(folder), `${JSON.stringify(whole, null, 1)}\n`);
  return whole;
}

/** A file of ours is written as a whole; this tells it from a file of somebody else's or of another version. */
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

/** Numbers below 2 would name everybody, or the first process. */
function isIdentity(value: unknown): boolean {
  const { pid, start } = (value ?? {}) as Partial<Record<keyof ProcessIdentity, unknown>>;
  return Number.isInteger(pid) && Number(pid) > 1 && typeof start === "string";
}

/** Where the flag lies, once it does. */
export function stopFile(folder: string): string {
  return join(folder, "stop.json");
}

/** Whether a run is to stop: what a server answers to W&B's clients. */
export function isStopAsked(folder: string): boolean {
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

/** What decides about a run's money. */
export interface Meter {
  readonly rateUsdPerHour: Usd;
  /** `null`: no cap. */
  readonly capUsd: Usd | null;
  /** Milliseconds metered so far, by all supervisors of the run together. */
  readonly meteredMs: number;
}

/** Money of the time so far. */
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

/** Milliseconds until a share of the cap is reached; infinite where it never is. */
export function msUntilShare({ rateUsdPerHour, capUsd, meteredMs }: Meter, share: number): number {
  if (capUsd === null || rateUsdPerHour === 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, ((share * capUsd) / rateUsdPerHour) * 3_600_000 - meteredMs);
}

/** Money beyond the cap: what saving and ending took. */
export function overshootUsd(meter: Meter): Usd {
  const over = meter.capUsd === null ? 0 : spentUsd(meter) - meter.capUsd;
  return Math.max(0, over) as Usd;
}
