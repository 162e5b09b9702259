/**
 * @file The supervisor of a command: starts or adopts it, meters it, warns, asks it to save, and ends its process tree.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { removeDraftsOf } from "@tunewise/core/files";
import { budgetWarnShare } from "../guard/index.ts";
import { TunewiseError } from "../problem/index.ts";
import { adoptCommand, type Beginning, beginCommand } from "./begin-command.ts";
import { identify, isRunning, type Machine } from "./machine.ts";
import {
  askStop,
  checkCap,
  isStopRequested,
  meterFile,
  msUntilShare,
  type RunMeter,
  readMeter,
  type StopReason,
  spentUsd,
} from "./meter/meter-file.ts";
import { MeterKeeper, type Unsaved } from "./meter/meter-keeper.ts";
import { cgroupJoinFile, createCgroup } from "./processes/cgroup.ts";
import { endTree, interruptGroup, terminateAll } from "./processes/end-tree.ts";
import type { ProcessRow } from "./processes/process-list.ts";
import { type ProcessSnapshot, RunWatch } from "./processes/run-watch.ts";
import { commandExit, readClaim } from "./processes/start-command.ts";
import { startWatchdog } from "./processes/start-watchdog.ts";

/** Requests to a supervisor: Ctrl-C for the command, save and stop, kill everything now. */
export type Request = "interrupt" | "stop" | "end";

/** The state of a run, reported at each tick. */
export interface Standing {
  readonly meter: RunMeter;
  /** `null` if the meter's file is up to date, or will be within a tick. */
  readonly unsaved: Unsaved | null;
}

/** Connection to the process that started this supervisor. */
export interface Channel {
  /** The listener also receives requests that arrived before it was added. */
  listen(listener: (request: Request) => void): void;
  /** Never throws or blocks; a receiver that is gone or suspended is skipped. */
  tell(standing: Standing): void;
}

/** Input of a supervisor. */
export interface Supervised {
  /** Absolute path of the run's folder, which contains its meter. */
  readonly folder: string;
  /** `null` to adopt a running command only. */
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Time between two polls of the processes of a run that has not been asked to stop. */
const processPollMs = 1_000;
/** Time between two polls right after the command has ended, while its last processes exit. */
const leavingMs = 20;
/** Processes that still run this long after the command has ended count as outliving it. */
const outlivedMs = 1_000;
/** Max. processes outside the group that the meter records. */
const maxStrays = 5_000;
/** Max. outliving processes that the meter names. */
const maxNamed = 5;
/** Time between two attempts to write the meter of an ended run. */
const retryMs = 500;

/**
 * Supervises a run until it has ended and its meter is on disk.
 *
 * @throws {Error} the error of `takeLock` if another supervisor is active; the error of writing if the meter cannot be
 *   written before the command is started
 */
export async function supervise(supervised: Supervised, machine: Machine, channel: Channel): Promise<void> {
  const lock = await lockOf(supervised.folder, machine);
  try {
    const found = readMeter(supervised.folder);
    if (found === null || found.status === "ended") return;
    const isStarted = (): boolean => found.leader !== null || readClaim(supervised.folder) !== null;
    // The front process is about to start the command; a watchdog that comes first has nothing to adopt.
    if (supervised.command === null && !isStarted() && (await isRunning(machine, found.front))) return;
    if (lock !== null) await removeDraftsOf(meterFile(supervised.folder));
    // Started before this process becomes a subreaper, and before there is a command that could outlive it.
    const watchdog = await startWatchdog(machine, supervised.folder, supervised.environment);
    try {
      await new Supervision(supervised, machine, found, channel).watch();
    } catch (error) {
      // Without a command there is nothing to adopt, and the watchdog would fail repeatedly like this process.
      if (!isStarted()) watchdog?.dismiss();
      throw error;
    }
    watchdog?.dismiss();
  } finally {
    await lock?.release();
  }
}

/** Takes the lock; returns `null` on a full disk, because a command must be metered even without a lock. */
async function lockOf(folder: string, machine: Machine): Promise<{ release(): Promise<void> } | null> {
  try {
    return await machine.takeLock(join(folder, "lock"));
  } catch (error) {
    if (TunewiseError.is(error) && error.code === "RUN_FILE_WRITE_FAILED") return null;
    throw error;
  }
}

const nothingBegun: Beginning = {
  leader: null,
  isRunning: false,
  child: null,
  ended: null,
  unwatchedMs: 0,
  sinceTickMs: 0,
};

class Supervision {
  private readonly supervised: Supervised;
  private readonly machine: Machine;
  private readonly keeper: MeterKeeper;
  private readonly channel: Channel;
  private readonly processes: RunWatch;
  private readonly requests: Request[] = [];
  private wake = new AbortController();
  private isToEnd = false;
  private lookedMs = Number.NEGATIVE_INFINITY;
  /** Exit code of a command started by this process; `undefined` before it has ended. */
  private exitCode: number | null | undefined;
  private commandEndedMs: number | null = null;

  constructor(supervised: Supervised, machine: Machine, found: RunMeter, channel: Channel) {
    const isNew = found.leader === null && found.cgroup === null && readClaim(supervised.folder) === null;
    const isOwn = isNew && supervised.command !== null && machine.usesCgroups && machine.platform === "linux";
    const meter = isOwn ? { ...found, cgroup: createCgroup(found.runId) } : found;
    this.supervised = supervised;
    this.machine = machine;
    this.channel = channel;
    this.keeper = new MeterKeeper(supervised.folder, machine, meter);
    this.processes = new RunWatch(machine, meter);
  }

  async watch(): Promise<void> {
    this.channel.listen((request) => {
      this.requests.push(request);
      this.wake.abort();
    });
    const beginning = await this.begin();
    await this.keeper.saveOrHold({
      leader: beginning.leader,
      status: this.meter.stop ? "stopping" : "running",
    });
    this.tell();
    if (beginning.isRunning) {
      do await this.tick();
      while (!(await this.isOver()) && (await this.rest()));
    }
    await this.end();
  }

  private get meter(): RunMeter {
    return this.keeper.meter;
  }

  /** Adopts the running command or starts it. Time without a supervisor was paid for and is metered. */
  private async begin(): Promise<Beginning> {
    const { folder, command, environment } = this.supervised;
    const { supervisors, runId, cgroup } = this.meter;
    const adopted = await adoptCommand(folder, this.meter, this.machine);
    const supervisor = await identify(this.machine, this.machine.pid);
    const self = { supervisor, supervisors: supervisors + 1 };
    if (adopted !== null) {
      const isThere = await this.isAnybodyThere(adopted);
      this.keeper.advance(isThere ? adopted.sinceTickMs : adopted.unwatchedMs);
      await this.keeper.saveOrHold(self);
      return { ...adopted, isRunning: isThere };
    }
    // A command that cannot be metered is not started.
    await this.keeper.saveNow(self);
    if (command === null) return nothingBegun;
    this.keeper.advance(0);
    const marked = { ...environment, TUNEWISE_RUN_ID: runId };
    const door = cgroup === null ? null : cgroupJoinFile(cgroup);
    const begun = await beginCommand(folder, door, command, marked, this.machine);
    this.processes.child = begun.child;
    void begun.ended?.then((code) => {
      this.exitCode = code;
      this.wake.abort();
    });
    this.keeper.advance();
    return { ...begun, isRunning: await this.isAnybodyThere(begun) };
  }

  /** Whether any process of the run exists: a command may have ended at once and left processes behind. */
  private async isAnybodyThere({ isRunning, leader }: Beginning): Promise<boolean> {
    return isRunning || !(await this.lookAt(leader)).isEmpty;
  }

  private async tick(): Promise<void> {
    this.wake = new AbortController();
    this.keeper.advance();
    for (const request of this.requests.splice(0)) await this.obey(request);
    const judgement = this.meter.stop === null ? checkCap(this.meter) : "go-on";
    if (judgement !== "go-on" && !this.meter.warned) this.keeper.change({ warned: true });
    if (judgement === "stop") await this.askToStop("budget");
    else if (this.meter.stop === null && isStopRequested(this.supervised.folder))
      await this.askToStop("request");
    else if (this.meter.stop?.told === false) await this.tellToStop();
    if (this.machine.monotonicMs() - this.lookedMs >= processPollMs) await this.look();
    this.keeper.saveSoon();
    this.tell();
  }

  private tell(): void {
    this.channel.tell({ meter: this.meter, unsaved: this.keeper.unsaved });
  }

  private async obey(request: Request): Promise<void> {
    const { leader, stop } = this.meter;
    // Checked again, because a successor may receive a request before its first poll.
    if (request === "interrupt" && stop === null && !(await this.isCommandThere()))
      await this.askToStop("interrupt");
    else if (request === "interrupt" && leader) await interruptGroup(this.machine, leader, this.look);
    if (request !== "interrupt" && stop === null) {
      const reason = request === "stop" ? "terminate" : "interrupt";
      if (request === "stop") await this.askToStop(reason);
      else this.keeper.change({ stop: { ...this.stopNow(reason), told: true } });
    }
    if (request === "end") this.isToEnd = true;
  }

  /** Records the stop before sending the signal, so that a successor sees it and can send the signal if needed. */
  private async askToStop(reason: StopReason): Promise<void> {
    this.keeper.change({ status: "stopping", stop: this.stopNow(reason) });
    await askStop(this.supervised.folder, reason, this.machine).catch(() => undefined); // a full disk must not block it
    await this.tellToStop();
  }

  private stopNow(reason: StopReason): NonNullable<RunMeter["stop"]> {
    const at = this.machine.now().toISOString();
    return { reason, at, atMs: this.meter.tickedMs, spentMicroUsd: spentUsd(this.meter), told: false };
  }

  private async tellToStop(): Promise<void> {
    const { leader, stop } = this.meter;
    if (leader && (await isRunning(this.machine, leader)))
      await interruptGroup(this.machine, leader, this.look);
    else await terminateAll(this.machine, this.look);
    if (stop) this.keeper.change({ stop: { ...stop, told: true } });
  }

  /**
   * A run is over when all its processes are gone, not when the command itself has ended, because remaining processes
   * still use the machine. After a stop request, it is also over at the end of the grace period.
   */
  private async isOver(): Promise<boolean> {
    if (this.isToEnd) return true;
    const { stop } = this.meter;
    const isUp = stop !== null && this.machine.monotonicMs() - stop.atMs >= this.meter.graceMs;
    if (isUp) return true;
    const isThere = await this.isCommandThere();
    if (isThere && stop === null) return false;
    if (!isThere) this.commandEndedMs ??= this.machine.monotonicMs();
    const seen = await this.look();
    if (!isThere) this.noteOutliving(seen.rows);
    return seen.isEmpty;
  }

  private async isCommandThere(): Promise<boolean> {
    const { leader } = this.meter;
    return leader !== null && this.exit() === null && (await isRunning(this.machine, leader));
  }

  private noteOutliving(rows: readonly ProcessRow[]): void {
    const { leader, outlived } = this.meter;
    const others = rows.filter(({ pid }) => pid !== leader?.pid);
    const isLate =
      this.machine.monotonicMs() - (this.commandEndedMs ?? Number.POSITIVE_INFINITY) >= outlivedMs;
    if (outlived !== null || !isLate) return;
    const some = others.slice(0, maxNamed).map(({ pid, name }) => ({ pid, name }));
    const commandExitCode = this.exit()?.code ?? null;
    this.keeper.change({ commandExitCode, outlived: { count: Math.max(1, others.length), some } });
  }

  private readonly look = (): Promise<ProcessSnapshot> => this.lookAt(this.meter.leader);

  /** Keeps metering while processes are being ended. */
  private readonly tickAndLook = (): Promise<ProcessSnapshot> => {
    this.keeper.advance();
    this.keeper.saveSoon();
    this.tell();
    return this.look();
  };

  private async lookAt(leader: RunMeter["leader"]): Promise<ProcessSnapshot> {
    this.lookedMs = this.machine.monotonicMs();
    const seen = await this.processes.poll({ ...this.meter, leader });
    const strays = seen.rows.filter(({ group }) => group !== leader?.pid).slice(0, maxStrays);
    this.keeper.change({ strays: strays.map(({ pid, start }) => ({ pid, start })) });
    return seen;
  }

  /** Waits for a tick, or less: until the warning, the cap, the end of the grace period, a request or the exit. */
  private async rest(): Promise<true> {
    const { stop, tickMs, graceMs } = this.meter;
    const now = this.machine.monotonicMs();
    const graceLeft = stop === null ? Number.POSITIVE_INFINITY : stop.atMs + graceMs - now;
    const share = this.meter.warned ? 1 : budgetWarnShare;
    const capLeft = stop === null ? Math.ceil(msUntilShare(this.meter, share)) : Number.POSITIVE_INFINITY;
    const isLeaving = now - (this.commandEndedMs ?? Number.NEGATIVE_INFINITY) < outlivedMs;
    const most = isLeaving ? leavingMs : tickMs;
    const { signal } = this.wake;
    await wait(Math.max(1, Math.min(most, graceLeft, capLeft)), undefined, { signal }).catch(() => undefined);
    return true;
  }

  /** The command's exit code: the one recorded by the shell, otherwise that of the child process; `null` if running. */
  private exit(): { readonly code: number | null } | null {
    if (this.exitCode !== undefined)
      return { code: commandExit(this.supervised.folder)?.code ?? this.exitCode };
    return commandExit(this.supervised.folder);
  }

  private async end(): Promise<void> {
    const isToKill = this.meter.stop !== null || this.isToEnd;
    const { left, ended: killed } = isToKill
      ? await endTree(this.machine, this.processes, this.tickAndLook)
      : { left: 0, ended: 0 };
    if (isToKill) this.keeper.advance();
    if (left === 0) this.processes.cgroup?.remove();
    const endedAt = this.machine.now().toISOString();
    const commandExitCode = this.exit()?.code ?? null;
    await this.keeper.saveOrHold({ status: "ended", endedAt, left, killed, commandExitCode });
    this.tell();
    // The starter may exit. This process keeps the unsaved meter until the disk has space for it.
    while (this.keeper.unsaved !== null && existsSync(this.supervised.folder)) {
      await wait(retryMs);
      await this.keeper.saveOrHold({});
    }
  }
}
