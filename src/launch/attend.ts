/**
 * @file The process a person started: it starts a supervisor, tells what happens, and starts another one where that is
 * lost.
 */
import { mkdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { problem } from "../problem/index.ts";
import type { Usd } from "../quantity/index.ts";
import { identify, isRunning, type Machine } from "./machine.ts";
import { overshootUsd } from "./meter/meter.ts";
import { type RunMeter, readMeter, saveMeter } from "./meter/meter-file.ts";
import { shownCommand } from "./shown-command.ts";
import { type Helper, startSupervisor } from "./start-supervisor.ts";

/** A command to run, and its limits. */
export interface CommandSpec {
  readonly runId: string;
  /** For the meter of the run, from the root; made where it is missing. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly rateUsdPerHour: Usd;
  readonly rateSource: string;
  /** `null`: metered without a cap. */
  readonly capUsd: Usd | null;
  readonly tickMs: number;
  /** From asking the command to save until its tree is ended. */
  readonly graceMs: number;
}

/** What happens on the way. */
export interface LaunchEvent {
  readonly kind: "warning" | "stop-asked" | "supervisor-lost";
  readonly meter: RunMeter;
}

/** A run that is going on. */
export interface CommandRun {
  /** How it ended; `exitCode` is `null` where that is not known. */
  readonly ended: Promise<{ meter: RunMeter; exitCode: number | null; overshootUsd: Usd }>;
  /** Ctrl-C for the command. */
  interrupt(): void;
  /** Asks it to save, then ends it after the time of grace. */
  stop(): void;
  /** Ends it now with everything it has started. */
  end(): void;
}

/** Longest time between two looks at the meter. */
const lookMs = 200;
/** Supervisors in a row that are lost before they have written anything. */
const lostMost = 5;
/** How long a request waits for a supervisor that can take it. */
const requestMs = 30_000;

/**
 * Starts a command under a supervisor of its own. Both go on when this process ends.
 *
 * @throws {TunewiseError} `EXEC_PLATFORM_UNSUPPORTED`; in `ended`: `EXEC_METER_FAILED`
 */
export async function launchCommand(
  spec: CommandSpec,
  machine: Machine,
  tell: (event: LaunchEvent) => void,
): Promise<CommandRun> {
  const { platform } = machine;
  if (platform === "win32") throw problem("EXEC_PLATFORM_UNSUPPORTED", { platform });
  await mkdir(spec.folder, { recursive: true });
  await saveMeter(spec.folder, await freshMeter(spec, machine), machine);
  const send = (signal: "SIGINT" | "SIGTERM" | "SIGUSR2"): void =>
    void sendRequest(spec.folder, machine, signal);
  return {
    ended: attend(spec, machine, tell),
    interrupt: () => send("SIGINT"),
    stop: () => send("SIGTERM"),
    end: () => send("SIGUSR2"),
  };
}

async function attend(
  spec: CommandSpec,
  machine: Machine,
  tell: (event: LaunchEvent) => void,
): Promise<{ meter: RunMeter; exitCode: number | null; overshootUsd: Usd }> {
  const start = (): Helper => startSupervisor(machine, spec.folder, spec.command, spec.environment);
  const told = new Set<string>();
  const tellOnce = (kind: "warning" | "stop-asked", meter: RunMeter): void => {
    if (!told.has(kind)) tell({ kind, meter });
    told.add(kind);
  };
  let helper = start();
  let seen = 0;
  let lost = 0;
  while (true) {
    const wasGone = helper.isGone();
    const meter = readMeter(spec.folder);
    if (meter?.warned) tellOnce("warning", meter);
    if (meter?.stop) tellOnce("stop-asked", meter);
    if (meter?.status === "ended") return outcomeOf(meter);
    if (wasGone && !(meter?.supervisor && (await isRunning(machine, meter.supervisor)))) {
      lost = (meter?.supervisors ?? 0) > seen ? 1 : lost + 1;
      seen = meter?.supervisors ?? seen;
      if (lost > lostMost) throw failed(spec, meter, lost);
      if (meter) tell({ kind: "supervisor-lost", meter });
      helper = start();
    }
    await Promise.race([wait(Math.min(spec.tickMs, lookMs)), ...(helper.isGone() ? [] : [helper.gone])]);
  }
}

/** 2 where the budget or somebody outside stopped it, 130 where a person or a scheduler did; else the command's own. */
function outcomeOf(meter: RunMeter): { meter: RunMeter; exitCode: number | null; overshootUsd: Usd } {
  const stopped = meter.stop?.reason;
  const isLimit = stopped === "budget" || stopped === "request";
  const exitCode = isLimit ? 2 : stopped ? 130 : meter.commandExitCode;
  return { meter, exitCode, overshootUsd: overshootUsd(meter) };
}

function failed(spec: CommandSpec, meter: RunMeter | null, times: number): Error {
  const standing = meter?.leader
    ? `The command may still run, as process group ${meter.leader.pid}.`
    : "The command was not started.";
  return problem("EXEC_METER_FAILED", { run: spec.runId, times, standing, folder: spec.folder });
}

async function freshMeter(spec: CommandSpec, machine: Machine): Promise<RunMeter> {
  const { runId, command, rateUsdPerHour, rateSource, capUsd, tickMs, graceMs } = spec;
  const now = machine.now().toISOString();
  const front = (await identify(machine, machine.pid)) ?? { pid: machine.pid, start: "unknown" };
  return {
    formatVersion: 1,
    runId,
    host: machine.host,
    command: shownCommand(command),
    rateUsdPerHour,
    rateSource,
    capUsd,
    tickMs,
    graceMs,
    meteredMs: 0,
    spentMicroUsd: 0 as Usd,
    status: "starting",
    startedAt: now,
    tickedAt: now,
    endedAt: null,
    tickedMs: machine.monotonicMs(),
    front,
    supervisor: null,
    supervisors: 0,
    leader: null,
    strays: [],
    warned: false,
    stop: null,
    commandExitCode: null,
    left: 0,
  };
}

/** Sends as soon as there is a supervisor that has said it is there: before that, a signal would end it. */
async function sendRequest(
  folder: string,
  machine: Machine,
  signal: "SIGINT" | "SIGTERM" | "SIGUSR2",
): Promise<void> {
  const until = machine.monotonicMs() + requestMs;
  while (machine.monotonicMs() < until) {
    const meter = readMeter(folder);
    if (meter?.status === "ended") return;
    if (meter?.leader && meter.supervisor && (await isRunning(machine, meter.supervisor))) {
      machine.signal(meter.supervisor.pid, signal);
      return;
    }
    await wait(20);
  }
}
