/** @file Records a run: writes its events to the log, the journal and the store, and passes them to watchers. */

import type { Seconds, Usd } from "@tunewise/core/quantity";
import type { EventBody, RunEvent, Verdict } from "@tunewise/core/run";
import {
  checkSharedBudgets,
  type EventLog,
  type JournaledStore,
  metricsOf,
  type RecordBatch,
  type RunChange,
  type SpendEntry,
} from "@tunewise/tracker";
import { isProblemIn } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Attached, Meter } from "../runs/index.ts";
import type { LiveLogs } from "./live/live-logs.ts";

/** Seconds between writes to the store. A kill loses at most this much of the ledger. */
const writeEverySeconds = 5;
/** Pause before retrying a store that is not writable. It doubles each time, up to a maximum. */
const [pauseFirstSeconds, pauseMostSeconds] = [10, 300];
/** Attempts to update the store at the end of a run. Each waits as long as the store does. */
const triesAtEnd = 3;

/** Where a recorder writes. */
export interface RecorderTargets {
  readonly runId: string;
  readonly recipe: Recipe;
  readonly store: JournaledStore;
  readonly log: EventLog;
  readonly meter: Meter;
  readonly attached: Pick<Attached, "freeze">;
  readonly now: () => Date;
  readonly elapsedSeconds: () => number;
  readonly watch: (event: EventBody) => void;
  /** Tracking servers to which the run is logged. */
  readonly live: LiveLogs;
}

/**
 * The only writer of a run. Failing to write to the run's folder is an error. Failing to write to the store does not
 * end a training run, because the journal has the missing entries.
 */
export class Recorder {
  /** Account to which time is booked. */
  phase = "train";
  /** Verdict of shared budgets and of stop requests, as of the last write. */
  verdict: Verdict = { act: "go-on" };
  /** Why the store lacks the latest entries of the journal; `null` if it has them all. */
  behind: string | null = null;
  private readonly targets: RecorderTargets;
  private events: RunEvent[] = [];
  private writtenAt: number;
  /** Number of the last event in the log. */
  private seq: number;
  private pauseSeconds = pauseFirstSeconds;
  private retryAt = 0;

  constructor(targets: RecorderTargets) {
    this.targets = targets;
    this.writtenAt = targets.elapsedSeconds();
    this.seq = targets.log.lines;
  }

  /** Records an event: on disk immediately, in the store within seconds. */
  async record(event: EventBody): Promise<void> {
    const { runId: run, now, log, live, watch } = this.targets;
    watch(event);
    if (event.kind === "phase") return;
    const numbered: RunEvent = { v: 1, run, seq: ++this.seq, time: now().toISOString(), ...event };
    // first in the log, because the journal counts the log's lines
    await log.add([numbered]).catch((error: unknown) => {
      this.seq--;
      throw error;
    });
    this.events.push(numbered);
    live.add(metricsOf(numbered));
    if (this.targets.elapsedSeconds() - this.writtenAt >= writeEverySeconds) await this.write();
  }

  /** Books later time to another account. */
  async startWork({ work, isBooked }: { readonly work: string; readonly isBooked: boolean }): Promise<void> {
    if (isBooked) await this.write();
    this.phase = work;
  }

  /**
   * Takes the final reading of the meter. Later work, such as the report, is not charged.
   *
   * @param at in seconds of the monotonic clock, if the machine was paid only until then
   */
  async closeMeter(at: number = Number.POSITIVE_INFINITY): Promise<void> {
    const { store, runId, meter, attached } = this.targets;
    meter.freeze(at);
    await attached.freeze(meter.session);
    await this.write();
    // a store that is behind does not know the charges of other processes
    if (this.behind === null) {
      await this.outlive(async () => meter.reconcile((await store.totalSpend(runId)).spent));
    }
  }

  /** Updates the store and the ledger. The run is `running` unless `change` has another status. */
  async write(change: RunChange = {}): Promise<void> {
    const { runId, meter, log } = this.targets;
    // the log must be on disk before the status of the run
    if (change.status !== undefined) await log.sync();
    const booking = meter.book();
    const { duration, spent, wallSeconds, spentMicroUsd } = booking;
    const events = this.events;
    this.events = [];
    this.writtenAt = this.targets.elapsedSeconds();
    await this.keep({
      run: { id: runId, change: { status: "running", endedAt: null, wallSeconds, spentMicroUsd, ...change } },
      events: { runId, items: events },
      spend: duration === 0 ? [] : [this.lineOf(duration, spent)],
    }).catch((error: unknown) => {
      // in neither journal nor store, so the next write repeats it
      this.events = [...events, ...this.events];
      meter.revert(booking);
      throw error;
    });
    await this.outlive(() => this.askOthers());
  }

  /** Writes facts about the run. If the store is not writable, retries later. */
  async keep(batch: RecordBatch): Promise<void> {
    const { store, elapsedSeconds } = this.targets;
    if (this.behind !== null && elapsedSeconds() < this.retryAt) return store.note(batch);
    const reason = await storeReason(() => store.record(batch));
    if (reason === null) this.pauseSeconds = pauseFirstSeconds;
    else {
      this.retryAt = elapsedSeconds() + this.pauseSeconds;
      this.pauseSeconds = Math.min(2 * this.pauseSeconds, pauseMostSeconds);
    }
    this.behind = reason;
  }

  /** Flushes everything to the store's main file, so that a copy of that file is complete. */
  async flush(): Promise<void> {
    if (this.behind === null) await this.outlive(() => this.targets.store.flush());
  }

  /** Makes the last attempts to update the store. Afterwards `behind` states why it is not up to date. */
  async settle(): Promise<void> {
    const { store, runId } = this.targets;
    for (let attempt = 0; attempt < triesAtEnd && this.behind !== null; attempt++)
      this.behind = await storeReason(() => store.catchUp(runId));
  }

  private async askOthers(): Promise<void> {
    const { store, runId, recipe, now, live } = this.targets;
    const { stop, budgets } = await store.standing(recipe.name, runId, now().getTime());
    const asked = live.stopReason === null ? stop : { by: "person" as const, reason: live.stopReason };
    this.verdict =
      asked === null
        ? checkSharedBudgets(budgets)
        : { act: "stop", by: asked.by, guard: "request", sentence: `Stopped: ${asked.reason}` };
  }

  private lineOf(duration: Seconds, spent: Usd): SpendEntry {
    const { runId, recipe, meter, now } = this.targets;
    const { priceUsdPerHour } = meter;
    const price = { priceUsdPerHour, priceSource: recipe.machine.source };
    return { runId, time: now().toISOString(), kind: this.phase, spent, duration, ...price };
  }

  /** Runs work on the store and ignores its failure. */
  private async outlive(work: () => Promise<unknown>): Promise<void> {
    await storeReason(work);
  }
}

/** Returns why the store failed, or `null` if it succeeded. */
async function storeReason(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (isProblemIn(error, "store")) return error.message;
    throw error;
  }
}
