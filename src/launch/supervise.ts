/**
 * @file The process beside a command: it starts or adopts it, ticks, warns, asks it to save, and ends its whole tree.
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { budgetWarnShare } from "../guard/index.ts";
import { adoptCommand, type Beginning, beginCommand } from "./begin-command.ts";
import { identify, isRunning, type Machine } from "./machine.ts";
import { judgeMeter, msUntilShare, spentUsd } from "./meter/meter.ts";
import { type RunMeter, readMeter, type StopReason } from "./meter/meter-file.ts";
import { MeterKeeper } from "./meter/meter-keeper.ts";
import { askStop, isStopAsked } from "./meter/stop-file.ts";
import { endTree, interruptGroup } from "./processes/end-tree.ts";
import type { ProcessRow } from "./processes/process-list.ts";
import { RunWatch } from "./processes/run-watch.ts";
import { commandExit } from "./processes/start-command.ts";

/** What others may ask of a supervisor: Ctrl-C for the command, save and stop, end everything now. */
export type Request = "interrupt" | "stop" | "end";

/** How requests come in. */
export interface Requests {
  /** The listener also hears what came before it. */
  listen(listener: (request: Request) => void): void;
}

/** What a supervisor is started with. */
export interface Supervised {
  /** Of the run, from the root; its meter is there. */
  readonly folder: string;
  /** `null`: only a command that runs already is taken. */
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Between two looks at the processes of a run that has not been asked to stop. */
const lookMs = 1_000;

/**
 * Watches over a run until it has ended, then writes how.
 *
 * @throws {Error} what `takeLock` throws where another supervisor is at work
 */
export async function supervise(supervised: Supervised, machine: Machine, requests: Requests): Promise<void> {
  const lock = await machine.takeLock(join(supervised.folder, "lock"));
  try {
    const found = readMeter(supervised.folder);
    if (found === null || found.status === "ended") return;
    await new Supervision(supervised, machine, found).watch(requests);
  } finally {
    await lock.release();
  }
}

class Supervision {
  private readonly supervised: Supervised;
  private readonly machine: Machine;
  private readonly keeper: MeterKeeper;
  private readonly processes: RunWatch;
  private readonly requests: Request[] = [];
  private wake = new AbortController();
  private isToEnd = false;
  private lookedMs = Number.NEGATIVE_INFINITY;

  constructor(supervised: Supervised, machine: Machine, found: RunMeter) {
    this.supervised = supervised;
    this.machine = machine;
    this.keeper = new MeterKeeper(supervised.folder, machine, found);
    this.processes = new RunWatch(machine, found);
  }

  async watch(requests: Requests): Promise<void> {
    requests.listen((request) => {
      this.requests.push(request);
      this.wake.abort();
    });
    const self = await identify(this.machine, this.machine.pid);
    const { supervisors } = this.keeper.meter;
    await this.keeper.saveNow({ supervisor: self, supervisors: supervisors + 1 });
    const beginning = await this.begin();
    await this.keeper.saveNow({ leader: beginning.leader, status: this.meter.stop ? "stopping" : "running" });
    if (beginning.isRunning) {
      void beginning.ended?.then(() => this.wake.abort());
      do await this.tick();
      while (!(await this.isOver()) && (await this.rest()));
    }
    await this.end();
  }

  private get meter(): RunMeter {
    return this.keeper.meter;
  }

  /** Takes what runs already, or starts the command. Time without a supervisor was paid for and is counted. */
  private async begin(): Promise<Beginning> {
    const { folder, command, environment } = this.supervised;
    const adopted = await adoptCommand(folder, this.meter, this.machine);
    if (adopted !== null) {
      this.keeper.advance(adopted.unwatchedMs);
      return adopted;
    }
    if (command === null) return { leader: null, isRunning: false, ended: null, unwatchedMs: 0 };
    this.keeper.advance(0);
    const marked = { ...environment, TUNEWISE_RUN_ID: this.meter.runId };
    const begun = await beginCommand(folder, command, marked, this.machine);
    this.keeper.advance();
    return begun;
  }

  private async tick(): Promise<void> {
    this.wake = new AbortController();
    this.keeper.advance();
    for (const request of this.requests.splice(0)) await this.obey(request);
    const judgement = this.meter.stop === null ? judgeMeter(this.meter) : "go-on";
    if (judgement !== "go-on" && !this.meter.warned) this.keeper.change({ warned: true });
    if (judgement === "stop") await this.askToStop("budget");
    else if (this.meter.stop === null && isStopAsked(this.supervised.folder)) await this.askToStop("request");
    else if (this.meter.stop?.told === false) await this.tellToStop();
    if (this.machine.monotonicMs() - this.lookedMs >= lookMs) await this.look();
    this.keeper.saveSoon();
  }

  private async obey(request: Request): Promise<void> {
    const { leader, stop } = this.meter;
    if (request === "interrupt" && leader) await interruptGroup(this.machine, leader, this.look);
    if (request !== "interrupt" && stop === null) {
      const reason = request === "stop" ? "terminate" : "interrupt";
      if (request === "stop") await this.askToStop(reason);
      else this.keeper.change({ stop: { ...this.stopNow(reason), told: true } });
    }
    if (request === "end") this.isToEnd = true;
  }

  /** First the record, then the signal: a successor sees that it was decided, and tells the command if need be. */
  private async askToStop(reason: StopReason): Promise<void> {
    this.keeper.change({ status: "stopping", stop: this.stopNow(reason) });
    await askStop(this.supervised.folder, reason, this.machine).catch(() => undefined); // a full disk stops no stop
    await this.tellToStop();
  }

  private stopNow(reason: StopReason): NonNullable<RunMeter["stop"]> {
    const at = this.machine.now().toISOString();
    return { reason, at, atMs: this.meter.tickedMs, spentMicroUsd: spentUsd(this.meter), told: false };
  }

  private async tellToStop(): Promise<void> {
    const { leader, stop } = this.meter;
    if (leader) await interruptGroup(this.machine, leader, this.look);
    if (stop) this.keeper.change({ stop: { ...stop, told: true } });
  }

  /** Once the command was asked to stop, the run is over when all its processes are gone, or when time is up. */
  private async isOver(): Promise<boolean> {
    if (this.isToEnd) return true;
    const { stop, leader } = this.meter;
    if (stop !== null) {
      if (this.machine.monotonicMs() - stop.atMs >= this.meter.graceMs) return true;
      return (await this.look()).length === 0;
    }
    if (commandExit(this.supervised.folder) !== null || leader === null) return true;
    return !(await isRunning(this.machine, leader));
  }

  private readonly look = async (): Promise<ProcessRow[]> => {
    this.lookedMs = this.machine.monotonicMs();
    const rows = await this.processes.look(this.meter);
    const strays = rows.filter(({ group }) => group !== this.meter.leader?.pid);
    this.keeper.change({ strays: strays.map(({ pid, start }) => ({ pid, start })) });
    return rows;
  };

  /** A tick, or less where the warning, the cap or the end of grace comes earlier. */
  private async rest(): Promise<true> {
    const { stop, tickMs, graceMs } = this.meter;
    const graceLeft =
      stop === null ? Number.POSITIVE_INFINITY : stop.atMs + graceMs - this.machine.monotonicMs();
    const share = this.meter.warned ? 1 : budgetWarnShare;
    const capLeft = stop === null ? Math.ceil(msUntilShare(this.meter, share)) : Number.POSITIVE_INFINITY;
    const { signal } = this.wake;
    await wait(Math.max(1, Math.min(tickMs, graceLeft, capLeft)), undefined, { signal }).catch(
      () => undefined,
    );
    return true;
  }

  /** Processes beside the leader, which may still be on its way out after it wrote the exit code. */
  private async countOthers(): Promise<number> {
    return (await this.look()).filter(({ pid }) => pid !== this.meter.leader?.pid).length;
  }

  private async end(): Promise<void> {
    const isStopped = this.meter.stop !== null;
    const left = isStopped ? await endTree(this.machine, this.look) : await this.countOthers();
    if (isStopped) this.keeper.advance();
    const endedAt = this.machine.now().toISOString();
    const commandExitCode = commandExit(this.supervised.folder)?.code ?? null;
    await this.keeper.saveNow({ status: "ended", endedAt, left, commandExitCode });
  }
}
