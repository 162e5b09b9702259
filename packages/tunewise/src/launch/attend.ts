/**
 * @file The front process, which a person started: starts a supervisor, reports events, and starts a new supervisor if
 * one is lost. If those are lost too, it ends the command itself: first asks it to save, then kills it.
 */
import { mkdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import type { Usd } from "@tunewise/core/quantity";
import { problem } from "../problem/index.ts";
import { adoptCommand } from "./begin-command.ts";
import { shownCommand } from "./command-line.ts";
import { EventReporter, type LaunchEvent } from "./event-reporter.ts";
import { identify, isRunning, type Machine } from "./machine.ts";
import { overshootUsd, type RunMeter, readMeter, saveMeter, spentUsd } from "./meter/meter-file.ts";
import { MeterKeeper, type Unsaved } from "./meter/meter-keeper.ts";
import { endTree, interruptGroup, type TreeEnd } from "./processes/end-tree.ts";
import { RunWatch } from "./processes/run-watch.ts";
import { commandExit, readClaim } from "./processes/start-command.ts";
import { type SupervisorHandle, startSupervisor } from "./start-supervisor.ts";
import type { Standing } from "./supervise.ts";
import { StallDetector } from "./supervisor-watchdog.ts";

/** A command to run, and its limits. */
export interface CommandSpec {
  readonly runId: string;
  /** Absolute path of the folder for the run's meter; created if missing. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly rateUsdPerHour: Usd;
  readonly rateSource: string;
  /** `null` to meter without a cap. */
  readonly capUsd: Usd | null;
  readonly tickMs: number;
  /** Time between asking the command to save and killing its process tree. */
  readonly graceMs: number;
}

/** How a run ended. */
export interface LaunchOutcome {
  readonly meter: RunMeter;
  /** `null` if unknown. */
  readonly exitCode: number | null;
  readonly overshootUsd: Usd;
  /** Part of the meter that is not on disk yet; the supervisor keeps it in memory until the disk has space. */
  readonly unsaved: Unsaved | null;
}

/** A running command. */
export interface CommandRun {
  readonly ended: Promise<LaunchOutcome>;
  /** Sends Ctrl-C to the command. */
  interrupt(): void;
  /** Asks the command to save, then kills it after the grace period. */
  stop(): void;
  /** Kills the command and everything it has started, at once. */
  end(): void;
}

/** Max. time between two reads of the meter. */
const pollMs = 200;
/** Max. consecutive supervisors lost before they have written anything. */
const maxLost = 5;
/** How long a request waits for a running supervisor. */
const requestMs = 30_000;
/** A supervisor that ends this soon after a request may not have received it. */
const deliveryMs = 1_000;

/**
 * Writes a meter for a command that this process is about to start. Register the command elsewhere only afterwards, so
 * that `endUnstarted` can find a command that was registered but never started.
 *
 * @throws {TunewiseError} `EXEC_PLATFORM_UNSUPPORTED`, and the errors of writing
 */
export async function prepareCommand(
  spec: Omit<CommandSpec, "environment">,
  machine: Machine,
): Promise<void> {
  const { platform } = machine;
  if (platform === "win32") throw problem("EXEC_PLATFORM_UNSUPPORTED", { platform });
  await mkdir(spec.folder, { recursive: true });
  await saveMeter(spec.folder, await newMeter(spec, machine), machine);
}

/**
 * Starts a command under its own supervisor. Both continue if this process ends.
 *
 * @throws {TunewiseError} `EXEC_PLATFORM_UNSUPPORTED`; `ended` rejects with `EXEC_METER_FAILED`
 */
export async function launchCommand(
  spec: CommandSpec,
  machine: Machine,
  tell: (event: LaunchEvent) => void,
): Promise<CommandRun> {
  await prepareCommand(spec, machine); // written again, so that metering begins now
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
): Promise<LaunchOutcome> {
  const start = (): SupervisorHandle => startSupervisor(machine, spec.folder, spec.command, spec.environment);
  const teller = new EventReporter(machine, tell);
  const silence = new StallDetector(machine, spec.tickMs);
  let helper = start();
  let seen = 0;
  let lost = 0;
  while (true) {
    const wasGone = helper.isGone();
    const standing = newest(readMeter(spec.folder), helper.lastReport());
    const meter = standing?.meter ?? null;
    if (standing !== null) teller.update(standing);
    if (standing?.meter.status === "ended") {
      helper.leave();
      return outcomeOf(standing);
    }
    if (wasGone && !(meter?.supervisor && (await isRunning(machine, meter.supervisor)))) {
      lost = (meter?.supervisors ?? 0) > seen ? 1 : lost + 1;
      seen = meter?.supervisors ?? seen;
      if (lost > maxLost) return giveUp(spec, meter, lost, machine);
      if (standing) tell({ ...standing, kind: "supervisor-lost" });
      helper = start();
      silence.begin();
    }
    const answer = silence.poll(meter);
    if (answer !== null) helper.signal(answer);
    if (answer === "SIGCONT" && standing) tell({ ...standing, kind: "supervisor-silent" });
    await Promise.race([wait(Math.min(spec.tickMs, pollMs)), ...(helper.isGone() ? [] : [helper.gone])]);
  }
}

/** The later one of the saved and the reported meter: on a full disk the file is not updated. */
function newest(saved: RunMeter | null, heard: Standing | null): Standing | null {
  const isLater =
    heard !== null &&
    (saved === null ||
      heard.meter.tickedMs > saved.tickedMs ||
      (heard.meter.status === "ended" && saved.status !== "ended"));
  if (isLater) return heard;
  return saved && { meter: saved, unsaved: null };
}

/** Exit code: 2 if the budget or an outside request stopped the command, 130 for other stops, else its own code. */
function outcomeOf({ meter, unsaved }: Standing): LaunchOutcome {
  const stopped = meter.stop?.reason;
  const isLimit = stopped === "budget" || stopped === "request";
  const exitCode = isLimit ? 2 : stopped ? 130 : meter.commandExitCode;
  return { meter, exitCode, overshootUsd: overshootUsd(meter), unsaved };
}

/** Throws `EXEC_METER_FAILED`. A budget cannot be enforced without a meter, so a command with a cap is ended first. */
async function giveUp(
  spec: CommandSpec,
  meter: RunMeter | null,
  times: number,
  machine: Machine,
): Promise<never> {
  const about = { run: spec.runId, times, folder: spec.folder };
  if (meter === null || (meter.leader === null && readClaim(spec.folder) === null)) {
    const ended = meter && { ...meter, status: "ended" as const, endedAt: machine.now().toISOString() };
    if (ended) await saveMeter(spec.folder, ended, machine).catch(() => undefined);
    throw problem("EXEC_METER_FAILED", { ...about, standing: "The command was not started." });
  }
  if (meter.capUsd === null) {
    const where = meter.leader ? `, as process group ${meter.leader.pid}` : "";
    throw problem("EXEC_METER_FAILED", { ...about, standing: `The command may still run${where}.` });
  }
  const { killed, left } = await endWithoutSupervisor(spec.folder, meter, machine);
  const standing = `The command had a budget and was terminated, ${killed} processes by force; ${left} are still running.`;
  throw problem("EXEC_METER_FAILED", { ...about, standing });
}

async function newMeter(spec: Omit<CommandSpec, "environment">, machine: Machine): Promise<RunMeter> {
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
    outlived: null,
    killed: 0,
    cgroup: null,
  };
}

/**
 * Sends a request once the meter names a running supervisor; an earlier signal would kill the supervisor. If the
 * supervisor is lost at that moment, the request is sent again to its successor. A request may arrive twice, but is
 * never lost.
 */
async function sendRequest(
  folder: string,
  machine: Machine,
  signal: "SIGINT" | "SIGTERM" | "SIGUSR2",
): Promise<void> {
  const until = machine.monotonicMs() + requestMs;
  while (machine.monotonicMs() < until) {
    const meter = readMeter(folder);
    if (meter?.status === "ended") return;
    if (meter?.supervisor && (await isRunning(machine, meter.supervisor))) {
      machine.signal(meter.supervisor.pid, signal);
      await wait(deliveryMs, undefined, { ref: false }); // the wait does not keep this process alive
      if (await isRunning(machine, meter.supervisor)) return;
    } else await wait(20);
  }
}

/** Time between two checks whether the command has ended by itself. */
const endPollMs = 100;

/** Ends the process tree of a run and meters the time since the last saved tick, without counting any time twice. */
async function endWithoutSupervisor(
  folder: string,
  found: RunMeter,
  machine: Machine,
): Promise<{ readonly killed: number; readonly left: number }> {
  const keeper = new MeterKeeper(folder, machine, found);
  const processes = new RunWatch(machine, found);
  const adopted = await adoptCommand(folder, found, machine);
  const leader = adopted?.leader ?? found.leader;
  const look = (): ReturnType<RunWatch["poll"]> => processes.poll({ ...keeper.meter, leader });
  keeper.advance(adopted?.isRunning === false ? adopted.unwatchedMs : undefined);
  const { tickedMs: atMs, tickedAt: at } = keeper.meter;
  const stop = { reason: "meter-lost", at, atMs, spentMicroUsd: spentUsd(keeper.meter), told: true } as const;
  await keeper.saveOrHold({ leader, status: "stopping", stop: found.stop ?? stop });
  if (leader) await interruptGroup(machine, leader, look);
  while (!(await look()).isEmpty && machine.monotonicMs() < atMs + found.graceMs) {
    await wait(Math.min(endPollMs, found.graceMs));
    keeper.advance();
  }
  const { ended: killed, left }: TreeEnd = await endTree(machine, processes, look);
  keeper.advance();
  const commandExitCode = commandExit(folder)?.code ?? null;
  const endedAt = machine.now().toISOString();
  await keeper.saveOrHold({ status: "ended", endedAt, left, killed, commandExitCode });
  return { killed, left };
}
