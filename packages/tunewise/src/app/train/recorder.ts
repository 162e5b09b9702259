/** @file Records a run: writes its events to the log, the journal and the store, and passes them to watchers. */

import type { Seconds, Usd } from "@tunewise/core/quantity";
import type { EventBody, RunEvent, Verdict } from "@tunewise/core/run";
import {
  type EventLog,
  type JournaledStore,
  metricsOf,
  type RecordBatch,
  type RunChange,
  type SpendEntry,
} from "@tunewise/tracker";
import { checkSharedBudgets } from "../../guard/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Attached, Meter } from "../runs/index.ts";
import type { LiveLogs } from "./live/live-logs.ts";

/** Seconds between writes to the store: the most that a kill may take from the ledger. */
const writeEverySeconds = 5;
/** Pause before a store that could not be written is tried again, doubled each time. */
const [pauseFirstSeconds, pauseMostSeconds] = [10, 300];
/** Tries to bring the store up to date at the end of a run; each waits as long as the store does. */
const triesAtEnd = 3;

/** What a recorder writes to. */
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
  /** Tracking servers that the run is logged to. */
  readonly live: LiveLogs;
}

/**
 * The only writer of a run. The run's folder must accept what is written; a store that does not is no reason to end a
 * training: what it lacks is in the run's journal.
 */
export class Recorder {
  /** Account that time is booked to. */
  phase = "train";
  /** Decision of shared budgets and of users about the run, as of the last write. */
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

  /** Records an event: on disk at once, in the store within seconds. */
  async record(event: EventBody): Promise<void> {
    const { runId: run, now, log, live, watch } = this.targets;
    watch(event);
    if (event.kind === "phase") return;
    const numbered: RunEvent = { v: 1, run, seq: ++this.seq, time: now().toISOString(), ...event };
    // in the log first: the journal counts its lines
    await log.add([numbered]).catch((error: unknown) => {
      this.seq--;
      throw error;
    });
    this.events.push(numbered);
    live.add(metricsOf(numbered));
    if (this.targets.elapsedSeconds() - this.writtenAt >= writeEverySeconds) await this.write();
  }

  /** Books time on another account from here on. */
  async startWork({ work, isBooked }: { readonly work: string; readonly isBooked: boolean }): Promise<void> {
    if (isBooked) await this.write();
    this.phase = work;
  }

  /**
   * Takes the last reading of the meter: what follows, such as the report, is not charged.
   *
   * @param at in seconds of the monotonic clock, if the machine was not paid for until now
   */
  async closeMeter(at: number = Number.POSITIVE_INFINITY): Promise<void> {
    const { store, runId, meter, attached } = this.targets;
    meter.freeze(at);
    await attached.freeze(meter.session);
    await this.write();
    // a store that is behind does not know what others have charged
    if (this.behind === null) {
      await this.outlive(async () => meter.reconcile((await store.totalSpend(runId)).spent));
    }
  }

  /** Brings store and ledger up to date. The run is `running` unless `change` has another status. */
  async write(change: RunChange = {}): Promise<void> {
    const { runId, meter, log } = this.targets;
    // the status of a run must not be on disk before its events
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
      // in neither journal nor store: the next write repeats it
      this.events = [...events, ...this.events];
      meter.revert(booking);
      throw error;
    });
    await this.outlive(() => this.askOthers());
  }

  /** Writes facts about the run; a store that cannot be written is tried again later. */
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

  /** Moves everything into the store's own file, so that a copy of that file is complete. */
  async flush(): Promise<void> {
    if (this.behind === null) await this.outlive(() => this.targets.store.flush());
  }

  /** Makes the last attempts to bring the store up to date; `behind` says why it still is not. */
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

  /** Work on the store whose failure is ignored. */
  private async outlive(work: () => Promise<unknown>): Promise<void> {
    await storeReason(work);
  }
}

/** Why the store could not do it, or `null` if it did. */
async function storeReason(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (TunewiseError.is(error) && error.code.startsWith("STORE_")) return error.message;
    throw error;
  }
}
