/**
 * @file The process a person started: it starts a supervisor, tells what happens, and starts another one where that is
 * lost; where those are lost too, it ends the command itself: asked to save, then by force.
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
import { StallDetector } from "./silence.ts";
import { type SupervisorHandle, startSupervisor } from "./start-supervisor.ts";
import type { Standing } from "./supervise.ts";

/** A command to run, and its limits. */
export interface CommandSpec {
  readonly runId: string;
  /** For the meter of the run, from the root; created if missing. */
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

/** How a run ended. */
export interface LaunchOutcome {
  readonly meter: RunMeter;
  /** `null` where that is not known. */
  readonly exitCode: number | null;
  readonly overshootUsd: Usd;
  /** What of the meter is not on the disk yet: its supervisor holds it until there is room. */
  readonly unsaved: Unsaved | null;
}

/** A run that is going on. */
export interface CommandRun {
  readonly ended: Promise<LaunchOutcome>;
  /** Ctrl-C for the command. */
  interrupt(): void;
  /** Asks it to save, then ends it after the time of grace. */
  stop(): void;
  /** Ends it now with everything it has started. */
  end(): void;
}

/** Longest time between two looks at the meter. */
const pollMs = 200;
/** Supervisors in a row that are lost before they have written anything. */
const maxLost = 5;
/** How long a request waits for a supervisor that can take it. */
const requestMs = 30_000;
/** A supervisor that ends this soon after a request may have been dying when it was sent. */
const deliveryMs = 1_000;

/**
 * Says on the disk that a command is about to be started by this process: whoever notes it down elsewhere does so
 * afterwards, so that a command that never comes to it is known as such (`endUnstarted`).
 *
 * @throws {TunewiseError} `EXEC_PLATFORM_UNSUPPORTED`, and what writing throws
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
 * Starts a command under a supervisor of its own. Both go on when this process ends.
 *
 * @throws {TunewiseError} `EXEC_PLATFORM_UNSUPPORTED`; in `ended`: `EXEC_METER_FAILED`
 */
export async function launchCommand(
  spec: CommandSpec,
  machine: Machine,
  tell: (event: LaunchEvent) => void,
): Promise<CommandRun> {
  await prepareCommand(spec, machine); // anew: its time begins now
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

/** The later of what the file says and what was told: on a full disk the file stands still. */
function newest(saved: RunMeter | null, heard: Standing | null): Standing | null {
  const isLater =
    heard !== null &&
    (saved === null ||
      heard.meter.tickedMs > saved.tickedMs ||
      (heard.meter.status === "ended" && saved.status !== "ended"));
  if (isLater) return heard;
  return saved && { meter: saved, unsaved: null };
}

/** 2 where the budget or somebody outside stopped it, 130 where a person or a scheduler did; else the command's own. */
function outcomeOf({ meter, unsaved }: Standing): LaunchOutcome {
  const stopped = meter.stop?.reason;
  const isLimit = stopped === "budget" || stopped === "request";
  const exitCode = isLimit ? 2 : stopped ? 130 : meter.commandExitCode;
  return { meter, exitCode, overshootUsd: overshootUsd(meter), unsaved };
}

/** Without a meter there is no budget: a command that has one is ended, another goes on. */
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
  const standing = `The command had a budget and was ended, ${killed} processes by force; ${left} are left.`;
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
 * Sends as soon as a supervisor has reported itself: before that, a signal would end it. A supervisor that is lost at
 * that moment may not have received it, so its successor is asked again. A request may arrive twice; none is lost.
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
      await wait(deliveryMs, undefined, { ref: false }); // keeps no process alive that has nothing else to do
      if (await isRunning(machine, meter.supervisor)) return;
    } else await wait(20);
  }
}

/** Between two looks whether it has ended by itself. */
const endPollMs = 100;

/** Ends the tree of a run and writes down what it took, each millisecond once: from the last tick that was written. */
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
