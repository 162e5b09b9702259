/**
 * @file The loop of a search: as many trials at work as share the machine, each decision written down before work
 * begins, each result before the next decision.
 */
import { type Usd, usdText } from "../../quantity/index.ts";
import { type Answer, type Report, type SearchTrial, spendableUsd } from "../../search/index.ts";
import type { SearchAtWork, SearchOutcome } from "./at-work.ts";
import { endSearch } from "./end-search.ts";
import { paidSince, workOn } from "./trial-work.ts";

type End = Extract<Answer, { act: "end" }>;

/** A trial whose stretch ended; `null`: it was interrupted. */
interface Ended {
  readonly trial: SearchTrial;
  readonly report: Report | null;
}

/** Searches to the end, or until it is interrupted; what is at work then is saved first, also where an error ends it. */
export async function searchOn(work: SearchAtWork): Promise<SearchOutcome> {
  const outcome = { folder: work.folder.path, isFromRecord: false };
  const end = await new Crew(work).searchToEnd();
  if (end === null || work.host.signal.aborted) return { ...outcome, document: null };
  return { ...outcome, document: await endSearch(work, end) };
}

class Crew {
  readonly #work: SearchAtWork;
  readonly #atWork = new Map<number, Promise<Ended>>();
  /** Ends all that is at work, saved. */
  readonly #stop = new AbortController();
  /** Whether what stands idle has used up all that was left, so that what is at work is cut off. */
  #isSpent = false;
  #written: number;

  constructor(work: SearchAtWork) {
    this.#work = work;
    this.#written = work.search.records.length;
  }

  /** `null`: it was interrupted. */
  async searchToEnd(): Promise<End | null> {
    const { host, idle } = this.#work;
    const stop = (): void => this.#stop.abort();
    host.signal.addEventListener("abort", stop);
    if (host.signal.aborted) stop();
    if (this.#work.parallel > 1) idle.watch(() => this.#heedIdle());
    try {
      const end = await this.#loop();
      await idle.stop();
      return end;
    } catch (error) {
      stop();
      await Promise.allSettled(this.#atWork.values());
      await idle.stop().catch(() => undefined); // the error is what counts
      throw error;
    } finally {
      host.signal.removeEventListener("abort", stop);
    }
  }

  async #loop(): Promise<End | null> {
    const { search, idle } = this.#work;
    for (;;) {
      const end = await this.#handOut();
      if (end !== null) return end;
      if (this.#atWork.size === 0) break;
      const { trial, report } = await Promise.race(this.#atWork.values());
      this.#atWork.delete(trial.id);
      idle.run(this.#atWork.size);
      if (report === null) {
        this.#stop.abort();
        continue;
      }
      search.tell(trial.id, report);
      await this.#write();
    }
    if (this.#stop.signal.aborted && !this.#isSpent) return null;
    await this.#cutOpen();
    return this.#idleEnd();
  }

  /** Gives work to all who are free. Gives the end where no work is left and none is done. */
  async #handOut(): Promise<End | null> {
    const { search, idle } = this.#work;
    while (this.#atWork.size < this.#work.parallel) {
      this.#heedIdle();
      if (this.#stop.signal.aborted || (this.#isIdleUsed() && this.#open().length === 0)) return null;
      const next = search.ask();
      await this.#write();
      if (next.act === "end") return next;
      if (next.act === "wait") return null;
      const begun = this.#begin(next.trial);
      begun.catch(() => undefined); // heard of where all that is at work is waited for
      this.#atWork.set(next.trial.id, begun);
      idle.run(this.#atWork.size);
    }
    return null;
  }

  async #begin(trial: SearchTrial): Promise<Ended> {
    return { trial, report: await workOn(this.#work, trial, this.#stop.signal) };
  }

  /** Whether the money kept back for what stands idle is used up, so that nothing new begins. */
  #isIdleUsed(): boolean {
    const { idle, settings } = this.#work;
    return this.#work.parallel > 1 && idle.usd > (settings.money.idleUsd ?? 0);
  }

  /** What is at work may go on for as long as nobody has a claim on the money that idles away meanwhile. */
  #heedIdle(): void {
    if (!this.#isIdleUsed() || this.#isSpent) return;
    const { idle, settings, search } = this.#work;
    const { money } = settings;
    const held = [...search.state.trials.values()].reduce(
      (sum, { running }) => sum + (running === null ? 0 : running.maxMicroUsd + money.tickUsd),
      0,
    );
    const spendable = spendableUsd(settings, search.state, search.rungs.length);
    const free = Math.max(0, spendable - search.state.spentMicroUsd - held);
    if (idle.usd <= (money.idleUsd ?? 0) + free) return;
    this.#isSpent = true;
    this.#stop.abort();
  }

  /** Stretches that were handed out, did not end, and that nobody works on. */
  #open(): number[] {
    const trials = [...this.#work.search.state.trials.values()];
    return trials.filter(({ id, running }) => running !== null && !this.#atWork.has(id)).map(({ id }) => id);
  }

  /** What nobody will go on with is cut off where it is, with what it cost. */
  async #cutOpen(): Promise<void> {
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
