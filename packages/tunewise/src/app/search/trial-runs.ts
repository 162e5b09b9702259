/** @file Maps the trials of a search to their runs, and tracks what the search has paid for each trial. */

import { join } from "node:path";
import { cost, seconds, type Usd } from "@tunewise/core/quantity";
import { trialOf } from "@tunewise/core/run";
import { runFolderAt, type Store } from "@tunewise/tracker";
import type { SearchRate } from "../../report/index.ts";
import type { BegunRun } from "../train/index.ts";
import { type LineLog, openLineLog } from "./line-log.ts";
import type { SearchFolder } from "./search-folder.ts";
import { rateOfShare } from "./search-money.ts";

/** A trial's run. */
export interface TrialRun {
  readonly trial: number;
  readonly run: string;
  /** Cost of the run before the search adopted it, in micro-dollars at the search's rate. */
  readonly microUsdBefore: number;
  /** Seconds on the run's ledger while parallel trials shared the machine. */
  readonly sharedSeconds?: number;
  /** Fraction of the rows that the run trains on, if rungs are slices of the rows; omitted for all rows. */
  readonly slice?: number;
}

/** Runs by trial, in memory and in the log. If rungs are slices of the rows, a trial has one run per slice. */
export class TrialRuns {
  readonly #folder: SearchFolder;
  readonly #output: string;
  readonly #rate: SearchRate;
  readonly #parallel: number;
  readonly #store: Store;
  readonly #log: LineLog;
  /** By trial and slice. */
  readonly #known: Map<string, TrialRun>;

  private constructor(
    folder: SearchFolder,
    output: string,
    rate: SearchRate,
    parallel: number,
    store: Store,
    log: LineLog,
  ) {
    this.#folder = folder;
    this.#output = output;
    this.#rate = rate;
    this.#parallel = parallel;
    this.#store = store;
    this.#log = log;
    this.#known = new Map((log.known as TrialRun[]).map((one) => [keyOf(one.trial, one.slice), one]));
  }

  /** Opens the log of a search's runs. @param rate rate of the whole machine, which `parallel` trials share */
  static async open(
    folder: SearchFolder,
    output: string,
    rate: SearchRate,
    store: Store,
    parallel = 1,
  ): Promise<TrialRuns> {
    return new TrialRuns(folder, output, rate, parallel, store, await openLineLog(folder.runs));
  }

  /**
   * Returns the run of a trial, or calls `begin` if there is none. Finds a run begun right before a kill by its
   * summary.
   *
   * @param slice fraction of the rows; omitted for all rows
   */
  async ensureRun(
    trial: number,
    resumeRun: string | null,
    begin: () => Promise<BegunRun>,
    slice?: number,
  ): Promise<BegunRun> {
    const known = this.#known.get(keyOf(trial, slice));
    if (known !== undefined) return this.#findRun(known.run);
    const about = { trial, ...(slice === undefined ? {} : { slice }) };
    const begun = resumeRun ?? (await this.#findUnrecorded(trial, slice));
    if (begun === null) {
      const made = await begin();
      await this.#record({ ...about, run: made.runId, microUsdBefore: 0 });
      return made;
    }
    await this.#record({ ...about, run: begun, microUsdBefore: resumeRun ? await this.#costOf(begun) : 0 });
    return this.#findRun(begun);
  }

  /** Cost of a trial's run before the search adopted it, in micro-dollars. */
  costBefore(trial: number, slice?: number): number {
    return this.#known.get(keyOf(trial, slice))?.microUsdBefore ?? 0;
  }

  /** Id of a trial's run on all rows, or `null`. */
  fullRunId(trial: number): string | null {
    return this.#known.get(keyOf(trial))?.run ?? null;
  }

  /** Id of a trial's latest run, or `null`. */
  latestRunId(trial: number): string | null {
    return this.#runsOf(trial).at(-1)?.run ?? null;
  }

  /** Total cost of a trial's runs in micro-dollars, including cost from before the search adopted them. */
  async totalCost(trial: number): Promise<number> {
    let sum = 0;
    for (const { run, sharedSeconds } of this.#runsOf(trial)) sum += await this.#costOf(run, sharedSeconds);
    return sum;
  }

  /** Records that a trial's run on all rows uses the whole machine from now on. */
  async takeWholeMachine(trial: number): Promise<void> {
    const known = this.#known.get(keyOf(trial));
    if (this.#parallel === 1 || known === undefined || known.sharedSeconds !== undefined) return;
    const { duration } = await this.#store.totalSpend(known.run);
    await this.#record({ ...known, sharedSeconds: duration });
  }

  /**
   * Cost that counts towards the cap of a trial's run on all rows: the ledger's cost, or all of its time on a machine
   * without a price.
   */
  async meteredCost(trial: number): Promise<number> {
    const known = this.#known.get(keyOf(trial));
    if (known === undefined) return 0;
    const { spent, duration } = await this.#store.totalSpend(known.run);
    return this.#rate.isMoney ? spent : cost(this.#rate.usdPerHour, duration);
  }

  /** Cost of a trial to the search so far, including its final run. */
  async paidForTrial(trial: number): Promise<Usd> {
    const before = this.#runsOf(trial).reduce((sum, { microUsdBefore }) => sum + microUsdBefore, 0);
    return ((await this.totalCost(trial)) - before) as Usd;
  }

  /** Cost of all trials to the search. */
  async paidForAll(): Promise<Usd> {
    let sum = 0;
    for (const trial of new Set(this.trials.map((one) => one.trial))) sum += await this.paidForTrial(trial);
    return sum as Usd;
  }

  /** All runs, in the order in which they began. */
  get trials(): readonly TrialRun[] {
    return [...this.#known.values()];
  }

  #runsOf(trial: number): readonly TrialRun[] {
    return this.trials.filter((one) => one.trial === trial);
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  /** Cost on the ledger. On a machine without a price, the run's time at the search's rate. */
  async #costOf(run: string, sharedSeconds = Number.POSITIVE_INFINITY): Promise<number> {
    const { spent, duration } = await this.#store.totalSpend(run);
    if (this.#rate.isMoney) return spent;
    const shared = Math.min(duration, sharedSeconds);
    const part = rateOfShare(this.#rate, this.#parallel);
    return cost(part.usdPerHour, seconds(shared)) + cost(this.#rate.usdPerHour, seconds(duration - shared));
  }

  async #findUnrecorded(trial: number, slice?: number): Promise<string | null> {
    const runs = await this.#store.listRuns({ limit: 10 + 2 * this.#parallel });
    const isOurs = (summary: ReturnType<typeof trialOf>): boolean =>
      summary?.search === this.#folder.id && summary.trial === trial && summary.slice === slice;
    return runs.find((run) => isOurs(trialOf(run)))?.id ?? null;
  }

  async #record(run: TrialRun): Promise<void> {
    await this.#log.add([run]);
    this.#known.set(keyOf(run.trial, run.slice), run);
  }

  async #findRun(runId: string): Promise<BegunRun> {
    const { createdAt, configuration } = await this.#store.findRun(runId);
    const folder = runFolderAt(join(this.#output, "runs", runId));
    return { runId, createdAt, configuration, folder, output: this.#output };
  }
}

function keyOf(trial: number, slice?: number): string {
  return `${trial}/${slice ?? "all"}`;
}
