/**
 * @file Loop of a search. Runs trials in parallel, logs each decision before its work begins, and logs each result
 * before the next decision.
 */
import { type Usd, usdText } from "@tunewise/core/quantity";
import { type Answer, type Report, type SearchTrial, spendableUsd } from "../../search/index.ts";
import type { WorkerSite } from "../plan/index.ts";
import { endSearch } from "./end-search.ts";
import { paidSince, runSegment } from "./run-trial.ts";
import type { SearchContext, SearchOutcome } from "./search-context.ts";

type End = Extract<Answer, { act: "end" }>;

/** A trial whose segment has ended. The report is `null` if it was interrupted. */
interface Ended {
  readonly trial: SearchTrial;
  readonly report: Report | null;
}

/** Searches until the end or an interruption. Saves running trials first, even after an error. */
export async function runTrials(work: SearchContext): Promise<SearchOutcome> {
  const outcome = { folder: work.folder.path, isFromRecord: false };
  const end = await new TrialPool(work).searchToEnd();
  if (end === null || work.runtime.signal.aborted) return { ...outcome, document: null };
  return { ...outcome, document: await endSearch(work, end) };
}

class TrialPool {
  readonly #work: SearchContext;
  readonly #running = new Map<number, Promise<Ended>>();
  /** Makes all running trials save and end. */
  readonly #stop = new AbortController();
  /** Whether idle time has used up the remaining budget, so that running trials are cut short. */
  #isExhausted = false;
  #written: number;
  /** Shares of the machine that no trial uses. */
  readonly #free: (WorkerSite | null)[];

  constructor(work: SearchContext) {
    this.#work = work;
    this.#free = [...work.shares];
    this.#written = work.search.records.length;
  }

  /** Returns `null` if the search was interrupted. */
  async searchToEnd(): Promise<End | null> {
    const { runtime, idle } = this.#work;
    const stop = (): void => this.#stop.abort();
    runtime.signal.addEventListener("abort", stop);
    if (runtime.signal.aborted) stop();
    if (this.#work.parallel > 1) idle.onTick(() => this.#enforceIdleBudget());
    try {
      const end = await this.#loop();
      await idle.stop();
      return end;
    } catch (error) {
      stop();
      await Promise.allSettled(this.#running.values());
      await idle.stop().catch(() => undefined); // the original error is more important
      throw error;
    } finally {
      runtime.signal.removeEventListener("abort", stop);
    }
  }

  async #loop(): Promise<End | null> {
    const { search, idle } = this.#work;
    for (;;) {
      const end = await this.#startTrials();
      if (end !== null) return end;
      if (this.#running.size === 0) break;
      const { trial, report } = await Promise.race(this.#running.values());
      this.#running.delete(trial.id);
      idle.setRunning(this.#running.size);
      if (report === null) {
        this.#stop.abort();
        continue;
      }
      search.tell(trial.id, report);
      await this.#write();
    }
    if (this.#stop.signal.aborted && !this.#isExhausted) return null;
    await this.#cutOpenSegments();
    return this.#idleEnd();
  }

  /** Starts trials up to the parallel limit. Returns the end of the search if the proposer has no further trial. */
  async #startTrials(): Promise<End | null> {
    const { search, idle } = this.#work;
    while (this.#running.size < this.#work.parallel) {
      this.#enforceIdleBudget();
      if (this.#stop.signal.aborted || (this.#isIdleBudgetUsed() && this.#open().length === 0)) return null;
      const next = search.ask();
      await this.#write();
      if (next.act === "end") return next;
      if (next.act === "wait") return null;
      const begun = this.#runSegment(next.trial);
      begun.catch(() => undefined); // handled where running trials are awaited
      this.#running.set(next.trial.id, begun);
      idle.setRunning(this.#running.size);
    }
    return null;
  }

  async #runSegment(trial: SearchTrial): Promise<Ended> {
    const share = this.#free.shift();
    if (share === undefined) throw new Error("Internal: more trials run than the machine has shares");
    try {
      return { trial, report: await runSegment(this.#work, trial, share, this.#stop.signal) };
    } finally {
      this.#free.push(share);
    }
  }

  /** Whether idle time has used up its reserve, so that no new trial begins. */
  #isIdleBudgetUsed(): boolean {
    const { idle, settings } = this.#work;
    return this.#work.parallel > 1 && idle.usd > (settings.money.idleUsd ?? 0);
  }

  /** Stops running trials once idle time also uses budget that is reserved for trials. */
  #enforceIdleBudget(): void {
    if (!this.#isIdleBudgetUsed() || this.#isExhausted) return;
    const { idle, settings, search } = this.#work;
    const { money } = settings;
    const held = [...search.state.trials.values()].reduce(
      (sum, { running }) => sum + (running === null ? 0 : running.maxMicroUsd + money.tickUsd),
      0,
    );
    const spendable = spendableUsd(settings, search.state, search.rungs.length);
    const free = Math.max(0, spendable - search.state.spentMicroUsd - held);
    if (idle.usd <= (money.idleUsd ?? 0) + free) return;
    this.#isExhausted = true;
    this.#stop.abort();
  }

  /** Trials with an open segment that is not running. */
  #open(): number[] {
    const trials = [...this.#work.search.state.trials.values()];
    return trials.filter(({ id, running }) => running !== null && !this.#running.has(id)).map(({ id }) => id);
  }

  /** Ends open segments at their current step, and reports their cost. */
  async #cutOpenSegments(): Promise<void> {
    const { search } = this.#work;
    for (const trial of this.#open()) {
      const at = search.state.trials.get(trial)?.running?.from ?? 0;
      search.tell(trial, { status: "cut", at, value: null, usd: await paidSince(this.#work, trial) });
    }
    await this.#write();
  }

  #idleEnd(): End {
    const { search, settings, idle } = this.#work;
    const spent = usdText(search.state.spentMicroUsd as Usd);
    const open = usdText(spendableUsd(settings, search.state, search.rungs.length));
    const [stood, kept] = [usdText(idle.usd), usdText(settings.money.idleUsd ?? (0 as Usd))];
    const sentence = `No further trial begins: ${spent} of ${open} are spent, and ${stood} went into what stood idle, for which ${kept} were kept.`;
    return { act: "end", reason: "money", sentence };
  }

  async #write(): Promise<void> {
    const { search, log } = this.#work;
    const fresh = search.records.slice(this.#written);
    this.#written = search.records.length;
    await log.add(fresh);
  }
}
